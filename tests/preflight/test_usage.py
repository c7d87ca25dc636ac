"""Usage files: Infracost's format, what wins over what, and what is refused."""

from dataclasses import fields
from decimal import Decimal

import pytest

from preflight.usage import KEYS, Usage, UsageError, Workload, matches, parse, read


def complaints(document) -> tuple[str, ...]:
    with pytest.raises(UsageError) as error:
        parse(document)
    return error.value.complaints


def test_an_infracost_file_is_read_as_it_is(tmp_path):
    path = tmp_path / "infracost-usage.yml"
    path.write_text(
        """
        version: 0.1
        resource_type_default_usage:
          aws_lambda_function: {monthly_requests: 100, request_duration_ms: 250}
        resource_usage:
          aws_lambda_function.hello:
            monthly_requests: 0.1
          aws_alb.main: {processed_bytes_gb: 5}
          aws_s3_bucket.files:
            standard: {storage_gb: 3}
        """,
        encoding="utf-8",
    )
    usage = read(path)
    assert usage.of("aws_lambda_function", "hello") == {
        "monthly_requests": Decimal("0.1"),
        "request_duration_ms": Decimal(250),
    }
    assert usage.of("aws_lambda_function", "other")["monthly_requests"] == 100
    assert usage.of("aws_lb", "main") == {"processed_bytes_gb": 5}
    assert usage.of("aws_s3_bucket", "files") == {"standard.storage_gb": 3}
    assert usage.workload == Workload()


@pytest.mark.parametrize(
    ("address", "name", "fits"),
    [
        ("aws_lb.main", "main", True),
        ("aws_lb.main", "mainly", False),
        ("aws_lb.main[*]", "main-us-east-1a", True),
        ("aws_lb.*", "anything", True),
        ("aws_lb.a*z", "a-to-z", True),
        ("aws_lb.a.c", "abc", False),
        ("aws_nat_gateway.main", "main", False),
    ],
)
def test_a_star_stands_for_any_text_and_nothing_else_is_special(address, name, fits):
    assert matches(address, "aws_lb", name) is fits


def test_a_workload_says_what_requests_are_like():
    usage = parse({"workload": {"requests": 1e6, "cpu_ms": 12, "cold_share": 0.05}})
    assert usage.workload == Workload(requests=Decimal(10**6), cpu_ms=Decimal(12), cold_share=Decimal("0.05"))


def test_everything_that_is_wrong_is_said_at_once_with_its_place():
    found = complaints(
        {
            "usage": {},
            "workload": {"cpu": 5, "cold_share": 2, "peak_factor": 0.5, "log_kb": "much"},
            "resource_type_default_usage": {"aws_lambda": {}, "aws_lb.main": {}},
            "resource_usage": {
                "aws_lb": {},
                "aws_kms_key.a": {"requests": 1},
                "aws_ecr_repository.b": {"storage_gb": -1},
                "aws_s3_bucket.c": 5,
            },
        }
    )
    assert [each.partition(":")[0] for each in found] == [
        "usage",
        "workload.cpu",
        "workload.cold_share",
        "workload.peak_factor",
        "workload.log_kb",
        "resource_type_default_usage.aws_lambda",
        "resource_type_default_usage.aws_lb.main",
        "resource_usage.aws_lb",
        "resource_usage.aws_kms_key.a.requests",
        "resource_usage.aws_ecr_repository.b.storage_gb",
        "resource_usage.aws_s3_bucket.c",
    ]
    assert "must be one of monthly_requests" in found[8]
    assert "must be a number, 0 or more, got -1" in found[9]


@pytest.mark.parametrize("document", [[], "text", 5])
def test_a_file_that_is_no_map_is_refused(document):
    assert "must be a map" in complaints(document)[0]


@pytest.mark.parametrize("value", [True, "5", None, float("inf"), -0.1, [1]])
def test_only_numbers_from_zero_up_are_quantities(value):
    (found,) = complaints({"resource_usage": {"aws_kms_key.a": {"monthly_requests": value}}})
    assert "must be a number" in found


def test_a_file_that_is_not_there_or_is_no_yaml_is_refused_by_name(tmp_path):
    path = tmp_path / "usage.yml"
    with pytest.raises(UsageError, match=r"usage.yml: can't be read"):
        read(path)
    path.write_text("a: [", encoding="utf-8")
    with pytest.raises(UsageError, match=r"usage.yml: can't be read"):
        read(path)


def test_a_key_given_twice_is_refused(tmp_path):
    path = tmp_path / "usage.yml"
    path.write_text("workload: {cpu_ms: 1, cpu_ms: 2}", encoding="utf-8")
    with pytest.raises(UsageError, match="twice"):
        read(path)


def test_an_empty_file_changes_nothing(tmp_path):
    path = tmp_path / "usage.yml"
    path.write_text("", encoding="utf-8")
    assert read(path) == Usage()


def test_every_part_of_a_workload_can_be_given():
    given = {each.name: 1 for each in fields(Workload)}
    assert parse({"workload": given}).workload == Workload(**{name: Decimal(1) for name in given})


def test_every_key_can_be_given():
    for type_, keys in KEYS.items():
        for key in keys:
            outer, _, inner = key.partition(".")
            value = {inner: 7} if inner else 7
            usage = parse({"resource_usage": {f"{type_}.name": {outer: value}}})
            assert usage.of(type_, "name") == {key: 7}
