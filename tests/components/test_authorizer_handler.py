"""The authorizer's code: what it admits, that it never fails, that it compares in constant time and tells nothing."""

import ast
import hashlib
import hmac
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components import authorizer_handler
from components.authorizer_handler import handler

NEW, OLD = "n" * 40, "o" * 40
NO = {"isAuthorized": False}
YES = {"isAuthorized": True}


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


@pytest.fixture(autouse=True, scope="module")
def accepted():
    """For the whole file, because Hypothesis calls a test many times within one fixture."""
    os.environ["ACCEPTED_SHA256"] = f"{digest(NEW)},{digest(OLD)}"
    yield
    del os.environ["ACCEPTED_SHA256"]


def event(value: object) -> dict:
    return {"version": "2.0", "type": "REQUEST", "routeKey": "$default", "headers": {"x-origin-secret": value}}


@pytest.mark.parametrize("secret", [NEW, OLD])
def test_every_accepted_secret_is_admitted(secret):
    assert handler(event(secret), None) == YES


@pytest.mark.parametrize(
    "value",
    ["", "n", NEW[:-1], NEW + " ", NEW.upper(), f"{NEW},{OLD}", f"{NEW},{NEW}", digest(NEW), "\u00e9", "x" * 1_000_000],
)
def test_any_other_text_is_refused(value):
    assert handler(event(value), None) == NO


@pytest.mark.parametrize("value", [None, [NEW], {"x": NEW}, 1, True, NEW.encode(), "\ud800"])
def test_what_is_not_text_is_refused_without_an_error(value):
    assert handler(event(value), None) == NO


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"headers": None},
        {"headers": []},
        {"headers": {}},
        {"headers": {"X-Origin-Secret": NEW}},
        {"identitySource": [NEW]},
        None,
        [],
        "text",
    ],
)
def test_an_event_without_the_header_is_refused_without_an_error(odd):
    assert handler(odd, None) == NO


@given(value=st.none() | st.text() | st.binary() | st.integers() | st.lists(st.text()))
def test_nothing_but_the_secrets_is_ever_admitted(value):
    assert handler(event(value), None) == {"isAuthorized": value in (NEW, OLD)}


@given(secret=st.text(st.characters(codec="utf-8")))
def test_whatever_text_is_accepted_is_admitted(secret):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ACCEPTED_SHA256", digest(secret))
        assert handler(event(secret), None) == YES


@pytest.mark.parametrize("nothing", ["", ",", ",,"])
def test_without_an_accepted_secret_nothing_is_admitted(monkeypatch, nothing):
    monkeypatch.setenv("ACCEPTED_SHA256", nothing)
    assert [handler(event(value), None) for value in ("", ",", NEW)] == [NO, NO, NO]
    monkeypatch.delenv("ACCEPTED_SHA256")
    assert handler(event(""), None) == NO


@pytest.mark.parametrize("value", [NEW, OLD, "wrong"])
def test_each_digest_is_compared_in_constant_time_whatever_the_others_said(monkeypatch, value):
    compared = []
    constant_time = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda *pair: compared.append(pair) or constant_time(*pair))
    handler(event(value), None)
    assert compared == [(digest(value), digest(NEW)), (digest(value), digest(OLD))]


@pytest.mark.parametrize("value", [NEW, "wrong"])
def test_it_prints_nothing(capfd, caplog, value):
    handler(event(value), None)
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_it_imports_the_standard_library_only():
    tree = ast.parse(Path(authorizer_handler.__file__).read_text())
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {name.name for node in imports for name in node.names if isinstance(node, ast.Import)}
    names |= {str(node.module) for node in imports if isinstance(node, ast.ImportFrom)}
    assert names <= sys.stdlib_module_names
