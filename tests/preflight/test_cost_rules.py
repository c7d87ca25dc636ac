"""Each rule, recomputed by hand from the price list's own units; us-east-1, 730 hours unless a test says otherwise."""

import json
from dataclasses import replace
from decimal import Decimal

import pulumi
import pulumi_aws as aws
import pytest
from costs import amounts, paid, priced, priced_program
from stacks import DOMAIN, recorded

from preflight import prices
from preflight.cost.graph import Graph
from preflight.cost.serverless import duration_problems
from preflight.usage import Usage, Workload
from preflight.usage_file import parse

HOUR = Decimal(730)
MILLION = 10**6
GB = Decimal(2**20)
"""KB of one GB."""


def gave(**resource_usage) -> Usage:
    return parse({"resource_usage": {key.replace("__", "."): value for key, value in resource_usage.items()}})


def test_a_zonal_nat_gateway_is_paid_by_the_hour_with_its_address_and_by_the_gb():
    for nat, gateways in (("single", 1), ("perZone", 2)):
        usage = gave(**{"aws_nat_gateway__*": {"monthly_data_processed_gb": 10}})
        found = amounts(priced(recorded("prod", f"network.nat={nat}"), usage=usage))
        assert found["NAT gateway"] == gateways * HOUR * Decimal("0.045")
        assert found["public IPv4"] == gateways * HOUR * Decimal("0.005")
        assert found["NAT data"] == gateways * 10 * Decimal("0.045")
        assert "public IPv4 of the tasks" not in found


@pytest.mark.parametrize("zones", [2, 3])
def test_a_regional_nat_gateway_is_paid_for_each_zone_with_an_address_in_each(zones):
    found = amounts(priced(recorded("prod", "network.nat=regional", f"network.zones={zones}")))
    assert found[f"regional NAT gateway, {zones} zones"] == zones * HOUR * Decimal("0.045")
    assert found[f"public IPv4, {zones} of the NAT gateway"] == zones * HOUR * Decimal("0.005")


def test_a_nat_instance_is_a_machine_a_disk_and_an_address():
    found = amounts(priced(recorded("prod", "network.nat=instance")))
    assert found["instance t4g.nano"] == HOUR * Decimal("0.0042")
    assert found["disk of 8 GB"] == Decimal("0.64")
    assert found["public IPv4"] == HOUR * Decimal("0.005")


def test_an_instance_type_without_a_price_is_unpriced_and_its_disk_is_not():
    def program():
        aws.ec2.Instance("box", instance_type="m7g.large", root_block_device={"volume_size": 20})

    found = priced_program(program)
    assert [gap.what for gap in found.unpriced] == ["instance m7g.large"]
    assert amounts(found) == {"disk of 20 GB": 20 * Decimal("0.08")}


def test_an_instance_that_asks_for_a_public_address_pays_for_it_unless_it_has_an_elastic_one():
    def program():
        asking = {"instance_type": "t4g.nano", "associate_public_ip_address": True}
        aws.ec2.Instance("alone", **asking)
        with_address = aws.ec2.Instance("with-address", **asking)
        aws.ec2.Eip("address", instance=with_address.id)

    found = amounts(priced_program(program))
    assert found["public IPv4 of the instance"] == found["public IPv4"] == HOUR * Decimal("0.005")


def test_an_interface_endpoint_is_paid_for_each_zone_and_by_the_gb_and_a_gateway_endpoint_is_free():
    usage = gave(**{"aws_vpc_endpoint__*": {"monthly_data_processed_gb": 5}})
    found = amounts(priced(recorded("prod", "network.nat=endpoints"), usage=usage))
    interfaces = {what: amount for what, amount in found.items() if what.startswith("endpoint ")}
    assert set(interfaces) == {
        f"endpoint {service}, {part}" for service in ("ecr.api", "ecr.dkr", "logs") for part in ("2 zones", "data")
    }
    assert interfaces["endpoint logs, 2 zones"] == 2 * HOUR * Decimal("0.01")
    assert interfaces["endpoint logs, data"] == 5 * Decimal("0.01")


