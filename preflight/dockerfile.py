"""Dockerfile: what an image will be like, as far as its Dockerfile tells without being built."""

import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dockerfile_parse import DockerfileParser


class DockerfileError(Exception):
    """There is none, or it can't be read; the message is one line."""


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """One of them, in the part of the Dockerfile that ends up in the image."""

    name: str
    value: str
    line: int
    """From 1 on."""

    @property
    def words(self) -> list[str] | None:
        """Of the exec form, `["a", "b"]`; None for the shell form."""
        try:
            words = json.loads(self.value)
        except ValueError:
            return None
        return words if isinstance(words, list) and all(isinstance(each, str) for each in words) else None

    @property
    def copied(self) -> list[str]:
        """Of COPY and ADD: the sources, and the target as the last of them, in either form."""
        words = [each for each in self.value.split() if not each.startswith("--")]
        plain = Instruction(name=self.name, value=" ".join(words), line=self.line)
        return plain.words or words

    def option(self, name: str) -> str:
        """What `--name=` says; empty where it does not."""
        found = re.search(rf"--{name}=(\S+)", self.value)
        return found[1] if found else ""

    def denies(self, right: int) -> bool:
        """Whether `--chmod=` keeps this right, 1 to 4, from others than the owner and its group."""
        mode = self.option("chmod")
        return bool(re.fullmatch(r"[0-7]{3,4}", mode)) and not int(mode, 8) & right


@dataclass(frozen=True, kw_only=True)
class Image:
    """The last stage, and those it is built on, in the order of the file."""

    base: str
    """The image that all of it starts from."""
    base_line: int
    platform: str | None
    """What `--platform` asks for."""
    instructions: tuple[Instruction, ...]
    everything: tuple[Instruction, ...] = field(repr=False)
    """Of all stages."""
    stages: Mapping[str, str]
    """What each named stage starts from."""

    def all(self, *names: str) -> list[Instruction]:
        return [each for each in self.instructions if each.name in names]

    def last(self, *names: str) -> Instruction | None:
        found = self.all(*names)
        return found[-1] if found else None

    @property
    def environment(self) -> dict[str, tuple[str, int]]:
        """Variables that the image sets, and the line of each."""
        return {name: (value, each.line) for each in self.all("ENV") for name, value in _pairs(each.value)}

    @property
    def start(self) -> Instruction | None:
        """What is started: the entry point, else the command; None where the base decides."""
        return self.last("ENTRYPOINT") or self.last("CMD")

    @property
    def command_line(self) -> list[tuple[str, int]]:
        """Every word of entry point and command, and the line it is on."""
        found = filter(None, (self.last("ENTRYPOINT"), self.last("CMD")))
        return [(word, each.line) for each in found for word in each.words or each.value.split()]


def read_image(path: Path) -> Image:
    """Read a Dockerfile. Raises DockerfileError."""
    try:
        text = _without_documents(path.read_text(encoding="utf-8"))
        structure = DockerfileParser(fileobj=io.BytesIO(text.encode()), env_replace=False).structure
    except OSError as error:
        raise DockerfileError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise DockerfileError(f"{path} is no Dockerfile: {error}") from error
    steps = [
        Instruction(name=each["instruction"].upper(), value=each["value"], line=each["startline"] + 1)
        for each in structure
        if each["instruction"] != "COMMENT"
    ]
    stages = list(_stages(steps))
    for _, base, _ in stages:
        if not base.name:
            raise DockerfileError(f"{path}:{base.line} has a FROM that names no image")
    if not stages:
        raise DockerfileError(f"{path} has no FROM: there is nothing that an image could start from")
    by_name = {name: (base, own) for name, base, own in stages if name}
    own, base = list(stages[-1][2]), stages[-1][1]
    while base.name in by_name:
        base, above = by_name.pop(base.name)
        own = [*above, *own]
    return Image(
        base=base.name,
        base_line=base.line,
        platform=base.platform,
        instructions=tuple(own),
        everything=tuple(steps),
        stages={name: stage.name for name, stage, _ in stages if name},
    )


def _without_documents(text: str) -> str:
    """The text with every here-document as comments: what is in one are no instructions, and the lines keep their
    numbers. Source: https://docs.docker.com/reference/dockerfile/#here-documents"""
    lines, ends = [], []
    for line in text.splitlines():
        lines.append("#" if ends else line)
        if ends and line.strip() == ends[0]:
            ends.pop(0)
        elif not ends and re.match(r"\s*(RUN|COPY|ADD)\s", line, re.IGNORECASE):
            ends = re.findall(r"<<-?[\"']?(\w+)", line)
    return "\n".join(lines)


@dataclass(frozen=True, kw_only=True)
class _Base:
    name: str
    line: int
    platform: str | None


def _stages(steps: list[Instruction]) -> Iterator[tuple[str, _Base, list[Instruction]]]:
    """Name, base and instructions of each stage. Arguments before the first FROM stand for their defaults."""
    arguments: dict[str, str] = {}
    current: tuple[str, _Base, list[Instruction]] | None = None
    for step in steps:
        if step.name == "FROM":
            if current:
                yield current
            words = _replaced(step.value, arguments).split()
            platform = next((each.partition("=")[2] for each in words if each.startswith("--platform=")), None)
            base, *rest = [each for each in words if not each.startswith("--")] or [""]
            name = rest[1] if len(rest) == 2 and rest[0].upper() == "AS" else ""
            current = (name, _Base(name=base, line=step.line, platform=platform), [])
        elif current:
            current[2].append(step)
        elif step.name == "ARG":
            arguments |= dict(_pairs(step.value))
    if current:
        yield current


def _replaced(text: str, arguments: dict[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        return arguments.get(found["name"]) or found["default"] or found[0]

    return re.sub(r"\$\{?(?P<name>\w+)(?::-(?P<default>[^}]*))?\}?", value, text)


def _pairs(text: str) -> list[tuple[str, str]]:
    """`A=1 B="2 3"`, or the old `A 1`."""
    found = re.findall(r"""([A-Za-z_]\w*)=("(?:\\.|[^"\\])*"|'[^']*'|(?:\\.|\S)*)""", text)
    if found:
        return [(name, value.strip("\"'")) for name, value in found]
    name, _, value = text.partition(" ")
    return [(name, value.strip())]
