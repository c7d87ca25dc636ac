"""FargateService: what it refuses, who reaches its tasks, what they may do, how it deploys and how it scales."""

import json

import botocore.session
import pulumi
import pulumi_aws as aws
import pytest

from components import fargate_service
from components._fargate import must_run_what_was_asked
from components._logs import RETENTION_DAYS
from components.application_load_balancer import ApplicationLoadBalancer, ApplicationLoadBalancerArgs
from components.fargate_service import FargateService, FargateServiceArgs
from preflight.recorder import record_program

TOKEN = "switchyard:index:FargateService"
SERVICE = "aws:ecs/service:Service"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
POLICY = "aws:iam/rolePolicy:RolePolicy"
SCALING = "aws:appautoscaling/policy:Policy"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/app@sha256:" + "0123456789abcdef" * 4
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-AbCdEf"
PARAMETER = "arn:aws:ssm:us-east-1:123456789012:parameter/prod/key"


def some_args(**changes) -> FargateServiceArgs:
    base = {
        "image_uri": IMAGE,
        "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-a", "subnet-b"],
        "target_group_arn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef",
        "load_balancer_security_group_id": "sg-balancer",
        "load_balancer_arn_suffix": "app/web/0123456789abcdef",
        "target_group_arn_suffix": "targetgroup/web/0123456789abcdef",
    }
    return FargateServiceArgs(**(base | changes))


@pytest.fixture(scope="module")
def build():
    """Record a service; tests that want the same one share a recording, which none of them changes."""
    built = {}

    def build(**changes):
        key = repr(sorted(changes.items()))
        if key not in built:
            built[key] = record_program(lambda: FargateService("web", some_args(**changes)))
        return built[key]

    return build


def container(recording) -> dict:
    text = recording.one(TASK).inputs["containerDefinitions"]
    (only,) = json.loads(text)
    assert text == json.dumps([only], sort_keys=True), "the same text every time"
    return only


def environment(recording) -> dict:
    return {each["name"]: each["value"] for each in container(recording)["environment"]}


def statements(recording, name: str) -> list[dict]:
    return json.loads(recording.one(POLICY, name).inputs["policy"])["Statement"]


def names(recording) -> set[str]:
    return {child.name for child in recording.children(recording.one(TOKEN).urn)}


# What it refuses


@pytest.mark.parametrize(
    ("field", "low", "high"),
    [
        ("container_port", 1, 65_535),
        ("cpu_target_percent", 10, 90),
        ("stop_timeout_seconds", 2, 120),
        ("health_check_grace_seconds", 0, 2_147_483_647),
        ("response_time_ms", 1, 120_000),
    ],
)
def test_a_number_is_refused_just_past_each_limit_and_allowed_on_it(field, low, high):
    assert [getattr(some_args(**{field: edge}), field) for edge in (low, high)] == [low, high]
    for bad in (low - 1, high + 1):
        with pytest.raises(ValueError, match=rf"{field} must be {low} to {high}, got {bad}$"):
            some_args(**{field: bad})


def test_the_number_of_tasks_is_one_to_the_quota_and_the_fewest_are_not_more_than_the_most():
    assert some_args(min_tasks=1, max_tasks=1).max_tasks == 1
    assert some_args(min_tasks=5000, max_tasks=5000).min_tasks == 5000
    with pytest.raises(ValueError, match=r"min_tasks must be 1 to 5000, got 0$"):
        some_args(min_tasks=0)
    with pytest.raises(ValueError, match=r"max_tasks must be 1 to 5000, got 5001$"):
        some_args(max_tasks=5001)
    with pytest.raises(ValueError, match=r"max_tasks must be min_tasks \(3\) or more, got 2$"):
        some_args(min_tasks=3, max_tasks=2)


def test_a_target_of_no_requests_is_refused():
    assert some_args(requests_per_task=1).requests_per_task == 1
    with pytest.raises(ValueError, match=r"requests_per_task must be 1 or more, got 0$"):
        some_args(requests_per_task=0)


def test_a_size_fargate_does_not_offer_is_refused_with_what_it_does():
    assert some_args(cpu=16_384, memory_mib=122_880).cpu == 16_384
    with pytest.raises(ValueError, match=r"memory_mib must be one of 512, 1024, 2048 with cpu 256, got 4096$"):
        some_args(memory_mib=4096)