def test_an_endpoint_is_paid_in_as_many_zones_as_it_has_subnets_and_other_kinds_are_unpriced():
    def program():
        name = "com.amazonaws.us-east-1.sqs"
        for kind, subnets in (
            ("Interface", ["subnet-1", "subnet-2", "subnet-3"]),
            ("GatewayLoadBalancer", ["subnet-1"]),
        ):
            aws.ec2.VpcEndpoint(kind, vpc_id="vpc-1", service_name=name, vpc_endpoint_type=kind, subnet_ids=subnets)

    found = priced_program(program)
    assert amounts(found)["endpoint sqs, 3 zones"] == 3 * HOUR * Decimal("0.01")
    assert [gap.what for gap in found.unpriced] == ["endpoint of type GatewayLoadBalancer"]


def test_a_public_balancer_has_an_address_in_each_zone_and_an_internal_one_none():
    public = amounts(priced(recorded("prod", DOMAIN, "container.loadBalancer=public")))
    internal = amounts(priced(recorded("prod")))
    assert public["load balancer"] == internal["load balancer"] == HOUR * Decimal("0.0225")
    assert public["public IPv4, 2 of the balancer"] == 2 * HOUR * Decimal("0.005")
    assert not [what for what in internal if what.endswith("of the balancer")]


def test_a_balancer_without_public_ipv4_has_no_address_to_pay():
    def program():
        aws.lb.LoadBalancer("lb", subnets=["subnet-1", "subnet-2"], ip_address_type="dualstack-without-public-ipv4")

    assert set(amounts(priced_program(program))) == {"load balancer", "load balancer capacity"}


def test_a_balancer_with_mappings_has_an_address_in_each_of_them():
    mappings = [{"subnet_id": f"subnet-{n}"} for n in range(3)]
    found = amounts(priced_program(lambda: aws.lb.LoadBalancer("lb", subnet_mappings=mappings)))
    assert found["public IPv4, 3 of the balancer"] == 3 * HOUR * Decimal("0.005")


def test_a_network_balancer_is_unpriced_rather_than_taken_for_an_application_balancer():
    found = priced_program(lambda: aws.lb.LoadBalancer("lb", load_balancer_type="network"))
    assert [gap.what for gap in found.unpriced] == ["load balancer"]
    assert paid(found) == []


@pytest.mark.parametrize(
    ("given", "units"),
    [
        ({"new_connections": 50}, 2),
        ({"active_connections": 9000}, 3),
        ({"processed_bytes_gb": 2920}, 4),
        ({"rule_evaluations": 5000}, 5),
        ({"new_connections": 50, "processed_bytes_gb": 730}, 2),
        ({}, 0),
    ],
)
def test_capacity_units_are_the_largest_of_the_four_dimensions(given, units):
    usage = gave(**{"aws_lb__*": given})
    found = amounts(priced(recorded("prod"), usage=usage))
    assert found["load balancer capacity"] == units * HOUR * Decimal("0.008")


def test_capacity_units_come_from_the_bytes_of_the_requests():
    found = amounts(priced(recorded("prod"), 10 * MILLION))
    assert found["load balancer capacity"] == 10 * MILLION * 22 / GB * Decimal("0.008")


def test_tasks_are_paid_by_vcpu_and_memory_and_a_public_address_each():
    found = amounts(priced(recorded("prod")))  # two tasks of half a vCPU and 1 GB
    assert found["Fargate, arm64: vCPU"] == 2 * HOUR * Decimal("0.5") * Decimal("0.03238")
    assert found["Fargate, arm64: memory"] == 2 * HOUR * Decimal("0.00356")
    assert found["public IPv4 of the tasks"] == 2 * HOUR * Decimal("0.005")


def service_program(architecture: str = "X86_64", storage: int | None = None, launch: dict | None = None, **task):
    def program():
        task_ = {
            "cpu": "1024",
            "memory": "2048",
            "container_definitions": json.dumps([]),
            "runtime_platform": {"cpu_architecture": architecture},
            "ephemeral_storage": {"size_in_gib": storage} if storage else None,
            **task,
        }
        definition = aws.ecs.TaskDefinition("task", family="app", **task_)
        return aws.ecs.Service("app", task_definition=definition.arn, desired_count=3, **(launch or {}))

    return program


