"""`python -m bench.services STACK...` prints the parts of pulumi_aws that these stacks' programs make Python load."""

import re
import sys
from pathlib import Path

from preflight.recorder import record_stack
from preflight.stackfile import load

for stack in sys.argv[1:]:
    record_stack(load(Path.cwd(), stack))
# A part that has not been looked into is a lone, still lazy module; one that has, brings modules of its own.
loaded = {found[1] for found in map(re.compile(r"pulumi_aws\.(\w+)\.").match, sys.modules) if found}
sys.stdout.write(" ".join(sorted(loaded)))
