"""look: what AWS has otherwise than the state says. With a role that only looks; nothing is written down there."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ci.problem import Problem
from ci.pulumi import NO_CHANGES_EXPECTED, Pulumi


@dataclass(frozen=True, kw_only=True)
class Look:
    """What was found, and when the look began."""

    began: str
    differs: bool | None
    """None where there is no such stack: nothing is known of it."""
    said: str

    @classmethod
    def read(cls, path: Path) -> "Look":
        return cls(**json.loads(path.read_text(encoding="utf-8")))


def look(stack: str, out: Path, root: Path) -> None:
    """Write `drift-<stack>.json`. Raises Problem if it can't be told."""
    pulumi = Pulumi(stack=stack, root=root)
    began = datetime.now(UTC).isoformat(timespec="seconds")
    found = Look(began=began, differs=None, said=f"there is no stack {stack}")
    if pulumi.exists():
        status, said = pulumi.drift()
        if status not in (0, NO_CHANGES_EXPECTED):
            raise Problem(f"{stack} could not be compared with AWS:\n{said}")
        found = Look(began=began, differs=status == NO_CHANGES_EXPECTED, said=said)
    out.mkdir(parents=True, exist_ok=True)
    (out / f"drift-{stack}.json").write_text(json.dumps(asdict(found)), encoding="utf-8")