def test_x86_tasks_have_their_own_price():
    found = amounts(priced_program(service_program()))
    assert found == {
        "Fargate, x86: vCPU": 3 * HOUR * Decimal("0.04048"),
        "Fargate, x86: memory": 3 * HOUR * 2 * Decimal("0.004445"),
    }


def test_a_size_in_words_is_the_same_as_one_in_numbers():
    in_words = amounts(priced_program(service_program(cpu="1 vCPU", memory="2 GB")))
    assert in_words == amounts(priced_program(service_program()))
    assert amounts(priced_program(service_program(cpu=".25 vCPU")))["Fargate, x86: vCPU"] == Decimal("22.1628")


def test_arm_is_what_the_platform_says_not_what_is_written_anywhere():
    found = amounts(priced_program(service_program(container_definitions=json.dumps([{"name": "ARM64"}]))))
    assert "Fargate, x86: vCPU" in found


@pytest.mark.parametrize(
    ("launch", "task", "reason"),
    [
        ({"launch_type": "EC2"}, {}, "what they run on (EC2) is not Fargate"),
        ({"capacity_provider_strategies": [{"capacity_provider": "mine", "weight": 1}]}, {}, "(mine) is not Fargate"),
        ({}, {"runtime_platform": {"operating_system_family": "WINDOWS_SERVER_2022_CORE"}}, "Windows"),
        ({}, {"cpu": None}, "does not say how large"),
    ],
)
def test_tasks_that_are_not_linux_on_fargate_are_unpriced(launch, task, reason):
    found = priced_program(service_program(launch=launch, **task))
    (gap,) = found.unpriced
    assert reason in gap.reason
    assert paid(found) == []


def test_a_task_pays_for_disk_above_twenty_gb():
    found = amounts(priced_program(service_program("ARM64", storage=50)))
    assert found["Fargate: disk"] == 3 * HOUR * 30 * Decimal("0.000111")


def test_spot_is_planned_at_half_the_price_and_spans_three_tenths_to_all_of_it():
    spot = {"capacity_provider_strategies": [{"capacity_provider": "FARGATE_SPOT", "weight": 1}]}
    found = priced_program(service_program("ARM64", launch=spot))
    full = 3 * HOUR * (Decimal("0.03238") + 2 * Decimal("0.00356"))
    assert found.total == full / 2
    assert found.least == full * Decimal("0.3")
    assert found.most == full


def test_a_base_on_demand_is_paid_in_full_and_only_the_rest_is_spot():
    def provider(name: str, **more: int):
        return {"capacity_provider": name, **more}

    def total(*strategies: dict) -> dict[str, Decimal]:
        return amounts(priced_program(service_program("ARM64", launch={"capacity_provider_strategies": strategies})))

    task = HOUR * Decimal("0.03238")
    found = total(provider("FARGATE", base=1, weight=0), provider("FARGATE_SPOT", weight=1))
    assert (found["Fargate, arm64: vCPU"], found["Fargate Spot, arm64: vCPU"]) == (task, 2 * task / 2)
    found = total(provider("FARGATE", base=1, weight=1), provider("FARGATE_SPOT", weight=3))
    assert (found["Fargate, arm64: vCPU"], found["Fargate Spot, arm64: vCPU"]) == (Decimal("1.5") * task, task * 3 / 4)
    assert set(total(provider("FARGATE", weight=1))) == {"Fargate, arm64: vCPU", "Fargate, arm64: memory"}


def test_the_range_ends_with_all_the_tasks_that_the_autoscaler_may_start():
    found = priced(recorded("prod"))  # 2 to 10 tasks
    tasks = amounts(found)
    each = (tasks["Fargate, arm64: vCPU"] + tasks["Fargate, arm64: memory"] + tasks["public IPv4 of the tasks"]) / 2
    assert found.least == found.total
    assert found.most - found.total == 8 * each


