"""Finding: one thing that the doctor has to say of an image, and the image that it looks at."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from preflight.dockerfile import Image
from settings import Settings

Topology = Literal["serverless", "container"]
BOTH: tuple[Topology, ...] = ("serverless", "container")
SERVERLESS: tuple[Topology, ...] = ("serverless",)
CONTAINER: tuple[Topology, ...] = ("container",)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing, and what to do about it."""

    check: str
    line: int | None
    """Of the Dockerfile; None where it is what is not there."""
    breaks: tuple[Topology, ...]
    """Where it will not work; empty: it may work, but should not be left so."""
    message: str
    fix: str


@dataclass(frozen=True, kw_only=True)
class Patient:
    """What is looked at."""

    image: Image
    folder: Path
    """The build context."""
    settings: Settings
