"""Words: amounts and times as a person reads them."""

from decimal import Decimal

import pytest
from reports import FINDINGS, FLIP, change

from preflight.durations import Duration, Source
from preflight.report import words


@pytest.mark.parametrize(
    ("amount", "text"), [("23.684", "+23.68"), ("-0.051", "-0.05"), ("0.004", "0.00"), ("-0.001", "0.00")]
)
def test_a_change_has_its_sign(amount, text):
    assert words.change_of(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (29, "29 s"), (59.4, "59 s"), (60, "1 min"), (904, "15 min"), (3600, "1 h"), (4800, "1 h 20 min")],
)
def test_a_time_is_as_exact_as_an_estimate_deserves(seconds, text):
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(180, 900, "3 to 15 min"), (30, 300, "30 s to 5 min"), (60, 60, "1 min"), (3000, 4800, "50 min to 1 h 20 min")],
)
def test_a_span_names_its_unit_once(low, high, text):
    source = Source(says="", url="")
    assert words.span(Duration(low=low, typical=low, high=high, source=source)) == text


@pytest.mark.parametrize(
    ("number", "text"), [("950000", "950,000"), ("24500000", "24.5 million"), ("2e9", "2.0 billion")]
)
def test_many_requests_are_told_in_words(number, text):
    assert words.many(Decimal(number)) == text


def test_where_the_topologies_cost_the_same_is_a_sentence():
    assert words.where_equal(change(*FLIP).costs.breakeven) == (
        "At rest serverless costs less; from 16.7 million requests a month, container does."
    )


def test_findings_are_those_that_stand_and_those_that_are_waived():
    assert [each["policy"] for each in words.standing(FINDINGS)] == ["balancer-logs"]
    assert [words.reason(each["waived"]) for each in words.waived(FINDINGS)] == ["logs are written once"]


def test_every_step_of_a_timeline_has_its_source_named_once():
    timeline = change(*FLIP).timeline
    told = words.sources(timeline)
    assert {(each.source.says, each.source.url) for each in timeline.steps} == {(each.says, each.url) for each in told}
    assert any("VpcOrigin (create)" in each.kinds for each in told)
