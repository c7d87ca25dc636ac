"""Usage: what nobody can read from a program. How much a stack is used, given or assumed.

The file has Infracost's format, so that one file serves both, and its keys where they exist; `workload` and the keys
marked so below are ours. Source: https://www.infracost.io/docs/features/usage_based_resources/
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from preflight.stackfile import parse_yaml

_CLOUDFRONT_REGIONS = ("us", "europe")  # one price for both; a distribution of price class 100 uses no others
# Source: the files internal/resources/aws/*.go of https://github.com/infracost/infracost
KEYS: Mapping[str, tuple[str, ...]] = {
    "aws_apigatewayv2_api": ("monthly_requests", "request_size_kb"),
    "aws_cloudfront_distribution": (
        *(f"monthly_data_transfer_to_internet_gb.{each}" for each in _CLOUDFRONT_REGIONS),
        *(f"monthly_data_transfer_to_origin_gb.{each}" for each in _CLOUDFRONT_REGIONS),
        *(f"monthly_http_requests.{each}" for each in _CLOUDFRONT_REGIONS),
        *(f"monthly_https_requests.{each}" for each in _CLOUDFRONT_REGIONS),
        "monthly_invalidation_requests",
    ),
    "aws_cloudfront_function": ("monthly_requests",),
    "aws_cloudwatch_log_group": ("storage_gb", "monthly_data_ingested_gb", "monthly_data_scanned_gb"),
    "aws_data_transfer": ("monthly_intra_region_gb", "monthly_outbound_internet_gb"),
    "aws_ecr_repository": ("storage_gb",),
    "aws_ecs_service": ("tasks", "monthly_hours"),  # ours: average number of tasks, and hours a month they run
    "aws_kms_key": ("monthly_requests",),  # ours
    "aws_lambda_function": ("monthly_requests", "request_duration_ms"),
    "aws_lambda_provisioned_concurrency_config": ("monthly_duration_hrs", "monthly_requests", "request_duration_ms"),
    "aws_lb": ("new_connections", "active_connections", "processed_bytes_gb", "rule_evaluations"),
    "aws_nat_gateway": ("monthly_data_processed_gb",),
    "aws_route53_record": ("monthly_standard_queries",),
    "aws_s3_bucket": ("standard.storage_gb", "standard.monthly_tier_1_requests", "standard.monthly_tier_2_requests"),
    "aws_secretsmanager_secret": ("monthly_requests",),
    "aws_vpc_endpoint": ("monthly_data_processed_gb",),
    "aws_wafv2_web_acl": ("rule_group_rules", "monthly_requests"),
}
_ALIASES = {"aws_alb": "aws_lb"}
DATA_TRANSFER = "aws_data_transfer"
"""Stands for no resource: what goes between zones and out to the internet past CloudFront."""


class UsageError(Exception):
    """A usage file, or a number, that can't be used: one complaint a line, for a person."""

    def __init__(self, complaints: Iterable[str]) -> None:
        self.complaints = tuple(complaints)
        super().__init__("\n".join(self.complaints))


@dataclass(frozen=True, kw_only=True)
class Workload:
    """What the service's requests are like: from it comes every usage that the file does not give.

    The defaults are those of a small JSON API. CPU time and peak decide where the topologies cost the same; measure
    them before you believe a break-even.
    """

    requests: Decimal = Decimal(0)
    """Requests to the service a month. Default 0: the stack at rest."""
    duration_ms: Decimal | None = None
    """Wall time of a request in Lambda. Default 50, or as long as `cpu_ms` takes with the function's memory."""
    cpu_ms: Decimal = Decimal(8)
    """CPU time of a request, in milliseconds of one whole vCPU."""
    response_kb: Decimal = Decimal(20)
    """Size of a response."""
    request_kb: Decimal = Decimal(2)
    """Size of a request with its headers."""
    log_kb: Decimal = Decimal(1)
    """What the service logs for a request."""
    access_log_kb: Decimal = Decimal("0.5")
    """An entry of the HTTP API's access log."""
    cold_share: Decimal = Decimal("0.01")
    """Share of requests that wait for a new Lambda instance, 0 to 1."""
    init_ms: Decimal = Decimal(400)
    """What a new instance takes to start; AWS bills it since August 2025."""
    peak_factor: Decimal = Decimal(1)
    """Tasks provisioned, as a multiple of what the mean load needs, 1 or more. Default 1: the autoscaler follows."""
    standby_share: Decimal = Decimal(0)
    """Share of requests that go to the standby, 0 to 1."""
    image_gb: Decimal = Decimal("0.5")
    """Images in the registry."""


_SHARES = ("cold_share", "standby_share")


