"""`make bench-app`: what it takes out of the load generator's report, and how it runs what it measures."""

from pathlib import Path

import pytest
from runtimes import PACKAGES, ROOT

from bench.cold_start import first_answer, spent_on
from bench.image import Tools, lay_out
from bench.load import Load
from bench.runtimes import main

# As bombardier 1.2.6 prints it with -l -o json; times are in microseconds.
REPORT = {
    "spec": {"numberOfConnections": 10},
    "result": {
        "timeTakenSeconds": 2.0,
        **{"req1xx": 0, "req2xx": 500, "req3xx": 1, "req4xx": 2, "req5xx": 3, "others": 4},
        "latency": {"mean": 1, "percentiles": {"50": 1500, "75": 2000, "90": 2500, "95": 3000, "99": 4500}},
        "rps": {"mean": 999},
    },
}


def test_only_answers_count_as_throughput_and_everything_else_as_failed():
    found = Load.of(REPORT)
    assert (found.per_second, found.failed) == (250, 10)
    assert (found.percentiles["50"], found.percentiles["99"]) == (1.5, 4.5)


def test_what_a_part_takes_is_told_by_the_runs_it_was_part_of():
    assert spent_on([300, 150], [250, 50]) == [50, 100]
    assert spent_on([300, 150], []) == [300, 150]


def image(folder: Path) -> Path:
    """The image's own files, with the service as it is in the sources: to compile it takes seconds."""
    (folder / "app").mkdir()
    (folder / "app/packages").symlink_to(PACKAGES / "app/packages")
    (folder / "app/service").symlink_to(ROOT / "app/service")
    return folder


@pytest.mark.policies_all
def test_what_is_measured_is_the_image_as_it_is_laid_out(tmp_path):
    assert (lay_out(PACKAGES, tmp_path) / "app/service/__pycache__").is_dir()


def test_a_cold_start_is_measured_from_nothing_to_the_first_answer(tmp_path):
    if not (PACKAGES / "ready").exists():
        pytest.skip("the image's packages are not laid out: make .tools/image/ready")
    tools = Tools(image=image(tmp_path), adapter=tmp_path, load=tmp_path)
    listens, answered = first_answer(tools)
    assert 50 < listens <= answered < 20_000


@pytest.mark.parametrize("option", ["--runs", "--clients"])
def test_none_are_refused_in_a_line(option, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["bench", "--adapter", "x", "--load", "x", option, "0"])
    with pytest.raises(SystemExit) as refused:
        main()
    assert refused.value.code == 2
    assert capsys.readouterr().err.endswith(f"argument {option}: a whole number of 1 or more is wanted, got '0'\n")
