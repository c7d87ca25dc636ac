"""Target: the URL and the token of a deployed stack, as the Pulumi CLI tells them."""

import json
import subprocess
from pathlib import Path


class NoTarget(Exception):
    """It can't be told where the stack is; the message says what to do."""


OTHERWISE = "or give the URL by --url, and the token in an environment variable (--token-env)"


def outputs_of(stack: str, root: Path) -> tuple[str, str]:
    """The stack's url and smoke_token, the latter empty without a standby. Raises NoTarget."""
    command = ["pulumi", "stack", "output", "--json", "--show-secrets", "--stack", stack]
    try:
        run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError as error:
        raise NoTarget(f"the Pulumi CLI can't be run ({error.strerror}): install it, {OTHERWISE}") from error
    if run.returncode:
        said = run.stderr.strip().splitlines()
        raise NoTarget(f"pulumi stack output failed: {said[-1] if said else run.returncode}. Mend that, {OTHERWISE}")
    try:
        outputs = dict(json.loads(run.stdout))
    except (ValueError, TypeError):  # what it printed may hold the token
        raise NoTarget(f"pulumi stack output printed no JSON object. Update the Pulumi CLI, {OTHERWISE}") from None
    if not outputs.get("url"):
        raise NoTarget(f"the stack {stack} has no url yet: pulumi up -s {stack}, {OTHERWISE}")
    return outputs["url"], outputs.get("smoke_token", "")
