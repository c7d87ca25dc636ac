"""`python -m ci <command>`: one step of a workflow.

What runs with a token that may write needs nothing but Python itself; the others need the project's packages. Exit
status: 0 fine; 1 it went wrong, with the reason on stderr; 2 bad usage.
"""
# ruff: noqa: PLC0415

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from ci.problem import Problem

ROOT = Path(__file__).parents[1]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m ci", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="<command>")

    def command(name: str, run: Callable[[argparse.Namespace], None], says: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=says, description=says)
        added.set_defaults(run=run)
        return added

    image = command("image", _image, "the digest of the image in an OCI archive, if both topologies can run it")
    image.add_argument("archive", type=Path)

    deploy = command("deploy", _deploy, "deploy an image, try it, and go back to the last good one if it fails")
    deploy.add_argument("stack")
    deploy.add_argument("digest")
    deploy.add_argument("--archive", type=Path, help="where the image is; without, it must be in the registry already")

    record = command("record", _record, "commit the digest of an image that is good to the stack's file")
    record.add_argument("stack")
    record.add_argument("digest")
    record.add_argument("--branch", required=True)

    plan = command("plan", _plan, "what Pulumi itself would do to a stack, written to a folder")
    plan.add_argument("stack")
    plan.add_argument("--out", type=Path, required=True)

    comment = commands.add_parser("comment", help="the one comment on a pull request").add_subparsers(required=True)
    for name, run, says in (
        ("fetch", _comment_fetch, "find the pull request of a workflow run, and what its runs left for it"),
        ("render", _comment_render, "make the comment of what was fetched"),
        ("post", _comment_post, "post or update it"),
    ):
        added = comment.add_parser(name, help=says, description=says)
        added.set_defaults(run=run)
        added.add_argument("folder", type=Path)

    review = commands.add_parser("review", help="environments of pull requests").add_subparsers(required=True)
    for name, run, says in (
        ("up", _review_up, "make or update the environment of a pull request"),
        ("down", _review_down, "destroy it, if it is there"),
        ("say", _review_say, "tell the pull request"),
    ):
        added = review.add_parser(name, help=says, description=says)
        added.set_defaults(run=run)
        added.add_argument("number", type=int)
        if name == "up":
            added.add_argument("digest")
            added.add_argument("--archive", type=Path, required=True)
        if name == "say":
            added.add_argument("state", choices=["up", "failed", "down", "expired"])
            added.add_argument("--url", default="")
    sweep = review.add_parser("sweep", help="list what has outlived its time, as JSON")
    sweep.set_defaults(run=_review_sweep)
    sweep.add_argument("--days", type=int, required=True, help="how long after its last update an environment lives")

    drift = commands.add_parser("drift", help="what somebody changed by hand").add_subparsers(required=True)
    look = drift.add_parser("look", help="compare a stack with AWS, and write down what differs")
    look.set_defaults(run=_drift_look)
    look.add_argument("stack")
    look.add_argument("--out", type=Path, required=True)
    tell = drift.add_parser("tell", help="open, update or close the one issue of a stack")
    tell.set_defaults(run=_drift_tell)
    tell.add_argument("stack")
    tell.add_argument("--found", type=Path, required=True)

    delegation = command("delegation", _delegation, "whether the world asks a zone's own servers for it")
    delegation.add_argument("zone")

    chosen = parser.parse_args(arguments)
    try:
        chosen.run(chosen)
    except Problem as problem:
        print(f"ci: {problem}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _image(given: argparse.Namespace) -> None:
    from ci.image import digest_of
    from ci.job import tell

    tell("digest", digest_of(given.archive))


def _deploy(given: argparse.Namespace) -> None:
    from ci.deploy import Deployment, deploy
    from ci.job import tell

    url = deploy(Deployment(stack=given.stack, digest=given.digest, archive=given.archive, root=ROOT))
    tell("url", url)


def _record(given: argparse.Namespace) -> None:
    from ci.github import Github
    from ci.record import record

    record(Github.from_environment(), given.stack, given.digest, given.branch)


def _plan(given: argparse.Namespace) -> None:
    from ci.plan import plan

    plan(given.stack, given.out, ROOT)


def _comment_fetch(given: argparse.Namespace) -> None:
    from ci.fetch import fetch
    from ci.github import Github
    from ci.job import event, tell

    tell("pull_request", fetch(Github.from_environment(), event(), given.folder))


def _comment_render(given: argparse.Namespace) -> None:
    from ci.comment import render

    render(given.folder)


def _comment_post(given: argparse.Namespace) -> None:
    from ci.fetch import Fetched
    from ci.github import Github
    from ci.post import post

    fetched = Fetched.read(given.folder)
    post(Github.from_environment(), fetched.pull_request, (given.folder / "comment.md").read_text(encoding="utf-8"))


def _review_up(given: argparse.Namespace) -> None:
    from ci.job import tell
    from ci.review import up

    tell("url", up(given.number, given.digest, given.archive, ROOT))


def _review_down(given: argparse.Namespace) -> None:
    from ci.review import down

    down(given.number, ROOT)


def _review_say(given: argparse.Namespace) -> None:
    from ci.github import Github
    from ci.review_comment import say

    say(Github.from_environment(), given.number, given.state, given.url)


def _review_sweep(given: argparse.Namespace) -> None:
    from ci.github import Github
    from ci.job import tell
    from ci.sweep import sweep

    tell("numbers", sweep(Github.from_environment(), given.days, ROOT))


def _drift_look(given: argparse.Namespace) -> None:
    from ci.drift import look

    look(given.stack, given.out, ROOT)


def _drift_tell(given: argparse.Namespace) -> None:
    from ci.drift_issue import tell
    from ci.github import Github

    tell(Github.from_environment(), given.stack, given.found)


def _delegation(given: argparse.Namespace) -> None:
    from ci.delegation import check

    check(given.zone)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