def test_no_subnet_is_refused_and_more_than_a_task_takes():
    assert some_args(subnet_ids=["subnet-a"]).subnet_ids == ["subnet-a"]
    assert len(some_args(subnet_ids=["subnet"] * 16).subnet_ids) == 16
    for bad in (0, 17):
        with pytest.raises(ValueError, match=f"subnet_ids must be 1 to 16 entries, got {bad}$"):
            some_args(subnet_ids=["subnet"] * bad)


def test_an_environment_larger_than_a_task_definition_is_refused():
    assert some_args(environment={"A": "x" * 61_000})
    with pytest.raises(ValueError, match=r"environment must be at most 61440 bytes as JSON, got 61528$"):
        some_args(environment={"A": "x" * 61_500})
    with pytest.raises(ValueError, match="environment must be at most 61440 bytes"):
        some_args(environment={"A": "x" * 61_000}, secrets={f"S{number}": SECRET for number in range(9)})


def test_an_image_by_tag_is_refused_and_one_that_is_known_later_is_not(record):
    with pytest.raises(ValueError, match=r"image_uri must be an image in ECR by digest, .*, got 'app:latest'$"):
        some_args(image_uri="app:latest")
    record(lambda: some_args(image_uri=pulumi.Output.from_input("known later")))


@pytest.mark.parametrize("port", [0, 65_536])
def test_an_egress_port_past_the_limits_or_twice_is_refused(port):
    assert some_args(egress_ports=(443, 1, 65_535)).egress_ports == (443, 1, 65_535)
    with pytest.raises(ValueError, match=rf"egress_ports must be 1 to 65535, got {port}$"):
        some_args(egress_ports=(443, port))
    for ports in ((443, 443), (), (5432,)):
        with pytest.raises(ValueError, match=r"egress_ports must be different ports with 443 among them, .*, got \["):
            some_args(egress_ports=ports)


def test_a_retention_cloudwatch_does_not_offer_is_refused():
    with pytest.raises(ValueError, match=r"log_retention_days must be one of 1, 3, .*, 3653, got 15$"):
        some_args(log_retention_days=15)


def test_a_bad_name_or_arn_is_refused():
    with pytest.raises(ValueError, match=r"environment: PORT and AWS_\* are reserved, got 'PORT'"):
        some_args(environment={"PORT": "1"})
    with pytest.raises(ValueError, match=r"secrets\['DB'\] must be the full ARN .*, got a text that is no ARN"):
        some_args(secrets={"DB": "db"})


def test_everything_that_is_wrong_is_said_at_once():
    with pytest.raises(ValueError, match=r"^FargateServiceArgs: subnet_ids .*; memory_mib .*; stop_timeout_seconds "):
        some_args(subnet_ids=[], memory_mib=1, stop_timeout_seconds=121)


def test_the_limits_agree_with_the_api():
    session = botocore.session.get_session()
    ecs, logs = (session.get_service_model(each) for each in ("ecs", "logs"))
    stop = ecs.shape_for("ContainerDefinition").members["stopTimeout"].documentation
    assert f"the max stop timeout value is {fargate_service.STOP_TIMEOUT_SECONDS[1]} seconds" in stop
    retention = logs.shape_for("PutRetentionPolicyRequest").members["retentionInDays"].documentation
    assert f"{', '.join(map(str, RETENTION_DAYS[:-1]))}, and {RETENTION_DAYS[-1]}" in retention
    insights = ecs.shape_for("ClusterSetting").members["value"].documentation
    assert all(f"<code>{value}</code>" in insights for value in ("enhanced", "disabled"))


# What it creates


def test_it_creates_these_children_under_these_names_and_no_others(build):
    recording = build()
    children = recording.children(recording.one(TOKEN).urn)
    assert {(child.type, child.name) for child in children} == {
        ("aws:cloudwatch/logGroup:LogGroup", "web-logs"),
        ("aws:ecs/cluster:Cluster", "web-cluster"),
        ("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders", "web-capacity"),
        ("aws:ec2/securityGroup:SecurityGroup", "web-tasks"),
        (INGRESS, "web-from-balancer"),
        (EGRESS, "web-balancer-to-tasks"),
        (EGRESS, "web-out-443-ipv4"),
        (EGRESS, "web-out-443-ipv6"),
        ("aws:iam/role:Role", "web-start-role"),
        (POLICY, "web-start-policy"),
        ("aws:iam/role:Role", "web-task-role"),
        (TASK, "web-task"),
        (SERVICE, "web"),
        ("aws:appautoscaling/target:Target", "web-scaling"),
        (SCALING, "web-by-cpu"),
    }
    assert len([each for each in recording if each.is_ours]) == len(children) + 1