def test_the_load_decides_how_many_tasks_run_and_the_minimum_is_always_paid():
    # Half a vCPU held at 60 percent takes 37.5 requests a second of 8 ms each.
    month = HOUR * 3600
    needed = 300 * MILLION / (Decimal("37.5") * month)
    assert needed > 3
    busy = amounts(priced(recorded("prod"), 300 * MILLION))["Fargate, arm64: vCPU"]
    assert busy == pytest.approx(needed * HOUR * Decimal("0.5") * Decimal("0.03238"))
    quiet = amounts(priced(recorded("prod"), 100 * MILLION))["Fargate, arm64: vCPU"]
    assert quiet == 2 * HOUR * Decimal("0.5") * Decimal("0.03238")


def test_the_policy_that_holds_the_least_cpu_decides_how_many_tasks_run():
    def program():
        service = service_program("ARM64")()
        target = aws.appautoscaling.Target(
            "target",
            service_namespace="ecs",
            resource_id=pulumi.Output.concat("service/cluster/", service.name),
            scalable_dimension="ecs:service:DesiredCount",
            min_capacity=1,
            max_capacity=20,
        )
        for percent in (60, 30, 90):
            aws.appautoscaling.Policy(
                f"by-{percent}",
                service_namespace="ecs",
                resource_id=target.resource_id,
                scalable_dimension="ecs:service:DesiredCount",
                target_tracking_scaling_policy_configuration={
                    "target_value": percent,
                    "predefined_metric_specification": {"predefined_metric_type": "ECSServiceAverageCPUUtilization"},
                },
            )

    found = amounts(priced_program(program, 300 * MILLION))
    needed = 300 * MILLION / (Decimal("0.3") * 125 * HOUR * 3600)  # at 8 ms a vCPU does 125 a second
    assert found["Fargate, arm64: vCPU"] == pytest.approx(needed * HOUR * Decimal("0.03238"))


def test_a_load_above_what_the_autoscaler_may_start_is_said():
    assert priced(recorded("prod"), 10 * MILLION).notes == ()
    (note,) = priced(recorded("prod"), 3000 * MILLION).notes
    assert "30.4 tasks" in note
    assert "10" in note


def test_a_service_that_nothing_scales_pays_whole_tasks():
    usage = Usage(workload=Workload(requests=Decimal(300 * MILLION)))
    found = amounts(priced_program(service_program("ARM64"), usage=usage))
    # One vCPU at half load takes 62.5 requests a second; 114 a second are two tasks, fewer than the three asked for.
    assert found["Fargate, arm64: vCPU"] == 3 * HOUR * Decimal("0.03238")
    usage = Usage(workload=Workload(requests=Decimal(600 * MILLION)))
    found = amounts(priced_program(service_program("ARM64"), usage=usage))
    assert found["Fargate, arm64: vCPU"] == 4 * HOUR * Decimal("0.03238")


def test_tasks_and_their_hours_can_be_given():
    usage = gave(aws_ecs_service__app={"tasks": 2.5, "monthly_hours": 365})
    found = amounts(priced_program(service_program("ARM64"), usage=usage))
    assert found["Fargate, arm64: vCPU"] == Decimal("2.5") * 365 * Decimal("0.03238")


def test_the_same_load_in_half_of_the_hours_takes_twice_the_tasks():
    by_day = {"aws_ecs_service__*": {"monthly_hours": 365}}
    busy, quiet = (
        [
            amounts(
                priced(recorded("prod"), usage=replace(gave(**given), workload=Workload(requests=Decimal(requests))))
            )
            for given in ({}, by_day)
        ]
        for requests in (300 * MILLION, 0)
    )
    for what in ("Fargate, arm64: vCPU", "public IPv4 of the tasks"):
        assert busy[1][what] == pytest.approx(busy[0][what])
        assert quiet[1][what] == quiet[0][what] / 2


def test_what_runs_all_month_runs_no_longer_than_the_month():
    usage = gave(aws_ecs_service__app={"monthly_hours": 744})
    found = amounts(priced_program(service_program("ARM64"), usage=usage, hours=Decimal(744)))
    assert found["Fargate, arm64: vCPU"] == 3 * 744 * Decimal("0.03238")


def test_each_policy_that_tracks_a_target_has_two_alarms_of_its_own():
    for overrides, policies in (((), 1), (("container.scaling.requestsPerTask=100",), 2)):
        found = amounts(priced(recorded("prod", *overrides), free_tier=False))
        assert found["alarms of the autoscaler"] == policies * 2 * Decimal("0.1")


