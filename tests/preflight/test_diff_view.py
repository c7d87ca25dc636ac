"""The view of a difference: values in words, long ones cut, secrets never."""

from io import StringIO

import pytest
from rich.console import Console

from preflight.diff_command import Told
from preflight.diff_view import show_difference, summary
from preflight.difference import RENEWED, Change, Difference
from preflight.leaves import ABSENT, PropertyChange
from preflight.recording import SECRET, UNKNOWN
from preflight.values import changed_lines, value
from preflight.values import shown as in_words


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


def told(path, before, after, longest=100):
    change = PropertyChange(path=path, before=before, after=after)
    return [(each.path, each.was, each.now) for each in in_words([change], longest)]


def test_of_long_texts_that_differ_in_the_middle_the_middle_is_told():
    ((_, was, now),) = told("x", "a" * 300 + "old" + "b" * 300, "a" * 300 + "new" + "b" * 300)
    assert was == f'… "{"a" * 20}old{"b" * 20}" …'
    assert now == f'… "{"a" * 20}new{"b" * 20}" …'
    ((_, was, now),) = told("x", "a" * 300, "a" * 301)
    assert was != now


def test_an_object_that_comes_or_goes_is_told_to_the_last_property():
    whole = {"name": "n" * 60, "inner": {"deep": ["a", {"b": "c" * 60}]}, "policy": '{"Action": ["s3:Get"]}'}
    paths = ["x.name", "x.inner.deep[0]", "x.inner.deep[1].b", "x.policy.Action"]
    assert [path for path, _, _ in told("x", ABSENT, whole)] == paths
    assert {was for _, was, _ in told("x", ABSENT, whole)} == {None}
    assert {now for _, _, now in told("x", whole, ABSENT)} == {None}
    assert told("x", ABSENT, {"a": 1, "b": 2}) == [("x", None, '{"a": 1, "b": 2}')]


def test_of_a_list_only_what_it_gains_and_loses_is_told():
    change = PropertyChange(path="methods", before=["GET", "PUT", "PATCH"], after=["GET", "POST"])
    (each,) = in_words([change])
    assert (each.was, each.now, each.is_list) == ('"PUT", "PATCH"', '"POST"', True)
    assert told("order", ["a", "b"], ["b", "a"]) == [("order", '["a", "b"]', '["b", "a"]')]


def test_a_file_is_told_by_its_path_and_what_it_holds():
    assert value({"$asset": {"path": "a.py", "hash": "0123456789abcdef"}}) == "[a.py, SHA-256 0123456789ab]"


def shown(*changes: Change, width: int = 80) -> str:
    console = Console(width=width, color_system=None, file=StringIO())
    found = Difference(changes=changes, outputs=())
    told = Told(
        against="itself",
        found=found,
        dangers=("Bucket files is removed.",),
        goes_along=("the logs of app",),
        notes=("prod is new.",),
    )
    show_difference("dev", told, console)
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
    assert lines[1:3] == ["1 replaced", "!! Bucket files is removed."]
    assert lines[3:5] == ["- Goes with it: the logs of app.", "! prod is new."]
    assert lines[5] == "Ids and addresses that only AWS knows are made up."
    assert "  ± s3.Bucket files  replaced, for bucket" in lines
    assert '      bucket: "a" -> "b"' in lines
    assert all(len(line) <= width for line in lines)


def test_a_difference_is_summed_up_by_kind():
    assert summary(Difference(changes=(CHANGE,), outputs=())) == "1 replaced"
    assert summary(Difference(changes=(), outputs=())) == "nothing changes"
    outputs = (PropertyChange(path="url", before="a", after="b"),)
    assert summary(Difference(changes=(), outputs=outputs)) == "only outputs change"
