"""The program: read this stack's settings, build the environment, export what it is reached by."""

import pulumi

from settings import Settings
from stack import build

for name, value in vars(build(Settings.load())).items():
    pulumi.export(name, value)
