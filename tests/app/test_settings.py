"""The service's settings: typed, and refused before anything is started."""

import dataclasses

import pytest
from runtimes import ROOT
from service.place import Place
from service.settings import BadSettings, Settings

from preflight.stackfile import load, stack_names
from settings import parse


def test_without_variables_there_are_the_defaults():
    assert Settings.of({}) == Settings()


def test_every_setting_is_read_from_its_variable():
    given = {
        "PORT": "0",
        "LOG_LEVEL": "debug",
        "DB_URL": "sqlite:///x.db",
        "MAX_UPLOAD_MB": "100",
        "KEEP_ALIVE_SECONDS": "4000",
        "STOP_SECONDS": "120",
        "DIAGNOSTICS": "false",
    }
    read = dataclasses.asdict(Settings.of(given))
    assert set(read) == {name.lower() for name in given}
    assert list(read.values()) == [0, "debug", "sqlite:///x.db", 100, 4000, 120, False]


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("PORT", "65536", "a whole number from 0 to 65535"),
        ("PORT", "-1", "a whole number from 0 to 65535"),
        ("PORT", "", "a whole number from 0 to 65535"),
        ("PORT", "8_0", "a whole number from 0 to 65535"),
        ("LOG_LEVEL", "DEBUG", "one of debug, info, warning, error"),
        ("DIAGNOSTICS", "yes", "one of true, false"),
        ("STOP_SECONDS", "121", "a whole number from 1 to 120"),
        ("MAX_UPLOAD_MB", "0", "a whole number from 1 to 100"),
    ],
)
def test_a_value_that_can_not_be_is_refused_with_what_can(name, value, allowed):
    with pytest.raises(BadSettings) as refused:
        Settings.of({name: value})
    assert str(refused.value) == f"{name} must be {allowed}, got {value!r}"


def test_everything_that_is_wrong_is_told_at_once():
    with pytest.raises(BadSettings) as refused:
        Settings.of({"PORT": "x", "LOG_LEVEL": "x"})
    assert [line.split()[0] for line in str(refused.value).splitlines()] == ["PORT", "LOG_LEVEL"]


@pytest.mark.parametrize("stack", stack_names(ROOT))
def test_the_edge_of_every_stack_lets_in_what_the_service_takes(stack):
    service = parse(load(ROOT, stack).config)[0].service
    assert Settings.of(service.environment).max_upload_mb <= service.max_body_mb


def test_a_database_that_no_store_speaks_to_is_refused_without_its_password():
    with pytest.raises(BadSettings, match="DB_URL must be sqlite:///<path>") as refused:
        Settings.of({"DB_URL": "postgres://me:secret@db/x"})
    assert "secret" not in str(refused.value)


def test_the_store_is_in_the_folder_for_temporary_files_unless_it_is_named():
    assert Settings.of({"TMPDIR": "/scratch"}).db_url == "sqlite:////scratch/store.db"
    assert Settings.of({"TMPDIR": "/scratch", "DB_URL": "sqlite:///x"}).db_url == "sqlite:///x"


@pytest.mark.parametrize(
    ("environment", "served_by"),
    [
        ({}, "local"),
        ({"AWS_LAMBDA_FUNCTION_NAME": "app"}, "serverless"),
        ({"ECS_CONTAINER_METADATA_URI_V4": "http://169.254.170.2/v4/x"}, "container"),
    ],
)
def test_the_service_knows_where_it_runs(environment, served_by):
    assert Place.of(environment).served_by == served_by
    assert Place.of(environment).instance != Place.of(environment).instance
