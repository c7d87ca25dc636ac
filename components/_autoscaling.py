"""Scaling of an ECS service behind an Application Load Balancer, by target tracking."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

SCALE_OUT_COOLDOWN_SECONDS = 60
SCALE_IN_COOLDOWN_SECONDS = 300
"""Slower in than out: too few tasks is an outage, too many is cents."""


def scale_service(
    name: str,
    *,
    service: pulumi.Input[str],
    tasks: tuple[int, int],
    policies: Mapping[str, Any],
    parent: pulumi.Resource,
) -> None:
    """Let `service/<cluster>/<name>` have so many tasks. Of several policies, the one that asks for most wins."""
    child = pulumi.ResourceOptions(parent=parent)
    target = aws.appautoscaling.Target(
        f"{name}-scaling",
        service_namespace="ecs",
        resource_id=service,
        scalable_dimension="ecs:service:DesiredCount",
        min_capacity=tasks[0],
        max_capacity=tasks[1],
        opts=child,
    )
    for role, configuration in policies.items():
        aws.appautoscaling.Policy(
            f"{name}-{role}",
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            resource_id=target.resource_id,
            scalable_dimension=target.scalable_dimension,
            target_tracking_scaling_policy_configuration=configuration,
            opts=child,
        )


def by_cpu(percent: int) -> dict[str, Any]:
    """Keep the service's average CPU at this percentage."""
    return _track(
        percent, predefined_metric_specification={"predefined_metric_type": "ECSServiceAverageCPUUtilization"}
    )


def by_requests(
    per_task: int, balancer_suffix: pulumi.Input[str], target_group_suffix: pulumi.Input[str]
) -> dict[str, Any]:
    """Keep the requests a minute of each task at this number."""
    label = pulumi.Output.concat(balancer_suffix, "/", target_group_suffix)
    metric = {"predefined_metric_type": "ALBRequestCountPerTarget", "resource_label": label}
    return _track(per_task, predefined_metric_specification=metric)


def by_response_time(
    milliseconds: int, balancer_suffix: pulumi.Input[str], target_group_suffix: pulumi.Input[str]
) -> dict[str, Any]:
    """Keep the 95th percentile of the tasks' response time at this.

    The `statistic` of a customized metric knows averages only, which a few slow requests hardly move; a
    metric query (`metrics`) takes any CloudWatch statistic.
    """
    dimensions = {"LoadBalancer": balancer_suffix, "TargetGroup": target_group_suffix}
    metric = {
        "namespace": "AWS/ApplicationELB",
        "metric_name": "TargetResponseTime",
        "dimensions": [{"name": name, "value": value} for name, value in dimensions.items()],
    }
    query = {"id": "p95", "metric_stat": {"metric": metric, "stat": "p95"}, "return_data": True}
    return _track(milliseconds / 1000, customized_metric_specification={"metrics": [query]})  # CloudWatch has seconds


def _track(target: float, **metric: Any) -> dict[str, Any]:
    return {
        "target_value": target,
        "scale_out_cooldown": SCALE_OUT_COOLDOWN_SECONDS,
        "scale_in_cooldown": SCALE_IN_COOLDOWN_SECONDS,
        **metric,
    }
