"""The floor under a preview: `python -m bench.floor SERVICE...` imports pulumi and these parts of pulumi_aws only."""

import sys

import pulumi_aws

for service in sys.argv[1:]:
    # A part is a lazy module, which loads when something in it is asked for; this is in all of them.
    _ = getattr(pulumi_aws, service)._utilities
