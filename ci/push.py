"""push: one file of a branch changed by a deploy key, which the rules of a protected branch can let in."""

import shlex
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from ci.command import ask, listen
from ci.problem import Problem

# Source: https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/githubs-ssh-key-fingerprints
_HOST = "github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\n"
_WHO = ("-c", "user.name=github-actions[bot]", "-c", "user.email=github-actions[bot]@users.noreply.github.com")
_TRIES = 5
_OVERTAKEN = ("fetch first", "non-fast-forward", "cannot lock ref")


def push(remote: str, key: str, branch: str, file: str, change: Callable[[str], str], message: str) -> None:
    """Commit what `change` makes of the file as it is on the branch now; nothing if that is the same.

    Raises Problem if the branch takes no commit.
    """
    for _ in range(_TRIES):
        with TemporaryDirectory() as home:
            said = _push(Path(home), remote, key, branch, file, change, message)
        if not any(each in said for each in _OVERTAKEN):
            if said:
                raise Problem(f"{branch} takes no commit by the deploy key: {said.strip().splitlines()[-1]}")
            return
    raise Problem(f"somebody else commits to {branch} all the time; run this job again")


def _push(home: Path, remote: str, key: str, branch: str, file: str, change: Callable[[str], str], message: str) -> str:
    """What git said if the push failed; otherwise nothing."""
    secret, hosts, tree = home / "key", home / "hosts", home / "tree"
    secret.touch(0o600)
    secret.write_text(f"{key.strip()}\n", encoding="utf-8")
    hosts.write_text(_HOST, encoding="utf-8")
    options = ("IdentitiesOnly=yes", "StrictHostKeyChecking=yes", f"UserKnownHostsFile={hosts}")
    ssh = shlex.join(["ssh", "-i", str(secret), *(word for each in options for word in ("-o", each))])
    ask("git", "-c", f"core.sshCommand={ssh}", "clone", "-q", "--depth=1", "-b", branch, remote, str(tree), root=home)
    before = (tree / file).read_text(encoding="utf-8")
    after = change(before)
    if after == before:
        return ""
    (tree / file).write_text(after, encoding="utf-8")
    ask("git", *_WHO, "commit", "-q", "-m", message, "--", file, root=tree)
    status, said = listen("git", "-c", f"core.sshCommand={ssh}", "push", "-q", "origin", f"HEAD:{branch}", root=tree)
    return said or f"exit status {status}" if status else ""
