"""Delivery: the workflows' own commands, and a person's, on the genuine engine.

`pulumi` on the PATH is the bench's CLI, which runs the program where the bench does; AWS's and skopeo's are stand-ins.
"""

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from engine.bench import Bench
from fakes import Programs

from ci.deploy import Deployment, deploy

FUNCTION = "aws:lambda/function:Function"
# A person answers yes where the CLI asks, and reads the preview; a rehearsal leaves that out.
PULUMI = """
case "$1 $*" in
  preview*|*--preview-only*) run= ;;
  up*|refresh*|destroy*) run="--yes --skip-preview" ;;
  *) exec {cli} --non-interactive --color never "$@" ;;
esac
exec {cli} --non-interactive --color never "$@" $run --client 127.0.0.1:{port} --exec-kind auto.inline
"""
SMOKE = """
import pathlib, sys
text = pathlib.Path(f"Pulumi.{{sys.argv[1]}}.yaml").read_text()
(image,) = [line.split()[1] for line in text.splitlines() if "switchyard:image:" in line]
sys.exit(1 if image in pathlib.Path({ill!r}).read_text().split() else 0)
"""


class Delivery:
    """A bench, and how a job of a workflow deploys its stack. Made by `delivering`."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.root = bench, bench.work
        self.programs = Programs(bench.folder / "programs")
        self.programs.add("pulumi", PULUMI.format(cli=shlex.quote(bench.cli), port=bench._port))
        self.programs.add("aws", "echo the-password")
        self.programs.add("skopeo", '[ "$1" != login ] || cat > /dev/null')
        self._ill = bench.folder / "ill"
        self.is_ill_with()
        (self.root / "smoke" / "__main__.py").write_text(SMOKE.format(ill=str(self._ill)))

    def is_ill_with(self, *images: str) -> None:
        """The smoke test of these images fails."""
        self._ill.write_text(" ".join(images))

    def deploy(self, digest: str, *, archive: str = "", last_good: str | None = None) -> str:
        """`python -m ci deploy`. Raises Problem as it does."""
        path = Path(archive) if archive else None
        return deploy(
            Deployment(stack=self.bench.stack, digest=digest, archive=path, root=self.root, last_good=last_good)
        )

    @property
    def runs(self) -> str:
        """The digest that viewers get: the function's image."""
        (uri,) = {each.outputs["imageUri"] for each in self.bench.cloud.of_type(FUNCTION) if "imageUri" in each.outputs}
        return uri.partition("@")[2]


@contextmanager
def delivering(stack: str, *overrides: str) -> Iterator[Delivery]:
    """A stack that nobody deployed yet, and the environment of a job that will."""
    with Bench(stack, *overrides, checkpoints=True) as bench, pytest.MonkeyPatch.context() as patch:
        delivery = Delivery(bench)
        for name in set(os.environ) - set(bench._environment):
            patch.delenv(name)
        for name, value in bench._environment.items():
            patch.setenv(name, value)
        patch.setenv("PATH", f"{delivery.programs.folder}:{os.environ['PATH']}")
        yield delivery