def test_a_daily_call_is_one_call_a_day():
    found = priced(recorded("prod", "standby=true"), free_tier=False)
    (line,) = [line for line in paid(found) if line.what == "scheduled calls"]
    assert line.quantity == pytest.approx(Decimal(730) / 24)


def test_a_request_costs_a_lambda_call_its_gb_seconds_an_api_call_and_logs():
    found = amounts(priced(recorded("dev"), 10 * MILLION, free_tier=False))
    calls = 10 * MILLION + 730  # the authorizer is asked once an hour
    assert found["Lambda requests"] == calls * Decimal("0.0000002")
    seconds = 10 * MILLION * (Decimal("0.05") + Decimal("0.01") * Decimal("0.4"))  # 1 GB of memory
    authorizer = 730 * Decimal("0.005") * Decimal("0.125")
    assert found["Lambda GB-seconds, arm64"] == (seconds + authorizer) * Decimal("0.0000133334")
    assert found["HTTP API requests"] == 10
    assert found["logs written"] == pytest.approx(10 * MILLION / GB * Decimal("0.5"))


def test_half_a_gb_of_memory_takes_half_the_gb_seconds():
    whole = amounts(priced(recorded("dev"), MILLION, free_tier=False))["Lambda GB-seconds, arm64"]
    half = amounts(priced(recorded("dev", "serverless.memoryMb=512"), MILLION, free_tier=False))
    assert float(half["Lambda GB-seconds, arm64"] / whole) == pytest.approx(0.5, abs=1e-5)


def test_a_small_function_takes_as_long_as_its_cpu_time_needs():
    usage = Usage(workload=Workload(requests=Decimal(MILLION), cold_share=Decimal(0)))
    found = priced(recorded("dev", "serverless.memoryMb=128"), usage=usage, free_tier=False)
    (line,) = [
        each for each in paid(found) if each.what.startswith("Lambda GB-s") and each.urn.endswith("::serverless")
    ]
    assert line.quantity == pytest.approx(MILLION * Decimal(8) * 1769 / 128 / 1000 * Decimal("0.125"))


def test_a_duration_shorter_than_the_cpu_time_takes_is_a_problem_and_never_priced():
    usage = Usage(workload=Workload(requests=Decimal(MILLION), duration_ms=Decimal(20), cold_share=Decimal(0)))
    recording = recorded("dev", "serverless.memoryMb=512")
    (problem,) = duration_problems(Graph(recording, "us-east-1", usage, prices.load()))
    assert problem.startswith("workload.duration_ms: must be 27.6 or more, got 20")
    lines = paid(priced(recording, usage=usage, free_tier=False))
    (line,) = [each for each in lines if each.what.startswith("Lambda GB-s") and each.urn.endswith("::serverless")]
    assert line.quantity == pytest.approx(MILLION * Decimal(8) * 1769 / 512 / 1000 / 2)
    long_enough = Usage(workload=Workload(duration_ms=Decimal(28)))
    assert duration_problems(Graph(recording, "us-east-1", long_enough, prices.load())) == []


def test_provisioned_concurrency_is_paid_warm_and_for_the_requests_said_to_run_on_it():
    recording = recorded("dev", "serverless.provisionedConcurrency=2")
    warm = 2 * HOUR * 3600 * Decimal("0.0000033334")
    assert amounts(priced(recording))["provisioned concurrency, 2 instances kept warm"] == warm
    given = {"monthly_duration_hrs": 365, "monthly_requests": MILLION, "request_duration_ms": 100}
    found = amounts(priced(recording, usage=gave(**{"aws_lambda_provisioned_concurrency_config__*": given})))
    assert found["provisioned concurrency, 2 instances kept warm"] == warm / 2
    assert found["provisioned concurrency, 2 instances, requests on them"] == 100_000 * Decimal("0.0000077778")


def test_a_function_url_costs_nothing_beside_the_function():
    url = ("serverless.frontDoor=functionUrl", "service.clientsHashBodies=true")
    found = priced(recorded("dev", *url), MILLION)
    assert "HTTP API requests" not in amounts(found)
    assert any("a Function URL is free" in line.what for line in found.lines)


