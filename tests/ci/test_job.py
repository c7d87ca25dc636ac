"""Outputs: a value stays a value, whatever is in it."""

import pytest

from ci.job import event, summarize, tell
from ci.problem import Problem


def outputs(text: str) -> dict[str, str]:
    """As GitHub reads the file: name<<fence, lines, fence."""
    found, lines = {}, iter(text.splitlines())
    for line in lines:
        name, _, fence = line.partition("<<")
        value = []
        for each in lines:
            if each == fence:
                break
            value.append(each)
        found[name] = "\n".join(value)
    return found


@pytest.mark.parametrize("value", ["plain", "two\nlines", "url=https://evil\ndigest<<EOF\nsha256:0\nEOF", "", "a=b"])
def test_a_value_can_not_become_another_output(tmp_path, monkeypatch, value):
    path = tmp_path / "output"
    monkeypatch.setenv("GITHUB_OUTPUT", str(path))
    tell("url", value)
    tell("numbers", [1, 2])
    assert outputs(path.read_text()) == {"url": value, "numbers": "[1, 2]"}


def test_outside_of_a_workflow_it_is_printed(capsys):
    tell("digest", "sha256:0")
    summarize("nothing")
    assert capsys.readouterr().out == "sha256:0\n"


def test_the_summary_is_added_to(tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    summarize("one")
    summarize("two")
    assert (tmp_path / "summary").read_text() == "one\ntwo\n"


def test_an_event_is_read_and_its_lack_told(tmp_path, monkeypatch):
    with pytest.raises(Problem, match="GITHUB_EVENT_PATH is not set"):
        event()
    (tmp_path / "event").write_text('{"a": 1}')
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(tmp_path / "event"))
    assert event() == {"a": 1}
