"""The drawing in Mermaid: only what its grammar has, and nothing foreign that is more than letters."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recordings import resource
from stacks import recorded

from preflight.drawing.architecture import architecture
from preflight.drawing.mermaid import mermaid
from preflight.drawing.sketch import Sketch

LABEL = r'"[A-Za-z0-9 ,./:;()%=+!?\'#<>-]*"'
GRAMMAR = [
    r"flowchart TB",
    rf" *p\d+\[{LABEL}\]",
    rf" *subgraph p\d+\[{LABEL}\]",
    r" *end",
    rf"  p\d+ (-->|-\.->)(\|{LABEL}\|)? p\d+",
    r"  classDef [a-z]+ stroke:#[0-9a-f]{6},stroke-width:3px(,stroke-dasharray:6 4)?",
    r"  class p\d+(,p\d+)* [a-z]+",
]


def holds(text: str) -> None:
    """Every line is one of the forms above, `<` begins a line break, `#` a number, and each subgraph ends."""
    lines = text.splitlines()
    for line in lines:
        assert any(re.fullmatch(form, line) for form in GRAMMAR), line
        assert re.sub(r"<br/>|-\.?->", "", line).count("<") == 0
        if "classDef" not in line:
            assert "#" not in re.sub(r"#\d+;", "", line), line
    assert sum("subgraph" in line.split() for line in lines) == sum(line.strip() == "end" for line in lines)


@pytest.mark.parametrize("case", [("dev",), ("prod", "standby=true", "standbyTraffic=10")], ids=str)
def test_the_shipped_stacks_are_drawn_in_what_the_grammar_has(case):
    holds(mermaid(architecture(recorded(*case), "us-east-1"), {}))


@given(st.text(max_size=80), st.text(max_size=40))
def test_whatever_a_name_holds_it_stays_inside_its_label(name, label):
    made = Sketch()
    home = made.place("home", name, name, role="vpc")
    made.place("inside", name, within=home, of=[resource("a")])
    made.arrow("inside", "home", label)
    holds(mermaid(made.done(), {resource("a").urn: "removed"}))


def test_what_changes_is_said_in_words_and_in_the_colour_of_its_line():
    made = Sketch()
    made.place("a", "Tasks", of=[resource("a")])
    text = mermaid(made.done(), {resource("a").urn: "added"})
    assert 'p0["Tasks (added)"]' in text
    assert "class p0 added" in text
