"""The contract, kept in every runtime: the service by itself, behind the balancer, and behind Lambda's front doors."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import fields
from typing import get_args

import pytest
from contract import CASES, RUNTIMES, Case, Runtime
from runtimes import Client, behind_door, behind_edge, function, loop, task

from dev.awslambda.function import Function
from dev.task import RunningTask
from parity import Capability, Need, Told


class Served:
    """The ports of the runtimes, each started when it is first asked for."""

    def __init__(self, stack: ExitStack, folder) -> None:
        self._stack, self._folder = stack, folder
        self._serving = stack.enter_context(loop())
        self._ports: dict[str, int] = {}
        self._by_name: dict[str, RunningTask | Function] = {}

    def port(self, runtime: Runtime) -> int:
        if runtime.name not in self._ports:
            self._start(runtime)
        return self._ports[runtime.name]

    def be_impatient(self, runtime: Runtime) -> None:
        """From now on a request may take a second. A task is asked through new connections."""
        served = self._by_name[runtime.name]
        if isinstance(served, Function):
            served._timeout = 1
        else:
            served._balancer._session, served._balancer._idle_seconds = None, 1

    def _start(self, runtime: Runtime) -> None:
        if runtime.name in ("direct", "container"):
            folder = self._folder.mktemp("container")
            running, self._ports["direct"] = self._stack.enter_context(task(self._serving, folder))
            self._by_name["container"] = running
            self._ports["container"] = self._stack.enter_context(behind_edge(self._serving, running))
            return
        door = "httpApi" if runtime.name == "httpApi" else "functionUrl"
        folder = self._folder.mktemp("serverless")
        made = function(self._serving, folder, behind=door, streams=runtime.streams)
        function_ = self._stack.enter_context(made)
        self._by_name[runtime.name] = function_
        self._ports[runtime.name] = self._stack.enter_context(behind_door(self._serving, function_, door))


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Served]:
    with ExitStack() as stack:
        yield Served(stack, tmp_path_factory)


PAIRS = [(case, runtime) for case in CASES for runtime in RUNTIMES if runtime.has_edge or not case.behind_edge]


@pytest.mark.parametrize(("case", "runtime"), PAIRS, ids=lambda value: value.name)
def test_the_contract_is_kept(served: Served, case: Case, runtime: Runtime):
    client = Client(served.port(runtime), hashes=runtime.able.clients_must_hash_bodies)
    try:
        if case.is_impatient:
            served.be_impatient(runtime)
        assert case.ask(client) == case.wanted(runtime)
    finally:
        client.close()


def test_what_differs_is_what_the_parity_check_knows():
    """Each need, each limit and each row of the table has its case, or is one of those in tests/dev, where time runs
    faster, streams are shorter, and what an origin is called can be seen."""
    assert {each.need for each in CASES if each.need} == set(get_args(Need))
    limits = {field.name for field in fields(Capability)} - {"name", "serves", "told"}
    assert {each.limit for each in CASES if each.limit} == limits - {"longest_request_seconds", "largest_stream_mb"}
    elsewhere = {"scheme the app sees", "Host the app sees", "requests a second"}
    assert {each.told for each in CASES if each.told} == set(get_args(Told)) - elsewhere


def test_nobody_is_asked_after_those_that_make_a_runtime_impatient():
    assert [each.is_impatient for each in CASES] == sorted(each.is_impatient for each in CASES)


def test_a_runtime_that_lacks_nothing_is_never_excused():
    for runtime in RUNTIMES:
        for each in CASES:
            if (each.need, each.limit, each.told) == (None, None, None):
                assert each.wanted(runtime) == each.expected
    assert sum((each.need, each.limit, each.told) == (None, None, None) for each in CASES) > 50
