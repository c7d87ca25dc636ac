"""Trial: every check on every side, and what the sides do differently."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from smoke.checks import Check
from smoke.client import Answer, Client, Request, Unanswered

PROBE = "?"
"""Names no side, so that the edge itself answers which ones there are, to who has the token."""
BODY = "body"
"""Among what may differ, it stands for answers that are no JSON."""
EXCERPT_BYTES = 40
MUCH_SECONDS = 0.25
"""Slower by less than this is not worth a word, whatever the factor."""


class NoSides(Exception):
    """The edge doesn't let the token choose a side."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """One check on one side."""

    check: str
    side: str
    answer: Answer | None
    problem: str | None


@dataclass(kw_only=True)
class Trial:
    """The outcome: `problems` is empty when all is well."""

    sides: Sequence[str]
    results: list[Result] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def sides_of(
    client: Client, path: str, patience_seconds: float, pause: Callable[[float], None] = time.sleep
) -> list[str]:
    """Which sides the edge can send a request to. It may take a while, after an update, for the edge to know.

    Raises NoSides, also when a wrong token is as good as the right one.
    """
    deadline = time.monotonic() + patience_seconds
    while not (sides := _told(answer := client.ask(Request(path=path), PROBE))):
        if time.monotonic() >= deadline:
            document = answer.document()
            if answer.status == 503 and isinstance(document, dict) and "sides" in document:
                raise NoSides(
                    "the edge takes the token, and no share of viewers is in force there, so it sends nobody to the "
                    "standby. Did the last update of this stack end well? Run it again: pulumi up"
                )
            raise NoSides(
                "the edge does not take the token. Is this the token of this stack (pulumi stack output smoke_token), "
                "and did its last update end with standby: true?"
            )
        pause(2)
    wrong = client.ask(Request(path=path, headers={"x-switchyard-smoke": f"{PROBE}:wrong"}))
    if _told(wrong):
        raise NoSides("the edge takes any token: what it runs is not what this program put there")
    return sides


def _told(answer: Answer) -> list[str]:
    document = answer.document()
    return document.get("sides", []) if answer.status == 400 and isinstance(document, dict) else []


def run(
    client: Client,
    sides: Sequence[str | None],
    checks: Sequence[Check],
    *,
    rounds: int = 5,
    slower: float = 3,
    differs: Sequence[str] = (),
    progress: Callable[[str], object],
) -> Trial:
    """Try each check on each side; None stands for whoever serves, where there is no standby."""
    trial = Trial(sides=[side or "active" for side in sides])
    for check in checks:
        answers: dict[str, Answer] = {}
        for side in sides:
            name = side or "active"
            progress(f"{check.name} on {name}")
            result = _try(client, check, side, name, rounds if check.is_timed else 1)
            trial.results.append(result)
            if result.problem:
                trial.problems.append(f"{check.name}: {name} failed: {result.problem}")
            if result.answer:
                answers[name] = result.answer
        trial.problems += [f"{check.name}: {each}" for each in _differences(answers, differs)]
        if check.is_timed:
            trial.problems += [f"{check.name}: {each}" for each in _slow(answers, slower)]
    return trial


def _try(client: Client, check: Check, side: str | None, name: str, rounds: int) -> Result:
    try:
        answers = [client.ask(check.request, side) for _ in range(rounds)]
    except Unanswered as error:
        return Result(check=check.name, side=name, answer=None, problem=str(error))
    problems = [check.problem(each) for each in answers]
    typical = sorted(answers, key=lambda each: each.seconds)[len(answers) // 2]
    problem = next((each for each in problems if each), None) or (side and _answered_elsewhere(typical, side)) or None
    return Result(check=check.name, side=name, answer=typical, problem=problem)


def _answered_elsewhere(answer: Answer, side: str) -> str | None:
    """A service may say where it runs, as the sample does; if it does, it must be the side that was asked for."""
    document = answer.document()
    by = document.get("served_by", side) if isinstance(document, dict) else side
    return None if by == side else f"{by} answered instead"


def _differences(answers: Mapping[str, Answer], differs: Sequence[str]) -> Iterator[str]:
    """What is not the same on both sides, out of what a viewer or the app behind may rely on."""
    if len(answers) < 2:
        return
    (first, one), (second, other) = answers.items()
    aspects: dict[str, Callable[[Answer], Any]] = {
        "status": lambda answer: answer.status,
        "content-type": lambda answer: answer.headers.get("content-type"),
        "cookies": lambda answer: sorted(answer.cookies),
        "answer": lambda answer: _without(answer.document(), differs),
    }
    for aspect, of in aspects.items():
        if of(one) != of(other):
            yield f"{aspect} differs: {first} {of(one)!r}, {second} {of(other)!r}"
    is_json = any(each.document() is not None for each in answers.values())
    if not is_json and BODY not in differs and one.body != other.body:
        shorter = min(len(one.body), len(other.body))
        at = next((n for n, pair in enumerate(zip(one.body, other.body, strict=False)) if pair[0] != pair[1]), shorter)
        yield f"{BODY} differs from byte {at} on: {first} {_excerpt(one.body, at)}, {second} {_excerpt(other.body, at)}"


def _excerpt(body: bytes, at: int) -> str:
    return f"{body[at : at + EXCERPT_BYTES].decode(errors='replace')!r} of {len(body)} bytes"


def _without(document: Any, names: Sequence[str]) -> Any:
    if isinstance(document, dict):
        return {key: _without(value, names) for key, value in document.items() if key not in names}
    return [_without(each, names) for each in document] if isinstance(document, list) else document


def _slow(answers: Mapping[str, Answer], slower: float) -> Iterator[str]:
    for name, answer in answers.items():
        others = [each.seconds for other, each in answers.items() if other != name]
        if others and answer.seconds > slower * median(others) and answer.seconds - median(others) > MUCH_SECONDS:
            yield f"{name} takes {answer.seconds:.2f} s, the other side {median(others):.2f} s"
