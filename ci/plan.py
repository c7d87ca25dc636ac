"""plan: what Pulumi itself, with its state and AWS before it, would do to a stack."""

from pathlib import Path

from ci import stack_file
from ci.fetch import ENDED, FAILED, MISSING, PLANNED
from ci.problem import Problem
from ci.pulumi import Pulumi


def plan(stack: str, out: Path, root: Path) -> None:
    """Write `plan-<stack>.txt`, and beside it how it ended, into `out`, also if it failed. Raises Problem if it did."""
    out.mkdir(parents=True, exist_ok=True)
    target, ended = out / f"plan-{stack}.txt", out / f"plan-{stack}.{ENDED}"
    pulumi = Pulumi(stack=stack, root=root)
    if not pulumi.exists():
        ended.write_text(MISSING, encoding="utf-8")
        target.write_text(f"There is no stack {stack} yet: its first deployment makes everything.\n", encoding="utf-8")
        return
    file = root / f"Pulumi.{stack}.yaml"
    text = file.read_text(encoding="utf-8")
    if stack_file.digest_in(text) is None:  # a folder is built by nobody here
        file.write_text(stack_file.with_image(text, "none"), encoding="utf-8")
    status, said = pulumi.preview()
    ended.write_text(FAILED if status else PLANNED, encoding="utf-8")
    target.write_text(said, encoding="utf-8")
    if status:
        raise Problem(f"pulumi preview of {stack} failed:\n{said}")
