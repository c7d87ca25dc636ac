"""FargateService: one container image on ECS Fargate, behind a balancer's target group, scaled by load."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from components import _fargate, _secrets
from components._autoscaling import by_cpu, by_requests, by_response_time, scale_service
from components._checks import between, count, matches, one_of, refuse, require
from components._hooks import bind
from components._logs import RETENTION_DAYS
from components._task_network import task_network
from components._task_role import execute_command_statements, start_statements, task_role

# Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html (tasks per service)
TASKS = (1, 5000)
# Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html (stopTimeout)
STOP_TIMEOUT_SECONDS = (2, 120)
# Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
HEALTH_CHECK_GRACE_SECONDS = (0, 2_147_483_647)
# Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html
PORT = (1, 65_535)
# Source: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups
# (60 rules a direction, for IPv4 and IPv6 each, of which names, time and the balancer take some)
EGRESS_PORTS = (1, 50)
HTTPS = 443
# Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html
SUBNETS = (1, 16)
# Source: https://docs.aws.amazon.com/general/latest/gr/ecs-service.html (a task definition of 64 KB, the rest is ours)
ENVIRONMENT_BYTES = 60 * 1024
CPU_TARGET_PERCENT = (10, 90)
"""Below, most of what is paid for idles; above, no room is left for the minutes a new task takes."""
# Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
# (the longest CloudFront waits for an origin)
RESPONSE_TIME_MS = (1, 120_000)


@dataclass(frozen=True, kw_only=True)
class FargateServiceArgs:
    """Inputs of FargateService. ValueError names every field that AWS would refuse."""

    image_uri: pulumi.Input[str]
    """Image in an ECR repository, for arm64, by digest: `<account>.dkr.ecr.<region>.amazonaws.com/<name>@sha256:...`.
    It runs as user and group 10001 on a read-only disk; only /tmp, in memory and a quarter of `memory_mib`, is
    writable."""
    vpc_id: pulumi.Input[str]
    """Id of the VPC."""
    subnet_ids: Sequence[pulumi.Input[str]]
    """Ids of the subnets tasks run in, one or more; two zones survive the loss of one."""
    assign_public_ip: bool = False
    """Give each task a public IPv4 address, $3.65 a month: the way out for a task in a public subnet. Nobody gets in by
    it. Default off, for subnets with another way out."""
    target_group_arn: pulumi.Input[str]
    """ARN of the target group tasks register with (type `ip`); a balancer must already forward to it."""
    load_balancer_security_group_id: pulumi.Input[str]
    """Id of the balancer's security group: all that reaches the tasks, and it is given a way out to them."""
    load_balancer_arn_suffix: pulumi.Input[str]
    """End of the balancer's ARN, `app/...`, by which its metrics are found."""
    target_group_arn_suffix: pulumi.Input[str]
    """End of the target group's ARN, `targetgroup/...`, by which its metrics are found."""
    container_port: int = 8080
    """Port the app listens on, 1 to 65535, told to it as `PORT`. Default 8080, the Lambda Web Adapter's. The app is not
    root and may be refused one below 1024."""
    cpu: int = 256
    """CPU units of a task, 1024 to the vCPU: 256, 512, 1024, 2048, 4096, 8192, 16384 or 32768. Default 256, the
    smallest: $5.91 a month."""
    memory_mib: int = 512
    """Memory of a task in MiB, of what AWS offers with `cpu`. Default 512, the smallest: $1.30 a month."""
    min_tasks: int = 1
    """Fewest tasks, 1 to 5000. Default 1; 2 survive the loss of a zone. Each is charged by the second."""
    max_tasks: int = 4
    """Most tasks, `min_tasks` to 5000. Default 4: what a burst, or an attack, may cost. A deployment runs up to
    twice as many for a while."""
    spot: bool = False
    """Run on spare capacity, up to 70 percent cheaper, which AWS takes back at two minutes' notice and may not have.
    Default off. Changing it deploys in place."""
    cpu_target_percent: int = 60
    """Average CPU that scaling aims at, 10 to 90 percent. Default 60."""
    requests_per_task: int | None = None
    """Requests a minute and task that scaling aims at, 1 or more. Default none: scale by CPU alone."""
    response_time_ms: int | None = None
    """95th percentile of the response time that scaling aims at, in milliseconds, 1 to 120000. Default none. Only for
    an app that gets slower when it has too few tasks, not when its database does."""
    execute_command: bool = False
    """Allow `aws ecs execute-command`, a root shell in a running task, logged to the service's log group (for which the
    image needs `script` and `cat`). Default off. ECS Exec writes to the root disk: the disk is then writable."""
    container_insights: bool = False
    """CloudWatch metrics of each task and container ("enhanced"), charged as custom metrics, $0.30 a month each.
    Default off; the service's CPU and memory are free without it."""
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Environment variables besides `PORT`, in clear text for whoever may read task definitions. Default none."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Name to ARN of a Secrets Manager secret (`:key::` after it picks a JSON key) or SSM parameter: `DB_URL` gives the
    task `DB_URL_SECRET_ARN` and the right to read that ARN. Default none."""
    log_retention_days: int = 14
    """Days CloudWatch keeps the logs, of the numbers it offers. Default 14; AWS's own default is for ever."""
    stop_timeout_seconds: int = 45
    """Seconds from SIGTERM to SIGKILL, 2 to 120. Default 45: the balancer's default 30 of draining, and 15."""
    health_check_grace_seconds: int = 60
    """Seconds a new task may fail health checks, 0 or more. Default 60, for a slow start; AWS's own 0 kills those."""
    egress_ports: Sequence[int] = (443,)
    """TCP ports open to any IPv4 and IPv6 address, 1 to 50 of them, each 1 to 65535. Default 443: ECR, logs and every
    other AWS API need it. All else is closed: add 5432 for a PostgreSQL database, 80 for plain HTTP. DNS and time
    within the VPC always work."""

    def __post_init__(self) -> None:
        refuse(
            self,
            matches("image_uri", self.image_uri, _fargate.IMAGE, _fargate.IMAGE_MEANING),
            count("subnet_ids", self.subnet_ids, *SUBNETS),
            between("container_port", self.container_port, *PORT),
            _fargate.size_problem(self.cpu, self.memory_mib),
            between("min_tasks", self.min_tasks, *TASKS),
            between("max_tasks", self.max_tasks, *TASKS),
            require(
                self.min_tasks <= self.max_tasks,
                f"max_tasks must be min_tasks ({self.min_tasks}) or more, got {self.max_tasks}",
            ),
            between("cpu_target_percent", self.cpu_target_percent, *CPU_TARGET_PERCENT),
            require(
                self.requests_per_task is None or self.requests_per_task >= 1,
                f"requests_per_task must be 1 or more, got {self.requests_per_task}",
            ),
            between("response_time_ms", self.response_time_ms or 0, *RESPONSE_TIME_MS)
            if self.response_time_ms is not None
            else None,
            *_secrets.problems(self.environment, self.secrets),
            _too_large({**self.environment, **_secrets.secret_environment(self.secrets)}),
            one_of("log_retention_days", self.log_retention_days, RETENTION_DAYS),
            between("stop_timeout_seconds", self.stop_timeout_seconds, *STOP_TIMEOUT_SECONDS),
            between("health_check_grace_seconds", self.health_check_grace_seconds, *HEALTH_CHECK_GRACE_SECONDS),
            count("egress_ports", self.egress_ports, *EGRESS_PORTS),
            *(between("egress_ports", port, *PORT) for port in self.egress_ports),
            require(
                HTTPS in self.egress_ports and len(set(self.egress_ports)) == len(self.egress_ports),
                f"egress_ports must be different ports with {HTTPS} among them, which every AWS API is on, "
                f"got {list(self.egress_ports)}",
            ),
        )


