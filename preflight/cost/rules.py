"""Every type that has a rule."""

from collections.abc import Iterable, Mapping

from preflight.cost import balancer, container, edge, network, serverless, storage, watching
from preflight.cost.rule import Rule
from preflight.recording import Recording, Resource

RULES: Mapping[str, Rule] = {
    **network.RULES,
    **container.RULES,
    **balancer.RULES,
    **serverless.RULES,
    **edge.RULES,
    **storage.RULES,
    **watching.RULES,
}


def needs_rule(resource: Resource) -> bool:
    """Whether it may cost something: not the engine's own, and not a component, which only groups its children."""
    return resource.is_ours and (resource.custom or resource.remote)


INFRACOST: Mapping[str, str] = {
    "aws:apigatewayv2/api:Api": "aws_apigatewayv2_api",
    "aws:cloudfront/distribution:Distribution": "aws_cloudfront_distribution",
    "aws:cloudfront/function:Function": "aws_cloudfront_function",
    "aws:cloudwatch/logGroup:LogGroup": "aws_cloudwatch_log_group",
    "aws:ec2/natGateway:NatGateway": "aws_nat_gateway",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "aws_vpc_endpoint",
    "aws:ecr/repository:Repository": "aws_ecr_repository",
    "aws:ecs/service:Service": "aws_ecs_service",
    "aws:kms/key:Key": "aws_kms_key",
    "aws:lambda/function:Function": "aws_lambda_function",
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": "aws_lambda_provisioned_concurrency_config",
    "aws:lb/loadBalancer:LoadBalancer": "aws_lb",
    "aws:route53/record:Record": "aws_route53_record",
    "aws:s3/bucket:Bucket": "aws_s3_bucket",
    "aws:secretsmanager/secret:Secret": "aws_secretsmanager_secret",
    "aws:wafv2/webAcl:WebAcl": "aws_wafv2_web_acl",
}
"""The name that a usage file has for a type."""


def names_by_type(recordings: Iterable[Recording]) -> dict[str, set[str]]:
    """The names that a usage file may give, by its name for their type."""
    found: dict[str, set[str]] = {}
    for recording in recordings:
        for each in recording:
            if each.type in INFRACOST:
                found.setdefault(INFRACOST[each.type], set()).add(each.name)
    return found