def test_what_is_asked_for_adds_children_and_changes_no_name(build):
    more = build(secrets={"DB": SECRET}, requests_per_task=600, response_time_ms=500, egress_ports=(443, 5432))
    assert names(more) - names(build()) == {
        "web-task-policy",
        "web-by-requests",
        "web-by-response-time",
        "web-out-5432-ipv4",
        "web-out-5432-ipv6",
    }
    assert names(build()) <= names(more)


def test_the_task_runs_on_arm_in_its_own_network_at_the_size_asked_for(build):
    recording = build(cpu=512, memory_mib=2048)
    task = dict(recording.one(TASK).inputs)
    del task["containerDefinitions"]
    assert task == {
        "family": recording.one(TOKEN).outputs["cluster_name"],
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
        "cpu": "512",
        "memory": "2048",
        "executionRoleArn": _role_arn(recording, "web-start-role"),
        "taskRoleArn": _role_arn(recording, "web-task-role"),
    }
    assert task["executionRoleArn"] != task["taskRoleArn"]


def _role_arn(recording, name: str) -> str:
    (arn,) = {
        recording.one(TASK).inputs[key]
        for key, urns in recording.one(TASK).options.property_dependencies.items()
        if key in ("executionRoleArn", "taskRoleArn") and recording.one("aws:iam/role:Role", name).urn in urns
    }
    return arn


def test_the_container_is_locked_down(build):
    app = container(build())
    assert app["image"] == IMAGE
    assert app["readonlyRootFilesystem"] is True
    assert app["user"] == "10001:10001"
    assert app["privileged"] is False
    assert app["linuxParameters"]["capabilities"] == {"add": [], "drop": ["ALL"]}


def test_each_setting_of_the_container_reaches_it(build):
    recording = build(container_port=3000, memory_mib=1024, stop_timeout_seconds=60)
    app = container(recording)
    assert app["portMappings"] == [{"containerPort": 3000, "hostPort": 3000, "protocol": "tcp"}]
    assert app["linuxParameters"]["tmpfs"][0]["size"] == 256
    assert app["stopTimeout"] == 60
    options = app["logConfiguration"]["options"]
    assert options["awslogs-group"] == recording.one(TOKEN).outputs["log_group_name"]
    assert options["awslogs-region"] == "us-east-1"


def test_the_app_is_told_its_port_its_settings_and_where_its_secrets_are(build):
    assert environment(build()) == {"PORT": "8080"}
    told = environment(build(container_port=3000, environment={"LEVEL": "debug"}, secrets={"DB": SECRET}))
    assert told == {"LEVEL": "debug", "DB_SECRET_ARN": SECRET, "PORT": "3000"}


def test_the_logs_are_kept_as_long_as_asked(build):
    assert build().one("aws:cloudwatch/logGroup:LogGroup").inputs == {"retentionInDays": 14}
    assert build(log_retention_days=365).one("aws:cloudwatch/logGroup:LogGroup").inputs == {"retentionInDays": 365}


def test_container_insights_are_off_or_enhanced(build):
    for wanted, value in ((False, "disabled"), (True, "enhanced")):
        cluster = build(container_insights=wanted).one("aws:ecs/cluster:Cluster").inputs
        assert cluster == {"settings": [{"name": "containerInsights", "value": value}]}


# Who reaches a task, and whom it reaches


def test_only_the_balancer_reaches_a_task_and_only_on_its_port(build):
    recording = build(container_port=3000)
    group = recording.one(TOKEN).outputs["security_group_id"]
    port = {"ipProtocol": "tcp", "fromPort": 3000, "toPort": 3000, "description": "Load balancer to the app"}
    ends = {"securityGroupId": group, "referencedSecurityGroupId": "sg-balancer"}
    assert recording.one(INGRESS).inputs == port | ends
    back = {"securityGroupId": "sg-balancer", "referencedSecurityGroupId": group}
    assert recording.one(EGRESS, "web-balancer-to-tasks").inputs == port | back


def test_the_group_has_no_rule_of_its_own_neither_in_nor_out(build):
    assert build().one("aws:ec2/securityGroup:SecurityGroup").inputs == {
        "vpcId": "vpc-1",
        "description": "Tasks: in from the load balancer only",
    }


