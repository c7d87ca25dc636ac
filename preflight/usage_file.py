"""The usage file: Infracost's format, and its keys where they exist; `workload` and what is marked so below is ours.

Source: https://www.infracost.io/docs/features/usage_based_resources/ and, for the keys, the files
internal/resources/aws/*.go of https://github.com/infracost/infracost
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from preflight.pulumi_yaml import parse_yaml
from preflight.usage import DATA_TRANSFER, Usage, Workload

_IN_US_AND_EUROPE = tuple(
    f"{key}.{place}"
    for key in (
        "monthly_data_transfer_to_internet_gb",
        "monthly_data_transfer_to_origin_gb",
        "monthly_http_requests",
        "monthly_https_requests",
    )
    for place in ("us", "europe")
)
KEYS: Mapping[str, tuple[str, ...]] = {
    "aws_apigatewayv2_api": ("monthly_requests", "request_size_kb"),
    "aws_cloudfront_distribution": (*_IN_US_AND_EUROPE, "monthly_invalidation_requests"),
    "aws_cloudfront_function": ("monthly_requests",),
    "aws_cloudwatch_log_group": ("storage_gb", "monthly_data_ingested_gb", "monthly_data_scanned_gb"),
    DATA_TRANSFER: ("monthly_intra_region_gb", "monthly_outbound_internet_gb"),
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
"""By Infracost's name for a type: what rules here ask for."""
_ELSEWHERE = "south_africa|south_america|japan|australia|asia_pacific|india"
_UNUSED: Mapping[str, str] = {
    "aws_apigatewayv2_api": r"monthly_messages|message_size_kb|monthly_connection_mins",
    "aws_cloudfront_distribution": rf"monthly_(https?_requests|data_transfer_to_(internet|origin)_gb)\.({_ELSEWHERE})"
    r"|monthly_shield_requests\.\w+|monthly_encryption_requests|monthly_log_lines|custom_ssl_certificates",
    DATA_TRANSFER: r"region|monthly_outbound_(other_regions|us_east_to_us_east)_gb",
    "aws_lambda_provisioned_concurrency_config": r"architecture|memory_mb",
    "aws_route53_record": r"monthly_(latency_based|geo)_queries",
    "aws_s3_bucket": r"object_tags|standard\.monthly_select_data_\w+_gb"
    r"|(intelligent_tiering|standard_infrequent_access|one_zone_infrequent_access|glacier\w*)\.\w+",
    "aws_wafv2_web_acl": r"managed_rule_group_rules",
}
"""Infracost's other keys of these types: nothing here is paid for by them, or the program says it itself.

Viewers elsewhere are among them: our distributions answer from North America and Europe, and are paid for there.
"""
_NOT_OURS = re.compile(r"(module\..+\.)?(aws|google|azurerm)_\w+")
_ALIASES = {"aws_alb": "aws_lb"}
MOST = Decimal(10**12)
"""The largest quantity: above it is a slip of the finger."""
_MOST_OF_A_REQUEST = Decimal(10**7)
"""Of a request's milliseconds and KB: almost three hours, and 10 GB."""
_SHARES = ("cold_share", "standby_share")


class UsageError(Exception):
    """A usage file that can't be used: one complaint a line, for a person."""

    def __init__(self, complaints: Iterable[str]) -> None:
        self.complaints = tuple(complaints)
        super().__init__("\n".join(self.complaints))


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
    sections = ("version", "workload", "resource_type_default_usage", "resource_usage")
    if not isinstance(document, dict):
        raise UsageError([f"must be a map with {', '.join(sections)}"])
    reader = _Reader()
    for key in document:
        if key not in sections:
            reader.complaints.append(f"{key}: must be one of {', '.join(sections)}")
    usage = Usage(
        workload=reader.workload(document.get("workload")),
        by_type=dict(reader.section("resource_type_default_usage", document)),
        by_address=dict(reader.section("resource_usage", document)),
        unused=tuple(reader.unused),
    )
    if reader.complaints:
        raise UsageError(reader.complaints)
    return usage


@dataclass
class _Reader:
    complaints: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)

    def workload(self, given: Any) -> Workload:
        allowed = [each.name for each in fields(Workload)]
        values = {}
        for key, value in self._map(given, "workload").items():
            where = f"workload.{key}"
            most = MOST if key == "requests" else Decimal(1) if key in _SHARES else _MOST_OF_A_REQUEST
            number = self._number(value, where, Decimal(key == "peak_factor"), most)
            if key not in allowed:
                self.complaints.append(f"{where}: must be one of {', '.join(allowed)}")
            elif number is not None:
                values[key] = number
        return Workload(**values)

    def section(self, section: str, document: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Decimal]]]:
        """(type or address, quantities by key) of what rules here ask for."""
        for address, given in self._map(document.get(section), section).items():
            where = f"{section}.{address}"
            type_, dot, name = str(address).partition(".")
            type_ = _ALIASES.get(type_, type_)
            if type_ not in KEYS and _NOT_OURS.match(str(address)):
                self.unused.append(where)
            elif type_ not in KEYS:
                self.complaints.append(f"{where}: must be one of {', '.join(KEYS)}, or another of Infracost's")
            elif bool(name) != (section == "resource_usage"):
                wanted = "<type>.<name>" if section == "resource_usage" else "a type, without a name"
                self.complaints.append(f"{where}: must be {wanted}")
            else:
                yield f"{type_}{dot}{name}", dict(self._values(type_, where, given))

    def _values(self, type_: str, where: str, given: Any) -> Iterator[tuple[str, Decimal]]:
        for key, value in _flat(self._map(given, where)):
            place = f"{where}.{key}"
            if key in KEYS[type_]:
                number = self._number(value, place, Decimal(0), MOST)
                if number is not None:
                    yield key, number
            elif not re.fullmatch(_UNUSED.get(type_, ""), key):
                self.complaints.append(f"{place}: must be one of {', '.join(KEYS[type_])}")
            elif value:
                self.unused.append(place)

    def _map(self, given: Any, where: str) -> Mapping[str, Any]:
        if given is None or isinstance(given, dict):
            return given or {}
        self.complaints.append(f"{where}: must be a map, got {given!r}")
        return {}

    def _number(self, value: Any, where: str, least: Decimal, most: Decimal) -> Decimal | None:
        number = Decimal(str(value)) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
        if number is None or not number.is_finite() or not least <= number <= most:
            self.complaints.append(f"{where}: must be a number from {least} to {most:,f}, got {value!r}")
            return None
        return number


def _flat(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in given.items():
        if isinstance(value, dict):
            yield from ((f"{key}.{inner}", each) for inner, each in _flat(value))
        else:
            yield str(key), value
