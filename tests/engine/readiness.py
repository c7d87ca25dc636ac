"""Readiness: whether a request that CloudFront sends to an origin would be answered, judged by what is in the cloud.

Nothing is taken from the engine's state or from names: every step is followed as a request would go, from what the
distribution says of the origin to the code or the tasks that answer.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.double.cloud import Cloud, Thing
from engine.double.wire import plain

Origin = Mapping[str, Any]
HTTPS = 443
_find = Cloud.in_force


def why_not_ready(cloud: Cloud, origin: Origin) -> list[str]:
    """What is missing on the way from the distribution to the service, or the site, behind this origin."""
    return list(_way_of(origin)(cloud, origin))


def _way_of(origin: Origin) -> Callable[[Cloud, Origin], Iterator[str]]:
    host = str(origin["domainName"])
    if "vpcOriginConfig" in origin:
        return _through_vpc_origin
    if ".execute-api." in host:
        return _through_api
    if ".lambda-url." in host:
        return _through_function_url
    return _through_bucket if ".s3." in host else _through_name


def _need(found: list[Thing], what: str) -> Iterator[str]:
    if not found:
        yield f"there is no {what} that is ready"


def _secret_of(origin: Origin) -> str:
    return next((each["value"] for each in origin.get("customHeaders", ()) if each["name"] == "x-origin-secret"), "")


# Serverless


def _through_api(cloud: Cloud, origin: Origin) -> Iterator[str]:
    apis = _find(cloud, "aws:apigatewayv2/api:Api", apiEndpoint=f"https://{origin['domainName']}")
    yield from _need(apis, f"API {origin['domainName']}")
    for api in apis:
        yield from _need(_find(cloud, "aws:apigatewayv2/stage:Stage", apiId=api.id), "stage of the API")
        routes = _find(cloud, "aws:apigatewayv2/route:Route", apiId=api.id, routeKey="$default")
        yield from _need(routes, "default route of the API")
        for route in routes:
            outputs = plain(route.outputs)
            yield from _answered_by_alias(cloud, api, outputs["target"].removeprefix("integrations/"))
            yield from _admitted(cloud, outputs["authorizerId"], _secret_of(origin))


def _answered_by_alias(cloud: Cloud, api: Thing, integration_id: str) -> Iterator[str]:
    integrations = [
        each
        for each in _find(cloud, "aws:apigatewayv2/integration:Integration", apiId=api.id)
        if each.id == integration_id
    ]
    yield from _need(integrations, "integration of the API's route")
    for each in integrations:
        aliases = _find(cloud, "aws:lambda/alias:Alias", invokeArn=plain(each.outputs)["integrationUri"])
        yield from _need(aliases, "alias that the API calls")
        for alias in aliases:
            yield from _runs(cloud, alias)
            yield from _permitted(cloud, alias, "apigateway.amazonaws.com", "lambda:InvokeFunction")


def _runs(cloud: Cloud, alias: Thing) -> Iterator[str]:
    name = plain(alias.outputs)["functionName"]
    functions = _find(cloud, "aws:lambda/function:Function", name=name)
    yield from _need(functions, f"function {name}")
    for each in functions:
        role = plain(each.outputs)["role"]
        yield from _need(_find(cloud, "aws:iam/role:Role", arn=role), f"role of function {name}")


def _permitted(cloud: Cloud, alias: Thing, principal: str, action: str) -> Iterator[str]:
    outputs = plain(alias.outputs)
    wanted = {
        "function": outputs["functionName"],
        "qualifier": outputs["name"],
        "principal": principal,
        "action": action,
    }
    yield from _need(_find(cloud, "aws:lambda/permission:Permission", **wanted), f"permission {action} for {principal}")


def _admitted(cloud: Cloud, authorizer_id: str, secret: str) -> Iterator[str]:
    """The API's authorizer is there, may be called, and takes the secret that the distribution sends."""
    authorizers = [each for each in _find(cloud, "aws:apigatewayv2/authorizer:Authorizer") if each.id == authorizer_id]
    yield from _need(authorizers, "authorizer of the API")
    for each in authorizers:
        arn = plain(each.outputs)["authorizerUri"].partition("/functions/")[2].removesuffix("/invocations")
        functions = _find(cloud, "aws:lambda/function:Function", arn=arn)
        yield from _need(functions, "function of the authorizer")
        for function in functions:
            name = plain(function.outputs)["name"]
            yield from _need(_find(cloud, "aws:lambda/permission:Permission", function=name), "permission to authorize")
            for live in function.live:
                accepted = live["environment"]["variables"]["ACCEPTED_SHA256"].split(",")
                if hashlib.sha256(secret.encode()).hexdigest() not in accepted:
                    yield "the authorizer does not take the secret that the distribution sends"


def _through_function_url(cloud: Cloud, origin: Origin) -> Iterator[str]:
    urls = _find(cloud, "aws:lambda/functionUrl:FunctionUrl", functionUrl=f"https://{origin['domainName']}/")
    yield from _need(urls, f"function URL {origin['domainName']}")
    yield from _signed(cloud, origin)
    for each in urls:
        outputs = plain(each.outputs)
        aliases = _find(
            cloud, "aws:lambda/alias:Alias", functionName=outputs["functionName"], name=outputs["qualifier"]
        )
        yield from _need(aliases, "alias behind the function URL")
        for alias in aliases:
            yield from _runs(cloud, alias)
            for action in ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction"):
                yield from _permitted(cloud, alias, "cloudfront.amazonaws.com", action)


