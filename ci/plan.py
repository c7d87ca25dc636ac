"""plan: what Pulumi itself, with its state and AWS before it, would do to a stack."""

from pathlib import Path

from ci import stack_file
from ci.problem import Problem
from ci.pulumi import Pulumi


def plan(stack: str, out: Path, root: Path) -> None:
    """Write `plan-<stack>.txt` into `out`, also if it failed. Raises Problem if it did."""
    out.mkdir(parents=True, exist_ok=True)
    target = out / f"plan-{stack}.txt"
    pulumi = Pulumi(stack=stack, root=root)
    if not pulumi.exists():
        target.write_text(f"There is no stack {stack} yet: its first deployment makes everything.\n", encoding="utf-8")
        return
    file = root / f"Pulumi.{stack}.yaml"
    text = file.read_text(encoding="utf-8")
    if stack_file.digest_in(text) is None:  # a folder is built by nobody here
        file.write_text(stack_file.with_image(text, "none"), encoding="utf-8")
    status, said = pulumi.preview()
    target.write_text(said, encoding="utf-8")
    if status:
        raise Problem(f"pulumi preview of {stack} failed:\n{said}")
