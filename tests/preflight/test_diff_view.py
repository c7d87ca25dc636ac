"""The view of a difference: values in words, long ones cut, secrets never."""

from io import StringIO

import pytest
from rich.console import Console

from preflight.diff_view import changed_lines, show_difference, summary, value
from preflight.difference import RENEWED, Change, Difference
from preflight.leaves import PropertyChange
from preflight.recording import SECRET, UNKNOWN


@pytest.mark.parametrize(
    ("what", "text"),
    [
        (SECRET, "[secret]"),
        (UNKNOWN, "[known only to AWS]"),
        (RENEWED, "[new]"),
        ("a", '"a"'),
        (14, "14"),
        (None, "null"),
        ([{"value": SECRET}, "é"], '[{"value": "[secret]"}, "é"]'),
    ],
)
def test_a_value_is_told_in_words(what, text):
    assert value(what) == text


def test_a_long_value_is_cut_in_the_middle():
    text = value("a" * 500 + "end")
    assert len(text) < 100
    assert text.endswith('end"')
    assert " … " in text


def test_of_long_texts_only_the_lines_that_change_are_told():
    before = "\n".join(["same", *(f"old {n}" for n in range(20))])
    assert changed_lines("a\nb", "a\nc") == ["-b", "+c"]
    lines = changed_lines(before, "same\n")
    assert lines[-1] == "... and 8 more lines"
    assert changed_lines("one line", "another") == []


def shown(*changes: Change, width: int = 80) -> str:
    console = Console(width=width, color_system=None, file=StringIO())
    found = Difference(changes=changes, outputs=())
    show_difference("dev", "itself", found, ("Bucket files is removed.",), ("prod is new.",), console)
    return console.file.getvalue()


CHANGE = Change(
    kind="replaced",
    urn="urn:pulumi:dev::p::aws:s3/bucket:Bucket::files",
    type="aws:s3/bucket:Bucket",
    name="files",
    protected=False,
    components=("Site site",),
    properties=(PropertyChange(path="bucket", before="a", after="b"),),
    forced_by=("bucket",),
)


@pytest.mark.parametrize("width", [80, 120])
def test_danger_is_first_and_a_replacement_says_why(width):
    lines = shown(CHANGE, width=width).splitlines()
    assert lines[0].startswith("dev  against itself")
    assert lines[1:4] == ["1 replaced", "!! Bucket files is removed.", "! prod is new."]
    assert "  ± s3.Bucket files  replaced, for bucket" in lines
    assert '      bucket: "a" -> "b"' in lines
    assert all(len(line) <= width for line in lines)


def test_a_difference_is_summed_up_by_kind():
    assert summary(Difference(changes=(CHANGE,), outputs=())) == "1 replaced"
    assert summary(Difference(changes=(), outputs=())) == "nothing changes"
    outputs = (PropertyChange(path="url", before="a", after="b"),)
    assert summary(Difference(changes=(), outputs=outputs)) == "only outputs change"
