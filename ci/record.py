"""record: the digest of the last good image, in the stack's file on a branch, whatever else is committed meanwhile."""

import base64

from ci import stack_file
from ci.github import Github, Refused
from ci.problem import Problem

_TRIES = 5
_CONFLICT = 409


def recorded(github: Github, stack: str, branch: str) -> str:
    """The digest that stands there now; empty while there is none."""
    text, _ = _file(github, stack, branch)
    return stack_file.digest_in(text) or ""


def record(github: Github, stack: str, digest: str, branch: str) -> None:
    """Change one line of the file as it is on the branch now. Raises Problem if the branch takes no commit."""
    stack_file.must_be_digest(digest)
    for _ in range(_TRIES):
        try:
            return _commit(github, stack, digest, branch)
        except Refused as refused:
            if refused.status != _CONFLICT:
                raise Problem(
                    f"{refused}. Let the rules of {branch} admit commits of github-actions[bot]. Until somebody "
                    f"commits `switchyard:image: {digest}` to Pulumi.{stack}.yaml, what fails goes back further"
                ) from None
    raise Problem(f"somebody else commits to {branch} all the time; run this job again")


def _commit(github: Github, stack: str, digest: str, branch: str) -> None:
    before, sha = _file(github, stack, branch)
    after = stack_file.with_image(before, digest)
    if after == before:
        return
    message = f"{stack} runs {digest[:19]}\n\nIt was deployed and answered the smoke test."
    content = base64.b64encode(after.encode()).decode()
    body = {"message": message, "content": content, "sha": sha, "branch": branch}
    github.send("PUT", _path(stack), body)


def _file(github: Github, stack: str, branch: str) -> tuple[str, str]:
    """The stack's file, and the id by which GitHub knows this very content."""
    there = github.get(_path(stack), ref=branch)
    return base64.b64decode(there["content"]).decode(), there["sha"]


def _path(stack: str) -> str:
    return f"contents/Pulumi.{stack}.yaml"
