"""Stack files: which there are, and the image in one, as text, so that comments and order stay as they are."""

import re
from pathlib import Path

from ci.problem import Problem

DIGEST = r"sha256:[0-9a-f]{64}"
_IMAGE = re.compile(
    r"^(?P<key> +switchyard:image:[ \t]*)(?P<value>[^#\n]*?)(?P<rest>[ \t]*(?:#[^\n]*)?)$", re.MULTILINE
)


def stacks(root: Path) -> list[str]:
    """The stacks that have a file, in alphabetical order. preflight's `stack_names` needs more than Python."""
    return sorted(path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in root.glob("Pulumi.*.yaml"))


def digest_in(text: str) -> str | None:
    """The digest that the file names; None while it names a folder, or nothing."""
    value = _line(text)["value"].strip("\"'")
    return value if re.fullmatch(DIGEST, value) else None


def with_image(text: str, image: str) -> str:
    """The file with another image, `none` or a digest, and nothing else changed."""
    line = _line(text)
    return text[: line.start()] + line["key"] + image + line["rest"] + text[line.end() :]


def must_be_digest(text: str) -> str:
    """The digest itself. Raises Problem if it is none."""
    if not re.fullmatch(DIGEST, text):
        raise Problem(f"a digest is sha256: and 64 hex digits, got {text!r}")
    return text


def _line(text: str) -> re.Match[str]:
    found = list(_IMAGE.finditer(text))
    if len(found) != 1:
        raise Problem(f"the stack file must have one line `switchyard:image:`, it has {len(found)}")
    return found[0]
