"""The policy pack: `pulumi preview --policy-pack policies`.

The engine starts this file in this folder, and talks to it until it is done; PolicyPack does not return.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the engine knows only this folder

from pulumi_policy import PolicyPack

from policies.pack import pack_policies

PolicyPack("switchyard", pack_policies())