@dataclass(frozen=True, kw_only=True)
class Usage:
    """A workload, and what a file says about single resources."""

    workload: Workload = field(default_factory=Workload)
    by_type: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    """For every resource of a type, by Infracost's name for it."""
    by_address: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    """For `<type>.<name>`, where `*` stands for any text; it wins over the type's."""

    def of(self, type_: str, name: str) -> dict[str, Decimal]:
        """What is given for one resource, by key; a key with a dot is one inside another."""
        given = dict(self.by_type.get(type_, {}))
        for address, values in self.by_address.items():
            if matches(address, type_, name):
                given.update(values)
        return given

    def addresses(self, type_: str) -> list[str]:
        """The names that the file gives to this type's resources."""
        return [each.partition(".")[2] for each in self.by_address if each.partition(".")[0] == type_]


def matches(address: str, type_: str, name: str) -> bool:
    """Whether an address of a usage file means this resource: `aws_lb.main`, `aws_lb.*`, `aws_lb.main[*]`."""
    wanted, _, pattern = address.partition(".")
    text = ".*".join(re.escape(part) for part in pattern.replace("[*]", "*").split("*"))
    return wanted == type_ and re.fullmatch(text, name) is not None


def read(path: Path) -> Usage:
    """Read a usage file. Raises UsageError with everything that is wrong in it."""
    try:
        document = parse_yaml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError, yaml.YAMLError) as error:
        raise UsageError([f"--usage {path}: can't be read: {' '.join(str(error).split())}"]) from None
    try:
        return parse({} if document is None else document)
    except UsageError as error:
        raise UsageError(f"--usage {path}: {each}" for each in error.complaints) from None


def parse(document: Any) -> Usage:
    """A usage file's content. Raises UsageError with everything that is wrong in it."""
    if not isinstance(document, dict):
        raise UsageError(["must be a map with version, workload, resource_type_default_usage, resource_usage"])
    complaints = [
        f"{key}: must be one of version, workload, resource_type_default_usage, resource_usage"
        for key in document
        if key not in ("version", "workload", "resource_type_default_usage", "resource_usage")
    ]
    workload = _workload(document.get("workload"), complaints)
    by_type = dict(_section("resource_type_default_usage", document, complaints))
    by_address = dict(_section("resource_usage", document, complaints))
    if complaints:
        raise UsageError(complaints)
    return Usage(workload=workload, by_type=by_type, by_address=by_address)


def _workload(given: Any, complaints: list[str]) -> Workload:
    allowed = [each.name for each in fields(Workload)]
    values = {}
    for key, value in _map(given, "workload", complaints).items():
        where = f"workload.{key}"
        number = _number(value, where, complaints)
        if key not in allowed:
            complaints.append(f"{where}: must be one of {', '.join(allowed)}")
        elif number is None:
            continue
        elif key in _SHARES and number > 1:
            complaints.append(f"{where}: must be 0 to 1, got {value}")
        elif key == "peak_factor" and number < 1:
            complaints.append(f"{where}: must be 1 or more, got {value}")
        else:
            values[key] = number
    return Workload(**values)


def _section(
    section: str, document: Mapping[str, Any], complaints: list[str]
) -> Iterator[tuple[str, dict[str, Decimal]]]:
    for address, given in _map(document.get(section), section, complaints).items():
        where = f"{section}.{address}"
        type_, dot, name = str(address).partition(".")
        type_ = _ALIASES.get(type_, type_)
        if type_ not in KEYS:
            complaints.append(f"{where}: must be one of {', '.join(KEYS)}")
        elif bool(name) != (section == "resource_usage"):
            wanted = "<type>.<name>" if section == "resource_usage" else "a type, without a name"
            complaints.append(f"{where}: must be {wanted}")
        else:
            yield f"{type_}{dot}{name}", dict(_values(type_, where, given, complaints))


def _values(type_: str, where: str, given: Any, complaints: list[str]) -> Iterator[tuple[str, Decimal]]:
    for key, value in _flat(_map(given, where, complaints)):
        number = _number(value, f"{where}.{key}", complaints)
        if key not in KEYS[type_]:
            complaints.append(f"{where}.{key}: must be one of {', '.join(KEYS[type_])}")
        elif number is not None:
            yield key, number


def _flat(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in given.items():
        if isinstance(value, dict):
            yield from ((f"{key}.{inner}", each) for inner, each in _flat(value))
        else:
            yield str(key), value


def _map(given: Any, where: str, complaints: list[str]) -> Mapping[str, Any]:
    if given is None or isinstance(given, dict):
        return given or {}
    complaints.append(f"{where}: must be a map, got {given!r}")
    return {}


def _number(value: Any, where: str, complaints: list[str]) -> Decimal | None:
    number = Decimal(str(value)) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    if number is None or not number.is_finite() or number < 0:
        complaints.append(f"{where}: must be a number, 0 or more, got {value!r}")
        return None
    return number
