"""What every test of the engine needs: a CLI, or a reason to skip; and the lives of stacks, each lived once."""

from collections import Counter
from collections.abc import Callable

import pytest
from engine.bench import find_cli
from engine.lives import Life, live

WITHOUT = "there is no Pulumi CLI on the PATH; install one, or build one with Go installed: make engine"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for each in items:
        # What shares a bench runs in one process, where tests are divided by group.
        params = each.callspec.params if hasattr(each, "callspec") else {}
        benches = [params[name] for name in ("everywhere", "stack", "life") if name in params]
        each.add_marker(pytest.mark.xdist_group(f"{each.path.stem} {benches}"))
    if find_cli() is None:
        for each in items:
            if "needs_cli" in each.keywords:
                each.add_marker(pytest.mark.skip(reason=WITHOUT))


@pytest.fixture(scope="module")
def life(request: pytest.FixtureRequest) -> Life:
    """A stack from its first preview to its end; parametrized indirectly with what `live` takes."""
    return live(*request.param)


Tally = Callable[[str, int], None]
_TALLIED = ("transitions", "faults injected", "survived")


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """A line to print at the end of the run."""
    return lambda text: record_property("figure", text)


@pytest.fixture
def tally(record_property: Callable[[str, object], None]) -> Tally:
    """Count something that the last line of the run is to tell."""
    return record_property


def pytest_terminal_summary(terminalreporter) -> None:
    """Figures, and `N transitions, N faults injected, N survived` over all tests that ran."""
    found: Counter[str] = Counter()
    for report in (each for reports in terminalreporter.stats.values() for each in reports):
        if getattr(report, "when", "") == "call":
            for name, value in report.user_properties:
                if name in _TALLIED:
                    found[name] += value
                elif name == "figure":
                    terminalreporter.write_line(value)
    if any(found.values()):
        terminalreporter.write_line(", ".join(f"{found[name]} {name}" for name in _TALLIED))
