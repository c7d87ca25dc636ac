"""The bench: that what it measures is what it says, not how fast that is."""

import io

import pytest
from rich.console import Console

from bench.__main__ import FEW, MANY, ROOT, SYNTHETIC, Subject, main, table
from preflight.recorder import record_stack
from preflight.recording import Recording
from preflight.stackfile import load


def synthetic(services: int) -> Recording:
    return record_stack(load(SYNTHETIC, "large", (f"bench:services={services}",)))


@pytest.fixture(scope="module")
def one_service() -> Recording:
    return synthetic(1)


def test_the_synthetic_project_grows_by_about_a_hundred_resources_a_service(one_service):
    each = len(one_service.resources)
    assert len(synthetic(2).resources) == 2 * each
    assert FEW * each == pytest.approx(1000, rel=0.1)
    assert MANY == 2 * FEW


@pytest.mark.parametrize("kind", ["LambdaFunction", "HttpApi", "Vpc", "FargateService", "StaticSite", "Distribution"])
def test_a_synthetic_service_has_the_components_of_a_real_one(one_service, kind):
    assert one_service.of_type(f"switchyard:index:{kind}")


def test_the_floor_loads_exactly_the_parts_that_the_stack_makes_python_load():
    services = Subject("", ["-m", "bench.services", "dev"]).run().split()
    assert {"lambda_", "apigatewayv2", "cloudfront"} <= set(services)
    assert "ecs" not in services
    floor = f"""
import re, sys
sys.argv[1:] = {services}
import bench.floor
print(*sorted({{found[1] for found in map(re.compile(r"pulumi_aws.(\\w+)[.]").match, sys.modules) if found}}))
"""
    assert Subject("", ["-c", floor]).run().split() == services


def test_a_run_counts_time_and_memory_and_a_warm_up_does_not():
    subject = Subject("", ["-c", "print(len(bytes(range(256)) * 400_000))"])
    assert subject.run(count=False) == "102400000\n"
    assert subject.seconds == []
    subject.run()
    assert len(subject.seconds) == len(subject.cpu_seconds) == len(subject.peaks_mb) == 1
    assert subject.seconds[0] > 0


def test_the_peak_is_the_memory_that_the_command_took():
    """Asked in a small process, as the bench is: a child counts the memory of the one that it is forked from."""
    script = """
from bench.__main__ import Subject
subject = Subject("", ["-c", "len(bytes(range(256)) * 800_000)"])
subject.run()
print(subject.peaks_mb[0])
"""
    peak = float(Subject("", ["-c", script]).run())
    assert 195 < peak < 300


def test_a_command_that_fails_ends_the_bench():
    with pytest.raises(SystemExit, match="ended with 3"):
        Subject("", ["-c", "raise SystemExit(3)"]).run()


def test_the_ratio_is_between_runs_side_by_side():
    floor, preview = Subject("imports", []), Subject("preview", [], "at most 1.5", ROOT, 900)
    for subject, seconds in ((floor, [1.0, 2.0, 4.0]), (preview, [1.5, 2.8, 4.4])):
        subject.seconds, subject.cpu_seconds, subject.peaks_mb = seconds, [0.7, 0.6, 0.8], [50.0, 60.0, 55.0]
    shown = io.StringIO()
    console = Console(file=shown, width=100)
    console.print(table([(floor, preview)]))
    lines = [line.split() for line in shown.getvalue().splitlines() if line.strip()]
    assert lines[-2] == ["imports", "1.00", "2.00", "0.60", "60"]
    assert lines[-1] == ["preview", "1.50", "2.80", "0.60", "1.40", "321", "60", "at", "most", "1.5"]


def test_fewer_than_one_run_is_refused(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["bench", "--runs", "0"])
    with pytest.raises(SystemExit):
        main()
    assert "--runs must be 1 or more, got 0" in capsys.readouterr().err
