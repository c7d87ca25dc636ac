"""The plot: both formats, the same every time, and readable without colour."""

import re
from decimal import Decimal

import pytest

from preflight.breakeven import breakeven, grid
from preflight.plot import plot, short
from preflight.usage import Workload


def compared():
    costs = {
        "serverless": lambda workload: 1 + workload.requests / 10**6 * workload.cpu_ms / 8,
        "container": lambda workload: Decimal(20) * workload.peak_factor,
    }
    return breakeven("dev", Workload(), costs, grid(), Decimal(10**8))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    return plot(compared(), tmp_path_factory.mktemp("plot") / "deep" / "folder")


def test_it_is_drawn_as_svg_and_png_named_after_the_stack(drawn):
    svg, png = drawn
    assert (svg.name, png.name) == ("breakeven-dev.svg", "breakeven-dev.png")
    assert svg.read_text(encoding="utf-8").startswith("<?xml")
    assert png.read_bytes().startswith(b"\x89PNG")


def test_it_needs_no_colour_only_greys(drawn):
    svg = drawn[0].read_text(encoding="utf-8")
    colours = set(re.findall(r"#[0-9a-f]{6}", svg))
    assert colours
    for colour in colours:
        assert colour[1:3] == colour[3:5] == colour[5:7], colour


def test_lines_differ_in_style_and_bands_in_hatching(drawn):
    svg = drawn[0].read_text(encoding="utf-8")
    assert len(set(re.findall(r"stroke-dasharray: ([0-9.,]+)", svg))) >= 2  # the dashed line, and the dotted crossing
    assert len(set(re.findall(r"fill: url\(#(\w+)\)", svg))) == 2


def test_it_is_the_same_every_time(drawn, tmp_path):
    again = plot(compared(), tmp_path)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in drawn]


def texts(svg) -> list[str]:
    """What is written in a plot: matplotlib draws letters, and names what they say in comments."""
    return re.findall(r"<!-- (.*?) -->", svg.read_text(encoding="utf-8"))


def test_lines_and_bands_are_named_and_what_ends_the_container_is_marked(drawn):
    found = texts(drawn[0])
    assert {"serverless", "serverless, range", "container", "container, range"} <= set(found)
    assert "100M: container.maxTasks" in found


def test_curves_that_never_cross_are_drawn_too_and_how_far_that_holds_is_said(tmp_path):
    flat = {"serverless": lambda _: Decimal(2), "container": lambda _: Decimal(1)}
    svg, _ = plot(breakeven("odd", Workload(), flat, grid()), tmp_path)
    assert "odd: container costs less up to 2B requests a month" in texts(svg)
    assert "container, range (no wider than the line)" in texts(svg)
    assert not [text for text in texts(svg) if "maxTasks" in text]


@pytest.mark.parametrize(
    ("number", "text"), [(1, "1"), (10_000, "10k"), (24_503_000, "24.5M"), (2e9, "2B"), (0.5, "0.5")]
)
def test_numbers_are_short(number, text):
    assert short(number) == text