def test_a_task_reaches_any_address_on_the_ports_asked_for_and_on_no_other(build):
    recording = build(egress_ports=(443, 5432))
    group = recording.one(TOKEN).outputs["security_group_id"]
    out = [each.inputs for each in recording.of_type(EGRESS) if each.inputs["securityGroupId"] == group]
    assert len(out) == 4
    for port in (443, 5432):
        both = {
            "securityGroupId": group,
            "ipProtocol": "tcp",
            "fromPort": port,
            "toPort": port,
            "description": f"App to any address on port {port}",
        }
        assert both | {"cidrIpv4": "0.0.0.0/0"} in out
        assert both | {"cidrIpv6": "::/0"} in out


# What it may do


def test_only_ecs_for_this_account_may_assume_either_role(build):
    for role in build().of_type("aws:iam/role:Role"):
        assert json.loads(role.inputs["assumeRolePolicy"])["Statement"] == [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
            }
        ]
        assert set(role.inputs) == {"assumeRolePolicy"}


def test_ecs_may_pull_this_image_and_write_this_log_and_nothing_else(build):
    recording = build()
    logs = recording.one(TOKEN).outputs["log_group_name"]
    assert statements(recording, "web-start-policy") == [
        {"Effect": "Allow", "Action": ["ecr:GetAuthorizationToken"], "Resource": ["*"]},
        {
            "Effect": "Allow",
            "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "Resource": ["arn:aws:ecr:us-east-1:123456789012:repository/app"],
        },
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [f"arn:aws:logs:us-east-1:123456789012:log-group:{logs}:*"],
        },
    ]
    assert _attached_to(recording, "web-start-policy") == "web-start-role"


def test_the_app_may_read_its_secrets_and_nothing_else(build):
    recording = build(secrets={"DB": f"{SECRET}:url::", "KEY": PARAMETER})
    assert statements(recording, "web-task-policy") == [
        {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": [SECRET]},
        {"Effect": "Allow", "Action": ["ssm:GetParameter"], "Resource": [PARAMETER]},
    ]
    assert _attached_to(recording, "web-task-policy") == "web-task-role"


def _attached_to(recording, policy: str) -> str:
    (urn,) = recording.one(POLICY, policy).options.property_dependencies["role"]
    return recording.resources[urn].name


def test_a_shell_makes_the_disk_writable_and_is_logged(build):
    recording = build(execute_command=True)
    logs = recording.one(TOKEN).outputs["log_group_name"]
    assert recording.one(SERVICE).inputs["enableExecuteCommand"] is True
    assert container(recording)["readonlyRootFilesystem"] is False
    assert recording.one("aws:ecs/cluster:Cluster").inputs["configuration"] == {
        "executeCommandConfiguration": {"logging": "OVERRIDE", "logConfiguration": {"cloudWatchLogGroupName": logs}}
    }
    assert statements(recording, "web-task-policy") == [
        {
            "Effect": "Allow",
            "Action": [
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
                "logs:DescribeLogGroups",
            ],
            "Resource": ["*"],
        },
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": [f"arn:aws:logs:us-east-1:123456789012:log-group:{logs}:*"],
        },
    ]


# How it deploys


def test_the_service_starts_new_tasks_first_and_goes_back_by_itself(build):
    recording = build()
    outputs = recording.one(TOKEN).outputs
    service = dict(recording.one(SERVICE).inputs)
    assert service.pop("cluster").endswith(f":cluster/{outputs['cluster_name']}")
    assert service == {
        "taskDefinition": outputs["task_definition_arn"],
        "desiredCount": 1,
        "capacityProviderStrategies": [{"capacityProvider": "FARGATE", "weight": 1}],
        "forceNewDeployment": True,
        "networkConfiguration": {
            "subnets": ["subnet-a", "subnet-b"],
            "securityGroups": [outputs["security_group_id"]],
            "assignPublicIp": False,
        },
        "loadBalancers": [
            {"targetGroupArn": some_args().target_group_arn, "containerName": "app", "containerPort": 8080}
        ],
        "healthCheckGracePeriodSeconds": 60,
        "deploymentMinimumHealthyPercent": 100,
        "deploymentMaximumPercent": 200,
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "availabilityZoneRebalancing": "ENABLED",
        "enableExecuteCommand": False,
        "enableEcsManagedTags": True,
        "propagateTags": "SERVICE",
        "waitForSteadyState": True,
    }


