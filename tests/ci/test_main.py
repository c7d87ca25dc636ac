"""`python -m ci`: one line for what went wrong, and an exit status that fails the step."""

import pytest

from ci.__main__ import COMMANDS, main, parser


def test_a_problem_is_one_line_and_fails_the_step(capsys, monkeypatch):
    assert main(["record", "dev", "sha256:0", "--branch", "main"]) == 1
    assert capsys.readouterr().err == "ci: GITHUB_REPOSITORY and GITHUB_TOKEN must be set\n"


def test_the_stacks_are_told_as_json_that_a_matrix_reads(capsys):
    assert main(["stacks"]) == 0
    assert capsys.readouterr().out == '["dev", "prod"]\n'


@pytest.mark.parametrize("name", [each[0] for each in COMMANDS])
def test_every_command_explains_itself(name, capsys):
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([*name.split(), "--help"])
    assert ended.value.code == 0
    assert len(capsys.readouterr().out.splitlines()) > 4


@pytest.mark.parametrize("arguments", [[], ["review"], ["review", "up", "seven", "x"], ["drift", "tell", "dev"]])
def test_bad_usage_ends_with_2(arguments):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
