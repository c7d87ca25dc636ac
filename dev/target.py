"""Target: what `make dev` runs, as the stack's file describes it."""

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from components._distribution_parts import READ_METHODS
from components._web_adapter import InvokeMode, adapter_environment
from components.origin import AUTHORIZATION_HEADER
from dev.edge import Edge, Origin
from preflight.stackfile import load, stack_names
from settings import Settings, parse

# What any program needs of this machine, and the credentials that secrets are fetched with.
_PASSED = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")
_AWS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL")


class NoTarget(Exception):
    """It can't be run as it is described; the message says what to change."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """The service, and what stands around it."""

    settings: Settings
    command: list[str]
    folder: Path
    """What is watched for changes, and where the command runs."""
    site: Path | None
    environment: dict[str, str]
    notes: list[str]
    """What is not as it will be on AWS, for people."""

    @property
    def invoke_mode(self) -> InvokeMode:
        behind_url = self.settings.serverless.front_door == "functionUrl"
        return "response_stream" if behind_url and "streaming" in self.settings.service.needs else "buffered"

    @property
    def authorization_source(self) -> str | None:
        return AUTHORIZATION_HEADER if self.settings.serverless.front_door == "functionUrl" else None

    def lambda_environment(self) -> dict[str, str]:
        """The variables of the function, adapter's and all."""
        service = self.settings.service
        adapter = adapter_environment(
            port=service.port,
            health_check_path=service.health_check_path,
            invoke_mode=self.invoke_mode,
            authorization_source=self.authorization_source,
            own=self.environment,
        )
        return {**self.environment, **adapter}

    def edge(self, origin: Origin, topology: str) -> Edge:
        """The distribution in front of this origin."""
        service = self.settings.service
        return Edge(
            origin,
            site=self.site,
            paths=service.paths,
            methods=READ_METHODS if service.methods == "read" else None,
            authorization_source=self.authorization_source if topology == "serverless" else None,
            max_body_bytes=service.max_body_mb * 1024 * 1024,
            max_header_bytes=service.max_headers_kb * 1024,
        )


def target_of(root: Path, stack: str, folder: Path, command: str, environment: Mapping[str, str]) -> Target:
    """What this stack's file says. Raises NoTarget, and StackFileError where there is no such file."""
    settings, refusals = parse(load(root, stack).config)
    if refusals:
        raise NoTarget(f"Pulumi.{stack}.yaml is refused: python -m preflight preview {stack}")
    if not folder.is_dir():
        raise NoTarget(f"there is no folder {folder}: name the one with the service by --folder")
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise NoTarget(f"--command is no command, {str(error).lower()}: {command}") from error
    own = {name: environment[name] for name in _PASSED if name in environment}
    secrets, notes = _secrets(settings.service.secrets, environment)
    return Target(
        settings=settings,
        command=words or [sys.executable, "-m", "service"],
        folder=folder,
        site=root / settings.site.directory if settings.site else None,
        environment={**own, **_region(settings), "PYTHONUNBUFFERED": "1", **settings.service.environment, **secrets},
        notes=notes,
    )


def _region(settings: Settings) -> dict[str, str]:
    """As Lambda and ECS both tell it."""
    return {"AWS_REGION": settings.aws.region, "AWS_DEFAULT_REGION": settings.aws.region}


def _secrets(secrets: Mapping[str, str], environment: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The value where this machine has one, else its ARN where there are credentials to fetch it with, else a note."""
    variables, notes = {}, []
    has_credentials = "AWS_ACCESS_KEY_ID" in environment
    for name, arn in secrets.items():
        if name in environment:
            variables[name] = environment[name]
        elif has_credentials:
            variables[f"{name}_SECRET_ARN"] = arn
        else:
            notes.append(f"{name} is a secret: export it, or AWS credentials to fetch it with; for now it is not set")
    if has_credentials:
        variables |= {name: environment[name] for name in _AWS if name in environment}
    return variables, notes


def default_stack(root: Path) -> str:
    """`dev` if there is one, else the first."""
    names = stack_names(root)
    if not names:
        raise NoTarget(f"there is no Pulumi.<stack>.yaml in {root}")
    return "dev" if "dev" in names else names[0]