def test_each_setting_of_the_service_reaches_it(build):
    recording = build(
        vpc_id="vpc-2",
        subnet_ids=["subnet-c"],
        assign_public_ip=True,
        target_group_arn="arn:of:another",
        container_port=3000,
        min_tasks=2,
        spot=True,
        health_check_grace_seconds=90,
    )
    service = recording.one(SERVICE).inputs
    assert service["networkConfiguration"]["subnets"] == ["subnet-c"]
    assert service["networkConfiguration"]["assignPublicIp"] is True
    assert service["loadBalancers"] == [
        {"targetGroupArn": "arn:of:another", "containerName": "app", "containerPort": 3000}
    ]
    assert service["desiredCount"] == 2
    assert service["capacityProviderStrategies"] == [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    assert service["healthCheckGracePeriodSeconds"] == 90
    assert recording.one("aws:ec2/securityGroup:SecurityGroup").inputs["vpcId"] == "vpc-2"


def test_the_container_the_balancer_is_told_of_is_the_one_there_is(build):
    recording = build(container_port=3000)
    (balancer,) = recording.one(SERVICE).inputs["loadBalancers"]
    app = container(recording)
    assert balancer["containerName"] == app["name"]
    assert balancer["containerPort"] == app["portMappings"][0]["containerPort"]


def test_the_cluster_offers_both_kinds_of_capacity_whichever_is_used(build):
    for spot in (False, True):
        capacity = build(spot=spot).one("aws:ecs/clusterCapacityProviders:ClusterCapacityProviders").inputs
        assert capacity["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]


def test_scaling_has_the_say_over_the_number_of_tasks_and_a_deployment_gets_time(build):
    options = build().one(SERVICE).options
    assert options.ignore_changes == ("desiredCount",)
    assert options.custom_timeouts == {"create": "30m", "update": "30m", "delete": "30m"}


def test_the_service_waits_for_capacity_for_every_rule_and_for_every_permission(build):
    recording = build(secrets={"DB": SECRET})
    waits_for = {recording.resources[urn].name for urn in recording.one(SERVICE).options.depends_on}
    assert waits_for >= {
        "web-capacity",
        "web-from-balancer",
        "web-balancer-to-tasks",
        "web-out-443-ipv4",
        "web-out-443-ipv6",
        "web-start-policy",
        "web-task-policy",
    }


def test_a_rollback_fails_the_update_that_caused_it(record, monkeypatch):
    seen = {}
    original = aws.ecs.Service

    def watched(name, **given):
        seen.update(given)
        return original(name, **given)

    monkeypatch.setattr(aws.ecs, "Service", watched)
    record(lambda: FargateService("web", some_args()))
    hooks = seen["opts"].hooks
    assert [each.callback for each in (*hooks.after_create, *hooks.after_update)] == [must_run_what_was_asked] * 2


# How it scales


def test_the_number_of_tasks_stays_within_the_limits(build):
    recording = build(min_tasks=2, max_tasks=10)
    outputs = recording.one(TOKEN).outputs
    assert recording.one("aws:appautoscaling/target:Target").inputs == {
        "serviceNamespace": "ecs",
        "resourceId": f"service/{outputs['cluster_name']}/{outputs['service_name']}",
        "scalableDimension": "ecs:service:DesiredCount",
        "minCapacity": 2,
        "maxCapacity": 10,
    }


def _policy(recording, name: str) -> dict:
    policy = dict(recording.one(SCALING, name).inputs)
    configuration = dict(policy.pop("targetTrackingScalingPolicyConfiguration"))
    target = recording.one("aws:appautoscaling/target:Target").inputs
    assert policy == {
        "policyType": "TargetTrackingScaling",
        "serviceNamespace": "ecs",
        "resourceId": target["resourceId"],
        "scalableDimension": "ecs:service:DesiredCount",
    }
    assert (configuration.pop("scaleOutCooldown"), configuration.pop("scaleInCooldown")) == (60, 300)
    return configuration


def test_it_scales_by_cpu_always(build):
    assert _policy(build(cpu_target_percent=75), "web-by-cpu") == {
        "targetValue": 75,
        "predefinedMetricSpecification": {"predefinedMetricType": "ECSServiceAverageCPUUtilization"},
    }


def test_it_scales_by_requests_where_asked(build):
    recording = build(
        requests_per_task=600, load_balancer_arn_suffix="app/b/1", target_group_arn_suffix="targetgroup/t/2"
    )
    assert _policy(recording, "web-by-requests") == {
        "targetValue": 600,
        "predefinedMetricSpecification": {
            "predefinedMetricType": "ALBRequestCountPerTarget",
            "resourceLabel": "app/b/1/targetgroup/t/2",
        },
    }


def test_it_scales_by_the_slowest_answers_where_asked_in_seconds(build):
    recording = build(
        response_time_ms=250, load_balancer_arn_suffix="app/b/1", target_group_arn_suffix="targetgroup/t/2"
    )
    assert _policy(recording, "web-by-response-time") == {
        "targetValue": 0.25,
        "customizedMetricSpecification": {
            "metrics": [
                {
                    "id": "p95",
                    "returnData": True,
                    "metricStat": {
                        "stat": "p95",
                        "metric": {
                            "namespace": "AWS/ApplicationELB",
                            "metricName": "TargetResponseTime",
                            "dimensions": [
                                {"name": "LoadBalancer", "value": "app/b/1"},
                                {"name": "TargetGroup", "value": "targetgroup/t/2"},
                            ],
                        },
                    },
                }
            ]
        },
    }


def test_the_metrics_are_ones_scaling_knows():
    api = botocore.session.get_session().get_service_model("application-autoscaling")
    known = api.shape_for("PredefinedMetricSpecification").members["PredefinedMetricType"].metadata["enum"]
    assert {"ECSServiceAverageCPUUtilization", "ALBRequestCountPerTarget"} <= set(known)
    stat = api.shape_for("TargetTrackingMetricStat").members["Stat"]
    assert "extended statistic" in stat.documentation


# What it hands back


def test_it_hands_back_what_commands_alarms_and_databases_need(build):
    recording = build()
    outputs = recording.one(TOKEN).outputs
    assert set(outputs) == set(FargateService.__annotations__)
    assert outputs["cluster_name"].startswith("web-cluster-")
    assert outputs["service_name"].startswith("web-")
    assert outputs["log_group_name"].startswith("web-logs-")
    assert outputs["security_group_id"].startswith("sg-")
    assert outputs["task_role_name"].startswith("web-task-role-")
    assert ":task-definition/" in outputs["task_definition_arn"]


def test_nothing_is_left_unknown_and_nothing_has_a_name_of_our_choice(build):
    recording = build(
        execute_command=True,
        secrets={"DB": SECRET},
        requests_per_task=600,
        response_time_ms=500,
        container_insights=True,
    )
    for each in recording:
        assert "$unknown" not in str(each.inputs)
        assert "name" not in each.inputs


def test_children_use_the_components_provider_and_so_do_the_look_ups(record):
    def program():
        provider = aws.Provider("elsewhere", region="eu-west-1")
        FargateService("web", some_args(), pulumi.ResourceOptions(provider=provider))

    recording = record(program)
    elsewhere = recording.one("pulumi:providers:aws").urn
    children = recording.children(recording.one(TOKEN).urn)
    assert {child.options.provider for child in children} == {elsewhere}
    assert {lookup.provider for lookup in recording.lookups} == {elsewhere}


def test_it_joins_up_with_the_balancer_and_waits_until_it_forwards(record):
    def program():
        balancer = ApplicationLoadBalancer(
            "edge",
            ApplicationLoadBalancerArgs(vpc_id="vpc-1", subnet_ids=["subnet-a", "subnet-b"], origin_secrets=["s"]),
        )
        FargateService(
            "web",
            some_args(
                target_group_arn=balancer.target_group_arn,
                load_balancer_security_group_id=balancer.security_group_id,
                load_balancer_arn_suffix=balancer.arn_suffix,
                target_group_arn_suffix=balancer.target_group_arn_suffix,
                requests_per_task=600,
            ),
        )

    recording = record(program)
    edge = recording.one("switchyard:index:ApplicationLoadBalancer").outputs
    assert recording.one(EGRESS, "web-balancer-to-tasks").inputs["securityGroupId"] == edge["security_group_id"]
    label = _policy(recording, "web-by-requests")["predefinedMetricSpecification"]["resourceLabel"]
    assert label == f"{edge['arn_suffix']}/{edge['target_group_arn_suffix']}"
    waits_for = recording.one(SERVICE).options.property_dependencies["loadBalancers"]
    assert recording.one("aws:lb/listenerRule:ListenerRule").urn in waits_for