def test_a_streamed_response_pays_beyond_its_first_six_mb():
    url = ("serverless.frontDoor=functionUrl", "service.clientsHashBodies=true", "service.needs=[streaming]")
    usage = Usage(workload=Workload(requests=Decimal(1000), response_kb=Decimal(7 * 1024)))
    found = amounts(priced(recorded("dev", *url), usage=usage))
    assert found["streamed beyond 6 MB a response"] == 1000 * 1024 / GB * Decimal("0.008")


@pytest.mark.parametrize(("size", "steps"), [(1, 1), (512, 1), (513, 2), (1025, 3)])
def test_an_api_request_counts_once_for_each_512_kb(size, steps):
    usage = gave(**{"aws_apigatewayv2_api__*": {"monthly_requests": 1000, "request_size_kb": size}})
    assert amounts(priced(recorded("dev"), usage=usage))["HTTP API requests"] == steps * Decimal("0.001")


def test_traces_and_snapshots_are_paid_where_they_are_on():
    traced = amounts(priced(recorded("dev", "serverless.tracing=true"), MILLION, free_tier=False))
    assert traced["X-Ray traces, if all are sampled"] == 5
    snapped = amounts(priced(recorded("dev", "serverless.snapStart=true"), MILLION))
    assert snapped["SnapStart snapshot, one version"] == HOUR * 3600 * Decimal("0.0000015")
    assert snapped["SnapStart restores"] == 10_000 * Decimal("0.0001397")
    plain = amounts(priced(recorded("dev"), MILLION))
    assert not [what for what in plain if what.startswith(("X-Ray", "SnapStart"))]


def test_the_edge_is_paid_by_request_by_gb_both_ways_and_by_function_call():
    found = amounts(priced(recorded("dev"), 20 * MILLION, free_tier=False))
    assert found["CloudFront requests, HTTPS"] == 20
    assert found["CloudFront to the internet"] == 20 * MILLION * 20 / GB * Decimal("0.085")
    assert found["CloudFront to the origin"] == 20 * MILLION * 2 / GB * Decimal("0.02")
    assert found["CloudFront Function calls"] == 2


def test_what_the_usage_file_says_of_the_distribution_wins_over_the_requests():
    given = {
        "monthly_https_requests": {"us": 100, "europe": 200},
        "monthly_http_requests": {"us": 400},
        "monthly_data_transfer_to_internet_gb": {"us": 1},
        "monthly_data_transfer_to_origin_gb": {"europe": 2},
        "monthly_invalidation_requests": 3,
    }
    usage = gave(**{"aws_cloudfront_distribution__*": given})
    found = priced(recorded("dev"), usage=usage, free_tier=False)
    quantities = {line.what: line.quantity for line in paid(found)}
    assert quantities["CloudFront requests, HTTPS"] == 100
    assert quantities["CloudFront requests, HTTPS, Europe"] == 200
    assert quantities["CloudFront requests, HTTP"] == 400
    assert quantities["CloudFront to the internet"] == 1
    assert quantities["CloudFront to the origin"] == 2
    assert quantities["CloudFront invalidated paths"] == 3


def test_requests_from_europe_have_their_own_price_and_share_the_free_tier():
    given = {
        "monthly_https_requests": {"us": 9 * MILLION, "europe": 3 * MILLION},
        "monthly_http_requests": {"europe": 5},
    }
    usage = gave(**{"aws_cloudfront_distribution__*": given})
    found = amounts(priced(recorded("dev"), usage=usage))
    assert found["CloudFront requests, HTTPS"] == 0
    assert found["CloudFront requests, HTTPS, Europe"] == 2 * MILLION * Decimal("0.0000012")
    assert found["CloudFront requests, HTTP, Europe"] == 5 * Decimal("0.0000009")
    at_home = amounts(priced(recorded("prod", "aws:region=eu-west-1"), MILLION, region="eu-west-1", free_tier=False))
    assert at_home["CloudFront requests, HTTPS, Europe"] == Decimal("1.2")


def test_a_request_reads_the_share_from_its_store_once():
    found = priced(recorded("prod", "standby=true"), MILLION)
    reads = [line.quantity for line in paid(found) if line.what == "KeyValueStore reads"]
    assert reads == [MILLION]


