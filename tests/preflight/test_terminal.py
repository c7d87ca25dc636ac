"""The terminal view: what it says, that it fits, and that the program's text is never taken for markup."""

import io
import re

import pytest
from rich.console import Console

from preflight.plan import Branch, Plan
from preflight.terminal import show

SUBNETS = tuple(f"net-{kind}-us-east-1{zone}" for kind in ("private", "public") for zone in "abc")


def a_plan(**changes) -> Plan:
    tree = (
        Branch(
            kind="Vpc",
            names=("net",),
            is_component=True,
            children=(
                Branch(kind="ec2.Vpc", names=("net",), is_component=False),
                Branch(kind="ec2.Subnet", names=SUBNETS, is_component=False),
            ),
        ),
        Branch(kind="s3.Bucket", names=("site",), is_component=False),
    )
    plan = {
        "project": "shop",
        "stack": "dev",
        "topology": "serverless",
        "counts": {"ec2.Subnet": 6, "ec2.Vpc": 1, "s3.Bucket": 1},
        "components": 1,
        "protected": 0,
        "tree": tree,
        "attention": (),
        "outputs": {},
        "next_step": "pulumi up --stack dev",
    }
    return Plan(**{**plan, **changes})


def shown(width=80, color=False, **changes) -> str:
    file = io.StringIO()
    system = "standard" if color else None
    show(a_plan(**changes), Console(file=file, width=width, color_system=system, force_terminal=color, highlight=False))
    return file.getvalue()


def test_the_whole_view_of_a_small_stack():
    text = shown(attention=("mind the gap",), outputs={"url": "https://x", "n": 1}, protected=2)
    head, _, rest = text.partition("\n")
    assert re.fullmatch("dev  serverless ─+", head)
    assert (
        rest
        == """8 resources in 1 component; 2 protected from deletion

Resources by type
  ec2  7  Subnet x6, Vpc
  s3   1  Bucket

Components
  Vpc net
  ├── ec2.Vpc net
  └── ec2.Subnet x6 private-us-east-1a, private-us-east-1b, private-us-east-1c,…
  s3.Bucket site

Deserves attention
  !  mind the gap

Outputs, made up where AWS would decide
  url  https://x
  n    1

Next
  pulumi up --stack dev
"""
    )


def test_an_empty_stack_says_so():
    text = shown(counts={}, components=0, tree=(), topology=None)
    assert text.startswith("dev ─")
    assert "0 resources in 0 components\n" in text
    assert text.count("  none\n") == 2
    assert "Deserves attention" not in text
    assert "Outputs" not in text


LONG = {
    "attention": ("word " * 60, "https://" + "x" * 200),
    "outputs": {"arn": "arn:aws:" + "y" * 200, "list": ["z" * 50] * 3},
    "counts": {f"s3.VeryLongResourceNameNumber{n}": n for n in range(1, 20)},
    "next_step": "w" * 200,
}


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("changes", [{}, LONG], ids=["short", "long"])
def test_no_line_is_wider_than_the_terminal_or_ends_in_blanks(width, changes):
    lines = shown(width=width, **changes).splitlines()
    assert max(map(len, lines)) <= width
    assert lines == [line.rstrip() for line in lines]


def test_a_wide_terminal_shows_all_names_of_a_run_and_a_narrow_one_cuts_them_short():
    names = ", ".join(name.removeprefix("net-") for name in SUBNETS)
    assert names in shown(width=160)
    assert names not in shown(width=80)
    assert "…" in shown(width=80)


def test_what_is_long_is_wrapped_under_itself_and_nothing_of_it_is_lost():
    text = shown(outputs={"arn": "y" * 100, "b": "x"})
    assert text.replace("\n       ", "").count("y" * 100) == 1


@pytest.mark.parametrize("text", ["[bold]a[/bold]", "[/]", "[red", "[0]", ":smile:", "\\[x]"])
def test_text_that_looks_like_markup_is_shown_as_it_is(text):
    tree = (Branch(kind=text, names=(text,), is_component=True),)
    page = shown(attention=(text,), outputs={text: text}, next_step=text, topology=text, tree=tree)
    assert page.count(text) == 7


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"$secret": True}, "[secret]"),
        ({"$unknown": True}, "known after pulumi up"),
        ("ü", "ü"),
        ([1, "ü"], '[1, "ü"]'),
        (False, "false"),
        ({"a": None}, '{"a": null}'),
    ],
)
def test_an_output_is_shown_as_text_or_as_json(value, text):
    assert f"\n  key  {text}\n" in shown(outputs={"key": value})


def test_colour_is_for_terminals_only():
    assert "\x1b[" not in shown(outputs={"a": "b"}, attention=("c",))
    assert "\x1b[" in shown(color=True)
