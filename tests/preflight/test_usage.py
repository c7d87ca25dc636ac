"""Usage files: Infracost's format, what wins over what, and what is refused."""

from dataclasses import fields
from decimal import Decimal

import pytest

from preflight.usage import Usage, Workload, matches
from preflight.usage_file import KEYS, UsageError, parse, read


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


@pytest.mark.parametrize("is_last", [True, False])
def test_the_more_exact_address_wins_wherever_it_stands(is_last):
    rows = {"aws_lb.main": 1, "aws_lb.ma*": 2, "aws_lb.*": 3, "aws_lb.m*": 4, "aws_lb.main[*]": 5}
    order = list(rows) if is_last else list(reversed(rows))
    usage = parse({"resource_usage": {each: {"processed_bytes_gb": rows[each]} for each in order}})
    found = {name: usage.of("aws_lb", name)["processed_bytes_gb"] for name in ("main", "mainly", "mab", "mob", "lb")}
    assert found == {"main": 1, "mainly": 5, "mab": 2, "mob": 4, "lb": 3}


def test_what_infracost_knows_and_no_rule_here_asks_for_is_accepted_and_named():
    document = {
        "resource_type_default_usage": {"aws_dynamodb_table": {"storage_gb": 0}},
        "resource_usage": {
            "aws_data_transfer.out": {"region": "us-east-1", "monthly_outbound_internet_gb": 5},
            "aws_wafv2_web_acl.waf": {"managed_rule_group_rules": 10, "rule_group_rules": 2},
            "aws_cloudfront_distribution.cdn": {
                "monthly_https_requests": {"us": 1, "europe": 2, "japan": 3, "india": 0},
                "monthly_shield_requests": {"us": 4},
            },
            "aws_lambda_provisioned_concurrency_config.warm": {"architecture": "arm64", "memory_mb": 512},
            "aws_apigatewayv2_api.api": {"monthly_messages": 1},
            "aws_route53_record.www": {"monthly_latency_based_queries": 1},
            "module.db.aws_rds_cluster.main[0]": {"storage_gb": 50},
        },
    }
    usage = parse(document)
    assert usage.unused == (
        "resource_type_default_usage.aws_dynamodb_table",
        "resource_usage.aws_data_transfer.out.region",
        "resource_usage.aws_wafv2_web_acl.waf.managed_rule_group_rules",
        "resource_usage.aws_cloudfront_distribution.cdn.monthly_https_requests.japan",
        "resource_usage.aws_cloudfront_distribution.cdn.monthly_shield_requests.us",
        "resource_usage.aws_lambda_provisioned_concurrency_config.warm.architecture",
        "resource_usage.aws_lambda_provisioned_concurrency_config.warm.memory_mb",
        "resource_usage.aws_apigatewayv2_api.api.monthly_messages",
        "resource_usage.aws_route53_record.www.monthly_latency_based_queries",
        "resource_usage.module.db.aws_rds_cluster.main[0]",
    )
    assert usage.of("aws_data_transfer", "out") == {"monthly_outbound_internet_gb": 5}
    assert usage.of("aws_wafv2_web_acl", "waf") == {"rule_group_rules": 2}


def test_a_slip_in_a_key_is_not_taken_for_one_of_infracosts():
    (found,) = complaints(
        {"resource_usage": {"aws_cloudfront_distribution.cdn": {"monthly_https_requests": {"eu": 1}}}}
    )
    assert found.startswith("resource_usage.aws_cloudfront_distribution.cdn.monthly_https_requests.eu: must be one of")


@pytest.mark.parametrize(
    ("document", "most"),
    [
        ({"workload": {"requests": 1e40}}, "1,000,000,000,000"),
        ({"workload": {"cpu_ms": 1e300}}, "10,000,000"),
        ({"resource_usage": {"aws_ecr_repository.a": {"storage_gb": 1e28}}}, "1,000,000,000,000"),
    ],
)
def test_what_is_too_large_to_be_meant_is_refused(document, most):
    (found,) = complaints(document)
    assert f"must be a number from 0 to {most}, got 1e+" in found


def test_a_workload_says_what_requests_are_like():
    usage = parse({"workload": {"requests": 1e6, "cpu_ms": 12, "cold_share": 0.05}})
    assert usage.workload == Workload(requests=Decimal(10**6), cpu_ms=Decimal(12), cold_share=Decimal("0.05"))


def test_everything_that_is_wrong_is_said_at_once_with_its_place():
    found = complaints(
        {
            "usage": {},
            "workload": {"cpu": 5, "cold_share": 2, "peak_factor": 0.5, "log_kb": "much"},
            "resource_type_default_usage": {"lambda": {}, "aws_lb.main": {}},
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
        "resource_type_default_usage.lambda",
        "resource_type_default_usage.aws_lb.main",
        "resource_usage.aws_lb",
        "resource_usage.aws_kms_key.a.requests",
        "resource_usage.aws_ecr_repository.b.storage_gb",
        "resource_usage.aws_s3_bucket.c",
    ]
    assert "must be one of monthly_requests" in found[8]
    assert "must be a number from 0 to 1,000,000,000,000, got -1" in found[9]


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
