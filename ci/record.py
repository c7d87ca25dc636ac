"""record: the digest of the last good image, in the stack's file on a branch, whatever else is committed meanwhile."""

import base64
from functools import partial

from ci import stack_file
from ci.github import Github, Refused
from ci.job import summarize
from ci.problem import Problem
from ci.push import push

_TRIES = 5
_CONFLICT = 409


def recorded(github: Github, stack: str, branch: str) -> str:
    """The digest that stands there now; empty while there is none."""
    text, _ = _file(github, stack, branch)
    return stack_file.digest_in(text) or ""


def record(github: Github, stack: str, digest: str, branch: str, key: str = "", remote: str = "") -> None:
    """Change one line of the file as it is on the branch now. Raises Problem if the branch takes no commit.

    With the private half of a deploy key it is pushed; without, committed by the job's own token, for which no rule of
    a protected branch can make an exception. `remote` is for tests.
    """
    stack_file.must_be_digest(digest)
    try:
        if key:
            where = remote or f"git@github.com:{github.repository}.git"
            change = partial(stack_file.with_image, image=digest)
            push(where, key, branch, f"Pulumi.{stack}.yaml", change, _message(stack, digest))
        else:
            _record(github, stack, digest, branch)
    except Problem as problem:
        said = (
            f"{stack} runs {digest}, and that is not written down: {problem}. Commit `switchyard:image: {digest}` to "
            f"Pulumi.{stack}.yaml: until then, what fails goes back further. docs/delivery.md says how deploy gets to "
            f"commit to {branch}"
        )
        summarize(f"**{said}.**")
        raise Problem(said) from None


def _record(github: Github, stack: str, digest: str, branch: str) -> None:
    for _ in range(_TRIES):
        try:
            return _commit(github, stack, digest, branch)
        except Refused as refused:
            if refused.status != _CONFLICT:
                raise
    raise Problem(f"somebody else commits to {branch} all the time; run this job again")


def _commit(github: Github, stack: str, digest: str, branch: str) -> None:
    before, sha = _file(github, stack, branch)
    after = stack_file.with_image(before, digest)
    if after == before:
        return
    content = base64.b64encode(after.encode()).decode()
    body = {"message": _message(stack, digest), "content": content, "sha": sha, "branch": branch}
    github.send("PUT", _path(stack), body)


def _message(stack: str, digest: str) -> str:
    """What a key pushes would be deployed again, and recorded again, without end.

    Source: https://docs.github.com/en/actions/how-tos/manage-workflow-runs/skip-workflow-runs
    """
    return f"{stack} runs {digest[:19]}\n\nIt was deployed and answered the smoke test. [skip ci]"


def _file(github: Github, stack: str, branch: str) -> tuple[str, str]:
    """The stack's file, and the id by which GitHub knows this very content."""
    there = github.get(_path(stack), ref=branch)
    return base64.b64decode(there["content"]).decode(), there["sha"]


def _path(stack: str) -> str:
    return f"contents/Pulumi.{stack}.yaml"