def test_a_web_acl_is_paid_for_itself_for_each_rule_and_by_the_request():
    found = amounts(priced(recorded("prod"), MILLION))
    assert found["web ACL"] == 5
    assert found["web ACL, 4 rules"] == 4
    assert found["web ACL requests"] == Decimal("0.6")
    more = amounts(priced(recorded("prod", "waf.managedGroups=[AWSManagedRulesLinuxRuleSet]")))
    assert more["web ACL, 5 rules"] == 5


@pytest.mark.parametrize(
    ("group", "monthly", "gap"),
    [("AWSManagedRulesBotControlRuleSet", 10, None), ("AWSManagedRulesATPRuleSet", None, "AWSManagedRulesATPRuleSet")],
)
def test_a_managed_group_with_a_fee_is_charged_or_named(group, monthly, gap):
    def program():
        seen = {"cloudwatch_metrics_enabled": False, "metric_name": "m", "sampled_requests_enabled": False}
        rule = {
            "name": "r",
            "priority": 0,
            "override_action": {"none": {}},
            "statement": {"managed_rule_group_statement": {"vendor_name": "AWS", "name": group}},
            "visibility_config": seen,
        }
        aws.wafv2.WebAcl("acl", scope="REGIONAL", default_action={"allow": {}}, rules=[rule], visibility_config=seen)

    found = priced_program(program, MILLION)
    assert amounts(found).get(group) == monthly
    assert [each.what for each in found.unpriced] == ([gap] if gap else [])
    if monthly:
        assert amounts(found)[f"{group}, requests"] == 1


def test_names_cost_by_zone_and_query_and_aliases_answer_for_free():
    def program():
        zone = aws.route53.Zone("zone", name="example.com")
        aws.route53.Record("www", zone_id=zone.id, name="www", type="A", records=["192.0.2.1"])
        alias = {"name": "d1.cloudfront.net", "zone_id": "Z2FDTNDATAQYW2", "evaluate_target_health": False}
        aws.route53.Record("apex", zone_id=zone.id, name="", type="A", aliases=[alias])

    usage = gave(**{"aws_route53_record__*": {"monthly_standard_queries": 2 * MILLION}})
    found = priced_program(program, usage=usage)
    assert amounts(found) == {"hosted zone": Decimal("0.5"), "DNS queries": Decimal("0.8")}


def test_zones_beyond_the_twenty_fifth_cost_less():
    found = priced_program(lambda: [aws.route53.Zone(f"zone-{n}", name=f"{n}.example.com") for n in range(30)])
    assert found.total == 25 * Decimal("0.5") + 5 * Decimal("0.1")


def test_logs_are_paid_when_written_and_while_they_are_kept():
    usage = gave(**{"aws_cloudwatch_log_group__serverless-logs": {"monthly_data_ingested_gb": 100}})
    short = amounts(priced(recorded("dev"), usage=usage, free_tier=False))
    long = amounts(priced(recorded("dev", "logs.retentionDays=365"), usage=usage, free_tier=False))
    assert short["logs written"] == long["logs written"] == 50
    assert short["logs kept"] == pytest.approx(100 * Decimal(14) * 24 / 730 * Decimal("0.03"))
    assert long["logs kept"] == pytest.approx(100 * Decimal(365) * 24 / 730 * Decimal("0.03"))


def test_what_is_kept_of_the_logs_is_what_the_last_days_wrote_however_long_the_month_is():
    usage = gave(**{"aws_cloudwatch_log_group__serverless-logs": {"monthly_data_ingested_gb": 744}})  # a GB an hour
    found = amounts(priced(recorded("dev"), usage=usage, hours=Decimal(744), free_tier=False))
    assert found["logs kept"] == 14 * 24 * Decimal("0.03")


