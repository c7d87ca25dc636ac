"""A project's folder with a stack, and the programs that deploy it, all of them stand-ins that a test can make fail."""

import json
from pathlib import Path

from fakes import Programs

REPOSITORY_URL = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/repository-1a2b3c4"
URL = "https://d111111abcdef8.cloudfront.net"
GOOD, NEW = "sha256:" + "a" * 64, "sha256:" + "b" * 64

PULUMI = """
cd {state}
case "$1 $2" in
  "stack --show-name")
    for last; do :; done
    [ ! -e sealed ] || {{ echo "error: AccessDenied" >&2; exit 255; }}
    grep -qx "$last" stacks || {{ echo "error: no stack named '$last' found" >&2; exit 255; }} ;;
  "stack output") cat outputs ;;
  "stack init") echo "$3" > stacks; echo '{{}}' > outputs ;;
  "stack rm") : > stacks ;;
  "destroy --yes") [ ! -e stuck ] ;;
  "preview --diff") cat preview; exit $(cat status) ;;
  "refresh --preview-only") cat preview; exit $(cat status) ;;
  "up --yes")
    for last; do :; done
    image=$(sed -n 's/^ *switchyard:image: *\\([^ ]*\\).*/\\1/p' {root}/Pulumi.$last.yaml)
    echo "$image" >> ups
    grep -q "^$image$" broken 2>/dev/null && exit 1
    if [ "$image" = none ]; then url= ; else url={url}; fi
    echo '{{"repository_url": "{repository}", "url": "'"$url"'"}}' > outputs ;;
esac
"""
SMOKE = """
import pathlib, sys
state = pathlib.Path({state!r})
image = (state / "ups").read_text().split()[-1]
(state / "smokes").open("a").write(f"{{sys.argv[1]}} {{image}}\\n")
ill = state / "ill"
sys.exit(1 if ill.exists() and image in ill.read_text().split() else 0)
"""


class Project:
    """A folder with one stack, deployed already with GOOD, or not yet."""

    def __init__(self, folder: Path, programs: Programs, *, stack: str = "dev", deployed: bool = True) -> None:
        self.root, self.state, self.programs = folder / "project", folder / "pulumi", programs
        self.root.mkdir()
        self.state.mkdir()
        self.stack = stack
        image = GOOD if deployed else "app"
        self.file.write_text(f"config:\n  aws:region: eu-west-1\n  switchyard:image: {image} # CI\n")
        self.has_stacks(stack)
        self.tell("outputs", {"repository_url": REPOSITORY_URL, "url": URL} if deployed else {})
        script = PULUMI.format(state=self.state, root=self.root, url=URL, repository=REPOSITORY_URL)
        programs.add("pulumi", script)
        programs.add("aws", "echo the-password")
        programs.add("skopeo", f'[ "$1" != login ] || cat > {self.state}/stdin; [ ! -e {self.state}/no-$1 ]')
        (self.root / "smoke").mkdir()
        (self.root / "smoke" / "__main__.py").write_text(SMOKE.format(state=str(self.state)))

    @property
    def file(self) -> Path:
        return self.root / f"Pulumi.{self.stack}.yaml"

    def tell(self, name: str, value: object) -> None:
        """What Pulumi will answer, as JSON; text as it is."""
        text = value if isinstance(value, str) else json.dumps(value)
        (self.state / name).write_text(text)

    def has_stacks(self, *names: str) -> None:
        """The backend knows these stacks."""
        self.tell("stacks", "".join(f"{each}\n" for each in names))

    def breaks(self, *images: str) -> None:
        """Updates to these images fail."""
        self.tell("broken", "\n".join(images) + "\n")

    def is_ill_with(self, *images: str) -> None:
        """The smoke test of these images fails."""
        self.tell("ill", " ".join(images))

    def lines(self, name: str) -> list[str]:
        path = self.state / name
        return path.read_text().splitlines() if path.exists() else []

    @property
    def ups(self) -> list[str]:
        """The image of each update, in order."""
        return self.lines("ups")
