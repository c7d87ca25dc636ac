"""Markdown that says what it was given: a name from a program or a stack file is never markup, a mention or a link.

GitHub reads more than Markdown into plain text: @somebody, #12, GH-12, owner/repo#12, commit hashes, :emoji:, addresses
and, where a repository defines them, references such as TICKET-12. None of it is read inside code.
"""

import html
import re

_PLAIN = re.compile(r"""[("']*[A-Za-z][A-Za-z.'-]*[)"',.;:!?]*""")
"""Words that nothing reads anything into. All others become code: what is unknown can't surprise."""
_NUMBER = re.compile(r"\(?\d[\d.,]*%?[),.;]*")
_READ_AS_MORE = re.compile(r"[0-9a-f]{7,}\W*|www\..*|--+.*|.*\.\.+|.*-\W*", re.IGNORECASE)
_BACKTICKS = re.compile(r"`+")


def code(text: str) -> str:
    """A code span that shows exactly this text, blanks and line ends as one blank each."""
    flat = " ".join(text.split()) or " "
    fence = "`" * _longer_than_any_run(flat, 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}"


def cell(text: str) -> str:
    """A code span for a cell of a table, where only a bar would end it."""
    return code(text).replace("|", "\\|")


def prose(text: str) -> str:
    """A sentence that may hold foreign names: its plain words stay text, all else becomes code."""
    words = text.split()
    shown = []
    for number, word in enumerate(words):
        is_number = bool(number) and _NUMBER.fullmatch(word)
        is_plain = _PLAIN.fullmatch(word) and not _READ_AS_MORE.fullmatch(word.strip("(\"'"))
        shown.append(word if is_number or is_plain else _as_code(word))
    return " ".join(shown)


def _as_code(word: str) -> str:
    """The word in code, the punctuation of the sentence around it outside."""
    body = word.rstrip(".,;:)")
    if not body:
        return code(word)
    tail = word[len(body) :]
    opening = "(" if body.startswith("(") and len(body) > 1 else ""
    return f"{opening}{code(body[len(opening) :])}{tail}"


def block(text: str, language: str = "") -> str:
    """A fenced block, whatever is in it."""
    fence = "`" * _longer_than_any_run(text, 3)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def summary(text: str) -> str:
    """Foreign text for a `<summary>`: HTML, on one line, that GitHub reads nothing into."""
    return f"<code>{html.escape(' '.join(text.split()))}</code>"


def _longer_than_any_run(text: str, least: int) -> int:
    return max([least, *(len(run) + 1 for run in _BACKTICKS.findall(text))])
