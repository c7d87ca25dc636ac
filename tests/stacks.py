"""Recordings of the project's own stacks, each made once however many tests look at it."""

from collections.abc import Hashable
from contextlib import chdir
from functools import cache
from pathlib import Path

from preflight.recorder import record_stack, run_main
from preflight.recording import Recording, Resource
from preflight.stackfile import StackFile, load

ROOT = Path(__file__).parents[1]
PAIRS = [(topology, standby) for topology in ("serverless", "container") for standby in ("false", "true")]
"""Every (topology, standby) that a stack can be in."""
DOMAIN = "domain={name: shop.example.com, zone: example.com}"


@cache
def recorded(stack: str, *overrides: str) -> Recording:
    """The stack as it ships, with these settings changed."""
    return recorded_file(load(ROOT, stack, overrides))


_recordings: dict[Hashable, Recording] = {}


def recorded_file(file: StackFile) -> Recording:
    """`record_stack`, once for a configuration: in its place where what a command records is not the point.

    The project's own modules are imported once for all configurations.
    """
    key = (file.root, file.stack, *sorted(file.config.items()))
    if key not in _recordings:
        if file.root == ROOT:
            with chdir(ROOT):
                _recordings[key] = run_main(file)
        else:
            _recordings[key] = record_stack(file)
    return _recordings[key]


def half_of(recording: Recording, topology: str) -> dict[str, Resource]:
    """Everything a topology registered, by URN."""
    urn = recording.one(f"switchyard:index:{topology.capitalize()}").urn
    return {each.urn: each for each in recording if each.urn == urn or urn in ancestors(recording, each)}


def ancestors(recording: Recording, resource: Resource) -> list[str]:
    """The URNs above a resource, nearest first."""
    found = []
    while resource.parent in recording.resources:
        resource = recording.resources[resource.parent]
        found.append(resource.urn)
    return found