class FargateService(pulumi.ComponentResource):
    """A service that starts new tasks before it stops old ones, goes back by itself when they fail, and then says so.

    A deployment whose tasks don't become healthy is rolled back by ECS, and the update fails. Only the balancer
    reaches a task. ECS starts tasks with one role; the app has another, which may read `secrets` and nothing else.

    Children: `<name>` (service); `<name>-cluster`, `<name>-capacity`, `<name>-logs`; `<name>-tasks` (security group),
    `<name>-from-balancer`, `<name>-balancer-to-tasks` (on the balancer's group), `<name>-out-<port>-ipv4` and `-ipv6`;
    `<name>-start-role` and `<name>-start-policy` (ECS's), `<name>-task-role` (the app's) and, if it may do anything,
    `<name>-task-policy`; `<name>-task` (task definition); `<name>-scaling`, `<name>-by-cpu` and, as asked,
    `<name>-by-requests` and `<name>-by-response-time`.
    Cost: $7.21 a month for each task of the default size (spot: up to 70 percent less), plus $3.65 with a public
    address; logs $0.50 a GB and $0.03 a GB-month. Cluster, service and scaling are free.
    Raises ValueError when AWS would refuse an argument.
    """

    cluster_name: pulumi.Output[str]
    """Name of the cluster, for `aws ecs` commands and metrics."""
    service_name: pulumi.Output[str]
    """Name of the service. Known once its tasks are steady."""
    log_group_name: pulumi.Output[str]
    """Log group the container's output goes to."""
    security_group_id: pulumi.Output[str]
    """The tasks' security group, for a database to admit."""
    task_role_name: pulumi.Output[str]
    """The app's role, to attach further policies to."""
    task_definition_arn: pulumi.Output[str]
    """Revision of the task definition that was asked for."""

    def __init__(self, name: str, args: FargateServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:FargateService", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        logs = aws.cloudwatch.LogGroup(f"{name}-logs", retention_in_days=args.log_retention_days, opts=child)
        cluster = aws.ecs.Cluster(
            f"{name}-cluster",
            settings=[{"name": "containerInsights", "value": "enhanced" if args.container_insights else "disabled"}],
            configuration={"execute_command_configuration": _session_log(logs.name)} if args.execute_command else None,
            opts=child,
        )
        capacity = aws.ecs.ClusterCapacityProviders(
            f"{name}-capacity", cluster_name=cluster.name, capacity_providers=["FARGATE", "FARGATE_SPOT"], opts=child
        )
        group, rules = task_network(
            name,
            vpc_id=args.vpc_id,
            balancer_group_id=args.load_balancer_security_group_id,
            port=args.container_port,
            egress_ports=args.egress_ports,
            parent=self,
        )
        may_start = start_statements(args.image_uri, logs.arn)
        may_run = _secrets.read_statements(args.secrets)
        may_run += execute_command_statements(logs.arn) if args.execute_command else []
        start_role, start_policies = task_role(f"{name}-start", may_start, parent=self)
        app_role, app_policies = task_role(f"{name}-task", may_run, parent=self)
        task = self._task_definition(name, args, cluster.name, logs.name, (start_role, app_role))
        service = self._service(
            name, args, cluster, task, group, ready=[capacity, *rules, *start_policies, *app_policies]
        )
        scale_service(
            name,
            service=pulumi.Output.concat("service/", cluster.name, "/", service.name),
            tasks=(args.min_tasks, args.max_tasks),
            policies=_scaling_policies(args),
            parent=self,
        )

        self.cluster_name = cluster.name
        self.service_name = service.name
        self.log_group_name = logs.name
        self.security_group_id = group.id
        self.task_role_name = app_role.name
        self.task_definition_arn = task.arn
        self.register_outputs(
            {
                "cluster_name": self.cluster_name,
                "service_name": self.service_name,
                "log_group_name": self.log_group_name,
                "security_group_id": self.security_group_id,
                "task_role_name": self.task_role_name,
                "task_definition_arn": self.task_definition_arn,
            }
        )

    def _task_definition(
        self,
        name: str,
        args: FargateServiceArgs,
        family: pulumi.Input[str],
        log_group: pulumi.Input[str],
        roles: "tuple[aws.iam.Role, aws.iam.Role]",
    ) -> "aws.ecs.TaskDefinition":
        container = _fargate.container_definition(
            image=args.image_uri,
            port=args.container_port,
            environment=_environment(args),
            memory_mib=args.memory_mib,
            stop_timeout_seconds=args.stop_timeout_seconds,
            read_only=not args.execute_command,
            log_group=log_group,
            region=aws.get_region_output(opts=pulumi.InvokeOutputOptions(parent=self)).region,
        )
        return aws.ecs.TaskDefinition(
            f"{name}-task",
            family=family,  # a family is shared by the whole account, and this name is nobody else's
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            runtime_platform={"cpu_architecture": "ARM64", "operating_system_family": "LINUX"},
            cpu=str(args.cpu),
            memory=str(args.memory_mib),
            execution_role_arn=roles[0].arn,
            task_role_arn=roles[1].arn,
            container_definitions=pulumi.Output.json_dumps([container], sort_keys=True),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _service(
        self,
        name: str,
        args: FargateServiceArgs,
        cluster: "aws.ecs.Cluster",
        task: "aws.ecs.TaskDefinition",
        group: "aws.ec2.SecurityGroup",
        *,
        ready: Sequence[pulumi.Resource],
    ) -> "aws.ecs.Service":
        return aws.ecs.Service(
            name,
            cluster=cluster.arn,
            task_definition=task.arn,
            desired_count=args.min_tasks,  # at first; from then on scaling has the say
            capacity_provider_strategies=[
                {"capacity_provider": "FARGATE_SPOT" if args.spot else "FARGATE", "weight": 1}
            ],
            force_new_deployment=True,  # without it, the provider refuses to change `spot`
            network_configuration={
                "subnets": args.subnet_ids,
                "security_groups": [group.id],
                "assign_public_ip": args.assign_public_ip,
            },
            load_balancers=[
                {
                    "target_group_arn": args.target_group_arn,
                    "container_name": _fargate.CONTAINER_NAME,
                    "container_port": args.container_port,
                }
            ],
            health_check_grace_period_seconds=args.health_check_grace_seconds,
            deployment_minimum_healthy_percent=100,
            deployment_maximum_percent=200,
            deployment_circuit_breaker={"enable": True, "rollback": True},
            availability_zone_rebalancing="ENABLED",
            enable_execute_command=args.execute_command,
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            wait_for_steady_state=True,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=ready,
                ignore_changes=["desired_count"],
                # Three failed starts, the rollback and the draining take longer than the provider's own 20 minutes.
                custom_timeouts=pulumi.CustomTimeouts(create="30m", update="30m", delete="30m"),
                hooks=bind(
                    name,
                    after_create=_fargate.must_run_what_was_asked,
                    after_update=_fargate.must_run_what_was_asked,
                ),
            ),
        )


def _environment(args: FargateServiceArgs) -> dict[str, pulumi.Input[str]]:
    return {**args.environment, **_secrets.secret_environment(args.secrets), "PORT": str(args.container_port)}


def _too_large(environment: Mapping[str, pulumi.Input[str]]) -> str | None:
    plain = [{"name": name, "value": value} for name, value in environment.items() if isinstance(value, str)]
    size = len(json.dumps(plain).encode("utf-8", "surrogatepass"))
    return require(
        size <= ENVIRONMENT_BYTES, f"environment must be at most {ENVIRONMENT_BYTES} bytes as JSON, got {size}"
    )


def _session_log(log_group: pulumi.Output[str]) -> Any:
    # What is typed into a session, and the answers, are kept where the app's own output is.
    return {"logging": "OVERRIDE", "log_configuration": {"cloud_watch_log_group_name": log_group}}


def _scaling_policies(args: FargateServiceArgs) -> dict[str, dict[str, Any]]:
    metrics = (args.load_balancer_arn_suffix, args.target_group_arn_suffix)
    policies = {"by-cpu": by_cpu(args.cpu_target_percent)}
    if args.requests_per_task is not None:
        policies["by-requests"] = by_requests(args.requests_per_task, *metrics)
    if args.response_time_ms is not None:
        policies["by-response-time"] = by_response_time(args.response_time_ms, *metrics)
    return policies