def _signed(cloud: Cloud, origin: Origin) -> Iterator[str]:
    id_ = origin.get("originAccessControlId")
    controls = _find(cloud, "aws:cloudfront/originAccessControl:OriginAccessControl")
    yield from _need([each for each in controls if each.id == id_], f"origin access control {id_}")


# Container


def _through_vpc_origin(cloud: Cloud, origin: Origin) -> Iterator[str]:
    id_ = origin["vpcOriginConfig"]["vpcOriginId"]
    found = [each for each in _find(cloud, "aws:cloudfront/vpcOrigin:VpcOrigin") if each.id == id_]
    yield from _need(found, f"VPC origin {id_}")
    for each in found:
        endpoint = plain(each.outputs)["vpcOriginEndpointConfig"]
        balancers = _find(cloud, "aws:lb/loadBalancer:LoadBalancer", arn=endpoint["arn"])
        yield from _need(balancers, "load balancer behind the VPC origin")
        port = endpoint["httpsPort"] if endpoint["originProtocolPolicy"] == "https-only" else endpoint["httpPort"]
        for balancer in balancers:
            yield from _answered_by_tasks(cloud, balancer, port, _secret_of(origin))


def _through_name(cloud: Cloud, origin: Origin) -> Iterator[str]:
    host = origin["domainName"]
    records = _find(cloud, "aws:route53/record:Record", name=host, type="A")
    yield from _need(records, f"record {host}")
    for each in records:
        target = plain(each.outputs)["aliases"][0]["name"]
        balancers = _find(cloud, "aws:lb/loadBalancer:LoadBalancer", dnsName=target)
        yield from _need(balancers, f"load balancer behind {host}")
        for balancer in balancers:
            yield from _answered_by_tasks(cloud, balancer, HTTPS, _secret_of(origin))


def _answered_by_tasks(cloud: Cloud, balancer: Thing, port: int, secret: str) -> Iterator[str]:
    yield from _let_in(cloud, plain(balancer.outputs)["securityGroups"], port, "load balancer")
    listeners = _find(cloud, "aws:lb/listener:Listener", loadBalancerArn=plain(balancer.outputs)["arn"], port=port)
    yield from _need(listeners, f"listener on port {port}")
    for listener in listeners:
        yield from _certified(cloud, plain(listener.outputs))
        rules = _find(cloud, "aws:lb/listenerRule:ListenerRule", listenerArn=plain(listener.outputs)["arn"])
        groups = {
            action["targetGroupArn"]
            for rule in rules
            for condition in plain(rule.outputs)["conditions"]
            if secret in condition["httpHeader"]["values"]
            for action in plain(rule.outputs)["actions"]
        }
        if not groups:
            yield "no rule of the listener takes the secret that the distribution sends"
        for arn in groups:
            yield from _served(cloud, arn)


def _certified(cloud: Cloud, listener: Mapping[str, Any]) -> Iterator[str]:
    if arn := listener.get("certificateArn"):
        yield from _need(_find(cloud, "aws:acm/certificate:Certificate", arn=arn), "certificate of the listener")


def _served(cloud: Cloud, target_group_arn: str) -> Iterator[str]:
    groups = _find(cloud, "aws:lb/targetGroup:TargetGroup", arn=target_group_arn)
    yield from _need(groups, "target group of the listener")
    services = [
        each
        for each in _find(cloud, "aws:ecs/service:Service")
        if any(balancer["targetGroupArn"] == target_group_arn for balancer in plain(each.outputs)["loadBalancers"])
    ]
    yield from _need(services, "service in the target group")
    for each in services:
        outputs = plain(each.outputs)
        yield from _need(_find(cloud, "aws:ecs/cluster:Cluster", arn=outputs["cluster"]), "cluster of the service")
        # A task definition may be deregistered while its tasks run, and so need not be there any more.
        if not str(outputs["taskDefinition"]).startswith("arn:"):
            yield f"no tasks run: {outputs['taskDefinition']}"
        network = outputs["networkConfiguration"]
        for port in {plain(group.outputs)["port"] for group in groups}:
            yield from _let_in(cloud, network["securityGroups"], port, "tasks")


def _let_in(cloud: Cloud, groups: list[str], port: int, what: str) -> Iterator[str]:
    rules = [
        each
        for group in groups
        for each in _find(cloud, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", securityGroupId=group)
        if plain(each.outputs)["fromPort"] <= port <= plain(each.outputs)["toPort"]
    ]
    yield from _need(rules, f"rule that lets requests in to the {what} on port {port}")


# Site


def _through_bucket(cloud: Cloud, origin: Origin) -> Iterator[str]:
    buckets = _find(cloud, "aws:s3/bucket:Bucket", bucketRegionalDomainName=origin["domainName"])
    yield from _need(buckets, f"bucket {origin['domainName']}")
    yield from _signed(cloud, origin)
    for each in buckets:
        name = plain(each.outputs)["bucket"]
        yield from _need(_find(cloud, "aws:s3/bucketPolicy:BucketPolicy", bucket=name), "policy of the bucket")
        yield from _need(
            _find(cloud, "aws:s3/bucketObjectv2:BucketObjectv2", bucket=name, key="index.html"), "index.html"
        )