def test_logs_scanned_and_kept_can_be_given_and_a_group_without_retention_counts_a_year():
    given = {"storage_gb": 7, "monthly_data_scanned_gb": 1000, "monthly_data_ingested_gb": 0}
    usage = gave(**{"aws_cloudwatch_log_group__logs": given})
    found = amounts(priced_program(lambda: aws.cloudwatch.LogGroup("logs"), usage=usage, free_tier=False))
    assert found == {"logs written": 0, "logs kept": Decimal("0.21"), "logs scanned": 5}
    usage = gave(**{"aws_cloudwatch_log_group__logs": {"monthly_data_ingested_gb": 1}})
    kept = amounts(priced_program(lambda: aws.cloudwatch.LogGroup("logs"), usage=usage, free_tier=False))["logs kept"]
    assert kept == pytest.approx(12 * Decimal("0.03"))


def test_access_logs_of_the_api_are_counted_by_the_request():
    without = amounts(priced(recorded("dev"), MILLION, free_tier=False))["logs written"]
    found = amounts(priced(recorded("dev", "logs.access=true"), MILLION, free_tier=False))["logs written"]
    assert found - without == pytest.approx(MILLION * Decimal("0.5") / GB * Decimal("0.5"))


def test_what_is_kept_and_watched_is_paid_by_the_month():
    def program():
        aws.kms.Key("key")
        aws.secretsmanager.Secret("secret")
        aws.ecr.Repository("images")
        aws.s3.Bucket("files")
        aws.cloudwatch.Dashboard("board", dashboard_name="b", dashboard_body="{}")
        aws.cloudwatch.MetricAlarm("alarm", comparison_operator="GreaterThanThreshold", evaluation_periods=1)

    usage = gave(
        aws_kms_key__key={"monthly_requests": 1000},
        aws_secretsmanager_secret__secret={"monthly_requests": 1000},
        aws_ecr_repository__images={"storage_gb": 3},
        aws_s3_bucket__files={
            "standard": {"storage_gb": 100, "monthly_tier_1_requests": 1000, "monthly_tier_2_requests": 10000}
        },
    )
    assert amounts(priced_program(program, usage=usage, free_tier=False)) == {
        "customer key": 1,
        "KMS requests": Decimal("0.003"),
        "secret": Decimal("0.4"),
        "secret reads": Decimal("0.005"),
        "images": Decimal("0.3"),
        "objects": Decimal("2.3"),
        "S3 writes": Decimal("0.005"),
        "S3 reads": Decimal("0.004"),
        "dashboard": 3,
        "alarm": Decimal("0.1"),
    }


def test_data_between_zones_is_paid_on_both_sides_and_data_out_beyond_the_first_100_gb():
    usage = gave(aws_data_transfer__app={"monthly_intra_region_gb": 10, "monthly_outbound_internet_gb": 150})
    found = priced_program(lambda: None, usage=usage)
    assert amounts(found) == {
        "app: between zones, both ways": 20 * Decimal("0.01"),
        "app: out to the internet": 50 * Decimal("0.09"),
    }
    assert {line.urn for line in found.lines} == {"urn:pulumi:test::switchyard::pulumi:pulumi:Stack::switchyard-test"}


def test_while_there_is_a_standby_each_half_is_paid_for_its_own_share_of_the_requests():
    usage = Usage(workload=Workload(requests=Decimal(MILLION), standby_share=Decimal("0.2")))
    for topology, to_lambda in (("serverless", 800_000), ("container", 200_000)):
        recording = recorded("prod", f"topology={topology}", "standby=true")
        lines = paid(priced(recording, usage=usage, free_tier=False))
        quantity = {line.what: line.quantity for line in lines if line.urn.endswith("::serverless-api")}
        assert quantity["HTTP API requests"] == to_lambda
        capacity = next(line.quantity for line in lines if line.what == "load balancer capacity")
        assert capacity == pytest.approx((MILLION - to_lambda) * 22 / GB)


def test_a_standby_that_gets_no_requests_is_paid_for_being_there():
    found = amounts(priced(recorded("dev", "standby=true"), MILLION))
    assert found["load balancer"] == HOUR * Decimal("0.0225")
    assert found["load balancer capacity"] == 0
    assert found["HTTP API requests"] == 1


def test_a_firewall_is_priced_where_it_is_whatever_the_stacks_region():
    recording = recorded("prod", "aws:region=eu-west-1")
    found = amounts(priced(recording, region="eu-west-1"))
    assert found["web ACL"] == 5
    assert found["load balancer"] == HOUR * Decimal("0.0252")
