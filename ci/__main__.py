"""`python -m ci <command>`: one step of a workflow.

What runs with a token that may write needs nothing but Python itself; the others need the project's packages. Exit
status: 0 fine; 1 it went wrong, with the reason on stderr; 2 bad usage.
"""
# ruff: noqa: PLC0415 - a command imports what it alone needs

import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ci.problem import Problem

ROOT = Path(__file__).parents[1]
Run = Callable[[Namespace], None]


def parser() -> ArgumentParser:
    """What may stand on the command line."""
    parser = ArgumentParser(prog="python -m ci", description="One step of a workflow.")
    commands = parser.add_subparsers(required=True, metavar="<command>")
    groups: dict[str, Any] = {"": commands}
    for name, run, says, options in COMMANDS:
        group, _, command = name.rpartition(" ")
        if group not in groups:
            groups[group] = commands.add_parser(group, help=GROUPS[group]).add_subparsers(
                required=True, metavar="<command>"
            )
        added = groups[group].add_parser(command, help=says, description=says)
        added.set_defaults(run=run)
        for flag, given in options.items():
            added.add_argument(flag, **given)
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run one command."""
    chosen = parser().parse_args(arguments)
    try:
        chosen.run(chosen)
    except Problem as problem:
        print(f"ci: {problem}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _stacks(given: Namespace) -> None:  # noqa: ARG001 - all of them
    from ci.job import tell
    from ci.stack_file import stacks

    tell("stacks", stacks(ROOT))


def _build(given: Namespace) -> None:
    from ci.build import build
    from ci.job import tell

    tell("digest", build(given.folder, given.out, ROOT))


def _good(given: Namespace) -> None:
    from ci.github import Github
    from ci.job import tell
    from ci.record import recorded

    tell("digest", recorded(Github.from_environment(), given.stack, given.branch))


def _overtaken(given: Namespace) -> None:
    from ci.github import Github
    from ci.overtaken import must_not_be_overtaken

    must_not_be_overtaken(Github.from_environment(), given.stack, given.commit)


def _deploy(given: Namespace) -> None:
    from ci.deploy import Deployment, deploy
    from ci.job import tell

    chosen = {key: getattr(given, key) for key in ("stack", "digest", "archive", "last_good")}
    tell("url", deploy(Deployment(**chosen, root=ROOT)))


def _record(given: Namespace) -> None:
    from ci.github import Github
    from ci.record import record

    key = os.environ.get("RECORD_KEY", "")
    record(Github.from_environment(), given.stack, given.digest, given.branch, key)


def _plan(given: Namespace) -> None:
    from ci.plan import plan

    plan(given.stack, given.out, ROOT)


def _fetch(given: Namespace) -> None:
    from ci.fetch import fetch
    from ci.github import Github
    from ci.job import event, tell

    tell("pull_request", fetch(Github.from_environment(), event(), given.folder))


def _render(given: Namespace) -> None:
    from ci.comment import render

    render(given.folder)


def _post(given: Namespace) -> None:
    from ci.github import Github
    from ci.post import post

    post(Github.from_environment(), given.number, (given.folder / "comment.md").read_text(encoding="utf-8"))


def _decide(given: Namespace) -> None:  # noqa: ARG001 - the event is in the environment
    from ci.decide import decide
    from ci.job import event, tell

    tell("action", decide(event()))


def _up(given: Namespace) -> None:
    from ci.job import tell
    from ci.review import up

    tell("url", up(given.number, given.digest, given.archive, ROOT))


def _down(given: Namespace) -> None:
    from ci.review import down

    down(given.number, ROOT)


def _say(given: Namespace) -> None:
    from ci.github import Github
    from ci.review_comment import say

    say(Github.from_environment(), given.number, given.action, given.result, given.url)


def _sweep(given: Namespace) -> None:
    from ci.github import Github
    from ci.job import tell
    from ci.sweep import sweep

    tell("numbers", sweep(Github.from_environment(), given.days, ROOT))


def _look(given: Namespace) -> None:
    from ci.drift import look

    look(given.stack, given.out, ROOT)


def _tell(given: Namespace) -> None:
    from ci.drift_issue import tell
    from ci.github import Github

    tell(Github.from_environment(), given.stack, given.found)


def _delegation(given: Namespace) -> None:
    from ci.delegation import check

    check(given.zone)


_STACK, _DIGEST = {"stack": {}}, {"digest": {"help": "sha256:<64 hex>"}}
_NUMBER = {"number": {"type": int, "help": "of the pull request"}}
_FOLDER = {"folder": {"type": Path}}
_BRANCH = {"--branch": {"required": True}}
_OUT = {"--out": {"type": Path, "required": True, "metavar": "DIR"}}
_LAST_GOOD = {"metavar": "DIGEST", "help": "where to go back to; default: the digest in the stack's file, if any"}
_ARCHIVE = {"type": Path, "metavar": "FILE", "help": "OCI archive with the image; without, it is in the registry"}
GROUPS = {
    "comment": "the one comment that says what a pull request would do",
    "review": "the environments of pull requests",
    "drift": "what somebody changed past Pulumi",
}
COMMANDS: Sequence[tuple[str, Run, str, dict[str, dict[str, Any]]]] = (
    ("stacks", _stacks, "the stacks that have a file, as JSON", {}),
    ("build", _build, "build a folder for both topologies, once; the image's digest", {**_FOLDER, **_OUT}),
    ("good", _good, "the digest that was good last: the one in the stack's file on a branch", {**_STACK, **_BRANCH}),
    ("overtaken", _overtaken, "fail if a stack was deployed from a newer commit", {**_STACK, "commit": {}}),
    (
        "deploy",
        _deploy,
        "deploy an image, try it, go back if it fails",
        {**_STACK, **_DIGEST, "--archive": _ARCHIVE, "--last-good": _LAST_GOOD},
    ),
    ("record", _record, "commit a good digest to the stack's file", {**_STACK, **_DIGEST, **_BRANCH}),
    ("plan", _plan, "what Pulumi itself would do to a stack", {**_STACK, **_OUT}),
    ("comment fetch", _fetch, "the pull request of a run, and what its runs left for it", _FOLDER),
    ("comment render", _render, "make the comment of what was fetched", _FOLDER),
    ("comment post", _post, "post or update it", {**_NUMBER, **_FOLDER}),
    ("review decide", _decide, "what the event means for the environment of its pull request", {}),
    (
        "review up",
        _up,
        "make or update the environment of a pull request",
        {**_NUMBER, **_DIGEST, "--archive": {**_ARCHIVE, "required": True}},
    ),
    ("review down", _down, "destroy it, if it is there", _NUMBER),
    (
        "review say",
        _say,
        "tell the pull request",
        {
            **_NUMBER,
            "action": {"choices": ["up", "down", "expired"]},
            "result": {"help": "how the job that did it ended: success, or anything else"},
            "--url": {"default": ""},
        },
    ),
    (
        "review sweep",
        _sweep,
        "list what is closed, unlabelled, or has outlived its time, as JSON",
        {"--days": {"type": int, "required": True, "help": "that an environment lives after its last update"}},
    ),
    ("drift look", _look, "compare a stack with AWS, and write down what differs", {**_STACK, **_OUT}),
    (
        "drift tell",
        _tell,
        "open, update or close the one issue of a stack",
        {**_STACK, "--found": {"type": Path, "required": True, "metavar": "FILE"}},
    ),
    ("delegation", _delegation, "whether the world asks a zone's own servers for it", {"zone": {}}),
)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
