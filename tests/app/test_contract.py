"""The contract, kept in every runtime: the service by itself, behind the balancer, and behind Lambda's front doors."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import fields
from typing import get_args

import pytest
from contract import CASES, RUNTIMES, Case, Runtime
from runtimes import Client, behind_door, behind_edge, function, loop, task

from parity import Capability, Need


class Served:
    """The ports of the runtimes, each started when it is first asked for."""

    def __init__(self, stack: ExitStack, folder) -> None:
        self._stack, self._folder = stack, folder
        self._serving = stack.enter_context(loop())
        self._ports: dict[str, int] = {}

    def port(self, runtime: Runtime) -> int:
        if runtime.name not in self._ports:
            self._start(runtime)
        return self._ports[runtime.name]

    def _start(self, runtime: Runtime) -> None:
        if runtime.name in ("direct", "container"):
            folder = self._folder.mktemp("container")
            running, self._ports["direct"] = self._stack.enter_context(task(self._serving, folder))
            self._ports["container"] = self._stack.enter_context(behind_edge(self._serving, running))
            return
        door = "httpApi" if runtime.name == "httpApi" else "functionUrl"
        folder = self._folder.mktemp("serverless")
        made = function(self._serving, folder, behind=door, streams=runtime.streams)
        function_ = self._stack.enter_context(made)
        self._ports[runtime.name] = self._stack.enter_context(behind_door(self._serving, function_, door))


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Served]:
    with ExitStack() as stack:
        yield Served(stack, tmp_path_factory)


@pytest.mark.parametrize("runtime", RUNTIMES, ids=lambda runtime: runtime.name)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_contract_is_kept(served: Served, runtime: Runtime, case: Case):
    if case.behind_edge and not runtime.has_edge:
        return
    client = Client(served.port(runtime), hashes=runtime.able.clients_must_hash_bodies)
    try:
        assert case.ask(client) == case.wanted(runtime)
    finally:
        client.close()


def test_what_differs_is_what_the_parity_check_knows():
    """Each need and each limit has its case; how long a request may take has a test of its own, with a short time."""
    assert {each.need for each in CASES if each.need} == set(get_args(Need))
    numbers = {field.name for field in fields(Capability)} - {"name", "serves", "largest_stream_mb"}
    assert {each.limit for each in CASES if each.limit} == numbers - {"longest_request_seconds"}


def test_a_runtime_that_lacks_nothing_is_never_excused():
    for runtime in RUNTIMES:
        for each in CASES:
            if each.need is None and each.limit is None:
                assert each.wanted(runtime) == each.expected
    assert sum(each.need is None and each.limit is None for each in CASES) > 50
