"""The program: read this account's settings, build what must be there before the first stack, export it."""

import sys
from pathlib import Path

import pulumi

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the components lie beside this folder

from bootstrap.account import build
from bootstrap.settings import Settings

for name, value in vars(build(Settings.load())).items():
    pulumi.export(name, value)
