"""Twins: for each policy a small program that is wrong in the one way it must catch, and the same put right.

They are Pulumi programs, so that the policies are held to the names that the provider really has for its inputs.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_random as random

from components import _wafv2 as wafv2
from preflight.recorder import record_program
from preflight.recording import Recording, Resource

ACCOUNT = "123456789012"
DIGEST = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/app@sha256:{'0' * 64}"
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/a"
SECRET = "s" * 48
WORLD = "0.0.0.0/0"
HTTPS = {"ip_protocol": "tcp", "from_port": 443, "to_port": 443}
OURS = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
Program = Callable[[], Any]
TWINS: dict[str, tuple[Program, Program]] = {}
"""(wrong, right) by the policy's name."""
ALSO_WRONG: list[tuple[str, Program]] = []
"""Other programs that are wrong in a policy's way, where that can be done by more than one input."""


def twins(policy: str, make: Callable[..., Any], wrong: dict[str, Any], right: dict[str, Any] | None = None) -> None:
    """The program `make`, which takes what to change: a change that is wrong, and one that is not."""
    TWINS[policy] = (lambda: make(**wrong), lambda: make(**(right or {})))


def also(policy: str, make: Callable[..., Any], *wrong: dict[str, Any]) -> None:
    """Further changes of the program `make` that the policy must catch."""
    ALSO_WRONG.extend((policy, partial(make, **each)) for each in wrong)


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(**changes: Any) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Action": ["logs:PutLogEvents"],
        "Resource": [f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:a:*"],
    }
    return {**statement, **changes}


def log_bucket() -> pulumi.Output[str]:
    """A bucket of the stack to log into, by its policy, which a writer of logs waits for."""
    return aws.s3.BucketPolicy("logs", bucket="logs", policy=document()).bucket


# Load balancers.
def balancer(
    listener: dict[str, Any] | None = None, beside: Program = lambda: None, **changes: Any
) -> aws.lb.LoadBalancer:
    beside()
    given = {
        "internal": True,
        "subnets": ["subnet-1", "subnet-2"],
        "drop_invalid_header_fields": True,
        "desync_mitigation_mode": "defensive",
        "enable_deletion_protection": True,
        "access_logs": {"enabled": True, "bucket": log_bucket()},
    }
    made = aws.lb.LoadBalancer("balancer", **{**given, **changes})
    if listener is not None:
        refusal = {"type": "fixed-response", "fixed_response": {"content_type": "text/plain", "status_code": "403"}}
        about = {"protocol": "HTTPS", "port": 443, "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"}
        aws.lb.Listener("listener", load_balancer_arn=made.arn, **{**about, "default_actions": [refusal], **listener})
    return made


REDIRECT = {"type": "redirect", "redirect": {"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301"}}
FORWARD = {"type": "forward", "target_group_arn": "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/a/b"}
plain_listener = {"protocol": "HTTP", "port": 80, "ssl_policy": None}
twins(
    "listeners-speak-https",
    balancer,
    {"listener": plain_listener},
    {"listener": {**plain_listener, "default_actions": [REDIRECT]}},
)
twins("balancers-drop-invalid-headers", balancer, {"drop_invalid_header_fields": False})
twins("balancers-log-access", balancer, {"access_logs": {"enabled": True, "bucket": "elsewhere"}})
twins("balancers-are-protected-from-deletion", balancer, {"enable_deletion_protection": None})
twins("balancers-refuse-request-smuggling", balancer, {"desync_mitigation_mode": "monitor"})
twins("balancers-span-two-zones", balancer, {"subnets": ["subnet-1"]})
twins(
    "listeners-take-modern-tls-only",
    balancer,
    {"listener": {"ssl_policy": "ELBSecurityPolicy-TLS13-1-1-2021-06"}},
    {"listener": {}},
)
twins(
    "listeners-agree-on-post-quantum-keys",
    balancer,
    {"listener": {"ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}},
    {"listener": {}},
)
twins("balancers-have-no-public-address", balancer, {"internal": False})


def guarded_balancer(acl: bool) -> None:
    made = balancer()
    if acl:
        aws_acl_association(made.arn)


def aws_acl_association(arn: pulumi.Output[str]) -> None:
    # By its token: importing the SDK's module for WAF takes a second.
    token = "aws:wafv2/webAclAssociation:WebAclAssociation"
    pulumi.CustomResource(
        token, "association", {"resourceArn": arn, "webAclArn": "arn:aws:wafv2:us-east-1:1:regional/webacl/a/b"}
    )


twins("balancers-have-a-firewall", guarded_balancer, {"acl": False}, {"acl": True})


def target_group(health: dict[str, Any] | None = None, **changes: Any) -> None:
    checks = {
        "path": "/",
        "matcher": "200",
        "interval": 10,
        "timeout": 5,
        "healthy_threshold": 2,
        "unhealthy_threshold": 3,
    }
    about = {"vpc_id": "vpc-1", "target_type": "ip", "port": 8080, "protocol": "HTTPS"}
    aws.lb.TargetGroup("targets", **{**about, "health_check": {**checks, **(health or {})}, **changes})


twins("targets-are-checked-as-the-app-says", target_group, {"health": {"matcher": None}})
twins("the-way-to-the-app-is-encrypted", target_group, {"protocol": "HTTP"})
twins("requests-are-spread-over-all-zones", target_group, {"load_balancing_cross_zone_enabled": "false"})


def rule(header: str = "x-origin-secret", value: Any = SECRET) -> None:
    condition = {"http_header": {"http_header_name": header, "values": [pulumi.Output.secret(value)]}}
    aws.lb.ListenerRule("rule", listener_arn="arn:aws:a", conditions=[condition], actions=[FORWARD])


def rule_behind(ours: bool) -> None:
    sent = random.RandomPassword("secret", length=48).result
    distribution(origins=[{**server(), "custom_headers": [{"name": "x-origin-secret", "value": sent}]}])
    rule(value=sent if ours else SECRET)


twins("only-our-distribution-gets-past-a-listener", rule_behind, {"ours": False}, {"ours": True})
also("only-our-distribution-gets-past-a-listener", rule, {"header": "user-agent"})


# HTTP APIs.
def api(
    route: dict[str, Any] | None = None, authorizer: dict[str, Any] | None = None, accepts: str = "", **changes: Any
) -> None:
    made = aws.apigatewayv2.Api("api", protocol_type="HTTP", **changes)
    decides = function(environment={"variables": {"ACCEPTED": accepts}})
    about = {
        "authorizer_type": "REQUEST",
        "authorizer_uri": decides.invoke_arn,
        "identity_sources": ["$request.header.x-origin-secret"],
    }
    asked = aws.apigatewayv2.Authorizer("authorizer", api_id=made.id, **{**about, **(authorizer or {})})
    by = {"route_key": "$default", "authorization_type": "CUSTOM", "authorizer_id": asked.id}
    aws.apigatewayv2.Route("route", api_id=made.id, **{**by, **(route or {})})


def stage(**changes: Any) -> None:
    about = {
        "access_log_settings": {"destination_arn": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:a", "format": "{}"},
        "default_route_settings": {"throttling_rate_limit": 1000.0, "throttling_burst_limit": 500},
    }
    aws.apigatewayv2.Stage("stage", api_id="a1", **{**about, **changes})


def api_domain(policy: str = "TLS_1_2") -> None:
    about = {"certificate_arn": CERTIFICATE, "endpoint_type": "REGIONAL", "security_policy": policy}
    aws.apigatewayv2.DomainName("domain", domain_name="api.example.com", domain_name_configuration=about)


twins("every-route-asks-who-calls", api, {"route": {"authorization_type": "NONE", "authorizer_id": None}})
twins("an-api-has-no-hidden-route", api, {"target": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:a"})
twins("authorizers-ask-for-the-origin-secret", api, {"authorizer": {"identity_sources": ["$request.header.accept"]}})
twins("an-authorizer-is-a-function-of-the-stack", api, {"authorizer": {"authorizer_uri": "arn:aws:apigateway:a"}})
also("an-authorizer-is-a-function-of-the-stack", api, {"accepts": sha256(b"sesame").hexdigest()})
twins("apis-log-access", stage, {"access_log_settings": None})
twins("api-domains-use-modern-tls", api_domain, {"policy": "TLS_1_0"})
twins("apis-have-no-second-address", api, {}, {"disable_execute_api_endpoint": True})
twins("apis-have-a-limit-of-their-own", stage, {"default_route_settings": {"throttling_rate_limit": 0.0}})


# Distributions.
def server(**changes: Any) -> dict[str, Any]:
    config = {
        "http_port": 80,
        "https_port": 443,
        "origin_protocol_policy": "https-only",
        "origin_ssl_protocols": ["TLSv1.2"],
    }
    secret = [{"name": "x-origin-secret", "value": SECRET}]
    return {
        "origin_id": "api",
        "domain_name": "api.example.com",
        "custom_origin_config": {**config, **changes},
        "custom_headers": secret,
    }


def behavior(**changes: Any) -> dict[str, Any]:
    given = {
        "target_origin_id": "api",
        "viewer_protocol_policy": "redirect-to-https",
        "allowed_methods": ["GET", "HEAD"],
        "cached_methods": ["GET", "HEAD"],
        "response_headers_policy_id": "a",
        "cache_policy_id": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        "function_associations": [{"event_type": "viewer-request", "function_arn": "arn:aws:cloudfront::1:function/a"}],
    }
    return {**given, **changes}


def distribution(opts: pulumi.ResourceOptions | None = None, **changes: Any) -> aws.cloudfront.Distribution:
    given = {
        "enabled": True,
        "default_cache_behavior": behavior(),
        "origins": [server()],
        "restrictions": {"geo_restriction": {"restriction_type": "whitelist", "locations": ["CH"]}},
        "viewer_certificate": {
            "acm_certificate_arn": CERTIFICATE,
            "ssl_support_method": "sni-only",
            "minimum_protocol_version": "TLSv1.2_2025",
        },
        "web_acl_id": f"arn:aws:wafv2:us-east-1:{ACCOUNT}:global/webacl/a/b",
    }
    return aws.cloudfront.Distribution("cdn", **{**given, **changes}, opts=opts)


def site(signed: bool = True, ours: bool = True, **changes: Any) -> None:
    name = bucket().bucket_regional_domain_name if ours else "theirs.s3.us-east-1.amazonaws.com"
    origin = {"origin_id": "site", "domain_name": name, "origin_access_control_id": "E1" if signed else None}
    shown = {"default_root_object": "index.html", "default_cache_behavior": behavior(target_origin_id="site")}
    distribution(origins=[origin], **{**shown, **changes})


def logged_distribution(delivered: bool) -> None:
    made = distribution()
    source = aws.cloudwatch.LogDeliverySource("source", name="a", log_type="ACCESS_LOGS", resource_arn=made.arn)
    kept = {"destination_resource_arn": log_group().arn if delivered else "arn:aws:s3:::elsewhere"}
    to = aws.cloudwatch.LogDeliveryDestination("to", name="a", delivery_destination_configuration=kept)
    aws.cloudwatch.LogDelivery("delivery", delivery_source_name=source.name, delivery_destination_arn=to.arn)


OWN = {"cloudfront_default_certificate": True}
twins("a-site-has-a-first-page", site, {"default_root_object": None})
twins(
    "viewers-use-https",
    distribution,
    {"ordered_cache_behaviors": [behavior(path_pattern="/a", viewer_protocol_policy="allow-all")]},
)
twins(
    "an-origin-has-another-to-fail-over-to",
    distribution,
    {},
    {
        "origin_groups": [
            {
                "origin_id": "both",
                "failover_criteria": {"status_codes": [500]},
                "members": [{"origin_id": "api"}, {"origin_id": "b"}],
            }
        ]
    },
)
twins("distributions-log-access", logged_distribution, {"delivered": False}, {"delivered": True})
twins("distributions-have-a-firewall", distribution, {"web_acl_id": None})
twins("distributions-have-a-certificate-of-their-own", distribution, {"viewer_certificate": OWN})
twins(
    "certificates-are-served-by-name",
    distribution,
    {"viewer_certificate": {"acm_certificate_arn": CERTIFICATE, "ssl_support_method": "vip"}},
)
twins("viewers-use-modern-tls", distribution, {"viewer_certificate": OWN})
also(
    "viewers-use-modern-tls", distribution, {"viewer_certificate": {**OWN, "minimum_protocol_version": "TLSv1.2_2021"}}
)
twins(
    "viewers-come-from-chosen-countries",
    distribution,
    {"restrictions": {"geo_restriction": {"restriction_type": "none"}}},
)
twins("origins-are-called-over-https", distribution, {"origins": [server(origin_protocol_policy="match-viewer")]})
twins(
    "origins-are-called-over-modern-tls", distribution, {"origins": [server(origin_ssl_protocols=["TLSv1", "TLSv1.2"])]}
)
twins("a-bucket-behind-it-is-ours", site, {"ours": False})


def server_behind(ours: bool) -> None:
    name = aws.apigatewayv2.Api("api", protocol_type="HTTP").api_endpoint if ours else "evil.example.com"
    distribution(origins=[{**server(), "domain_name": name}])


def named_server(target: str, also_ours: bool = False) -> None:
    about = {"zone_id": "Z1", "name": "api.example.com"}
    aws.route53.Record("record", type="A", records=[target], ttl=60, **about)
    if also_ours:
        alias = {"name": balancer().dns_name, "zone_id": "Z35SXDOTRQ7X7K", "evaluate_target_health": False}
        aws.route53.Record("ipv6", type="AAAA", aliases=[alias], **about)
    distribution()


twins("a-server-behind-it-is-ours", server_behind, {"ours": False}, {"ours": True})
also(
    "a-server-behind-it-is-ours",
    named_server,
    {"target": "198.51.100.7"},
    {"target": "198.51.100.7", "also_ours": True},
)
twins("every-origin-can-tell-our-requests", site, {"signed": False})
signed_server = {**server(), "origin_access_control_id": "E1", "custom_headers": None}
also("every-origin-can-tell-our-requests", distribution, {"origins": [signed_server]})
twins(
    "the-origin-secret-is-no-word",
    distribution,
    {"origins": [{**server(), "custom_headers": [{"name": "x-origin-secret", "value": "open sesame"}]}]},
)
twins(
    "access-controls-always-sign",
    lambda how="always": aws.cloudfront.OriginAccessControl(
        "access", origin_access_control_origin_type="s3", signing_behavior=how, signing_protocol="sigv4"
    ),
    {"how": "no-override"},
)


def waiting(waits: bool) -> None:
    needed = aws.lb.ListenerRule("rule", listener_arn="arn:aws:a", conditions=[], actions=[REDIRECT])
    distribution(pulumi.ResourceOptions(depends_on=[needed] if waits else []))


twins("what-is-behind-a-distribution-is-there-before-it", waiting, {"waits": False}, {"waits": True})


def headers(**changes: Any) -> None:
    given = {
        "strict_transport_security": {
            "access_control_max_age_sec": 31_536_000,
            "include_subdomains": True,
            "override": True,
        },
        "content_type_options": {"override": True},
        "frame_options": {"frame_option": "DENY", "override": True},
        "referrer_policy": {"referrer_policy": "same-origin", "override": True},
    }
    aws.cloudfront.ResponseHeadersPolicy("headers", security_headers_config={**given, **changes})


def site_headers(policy: str | None) -> None:
    csp = {"content_security_policy": policy, "override": True} if policy else None
    made = aws.cloudfront.ResponseHeadersPolicy("headers", security_headers_config={"content_security_policy": csp})
    site(default_cache_behavior=behavior(target_origin_id="site", response_headers_policy_id=made.id))


twins("pages-say-where-their-scripts-come-from", site_headers, {"policy": None}, {"policy": "default-src 'self'"})
also(
    "pages-say-where-their-scripts-come-from",
    site_headers,
    {"policy": "default-src *; script-src 'self'"},
    {"policy": "default-src 'self'; script-src 'self' data:"},
    {"policy": "script-src 'self'"},
)
also("pages-say-where-their-scripts-come-from", site, {})
twins(
    "answers-carry-security-headers",
    lambda policy: site() if policy == "managed" else site_headers(policy),
    {"policy": "managed"},
    {"policy": "default-src 'self'"},
)
also(
    "answers-carry-security-headers",
    distribution,
    {"default_cache_behavior": behavior(response_headers_policy_id=None)},
)
twins("answers-of-the-service-are-not-shared", distribution, {"default_cache_behavior": behavior(cache_policy_id=None)})
twins(
    "the-edge-function-sees-every-request", distribution, {"default_cache_behavior": behavior(function_associations=[])}
)
twins(
    "random-secrets-are-long-enough", lambda length=48: random.RandomPassword("secret", length=length), {"length": 16}
)


def hsts(seconds: int, below: bool) -> dict[str, Any]:
    return {
        "strict_transport_security": {
            "access_control_max_age_sec": seconds,
            "include_subdomains": below,
            "override": True,
        }
    }


twins("browsers-remember-https", headers, hsts(86_400, True))
twins("browsers-are-told-what-a-page-may-do", headers, {"frame_options": None})
twins("subdomains-are-https-too", headers, hsts(31_536_000, False))


# Names.
def certificate(validated: bool = True, **changes: Any) -> None:
    given = {"domain_name": "a.example.com", "validation_method": "DNS", "key_algorithm": "RSA_2048"}
    made = aws.acm.Certificate("certificate", **{**given, **changes})
    if validated:
        aws.acm.CertificateValidation("validation", certificate_arn=made.arn)


def zone(logged: bool) -> None:
    made = aws.route53.Zone("zone", name="example.com")
    if logged:
        aws.route53.QueryLog("log", zone_id=made.zone_id, cloudwatch_log_group_arn="arn:aws:a")


def alias(ours: bool) -> None:
    name = distribution().domain_name if ours else "d1.cloudfront.net"
    target = {"name": name, "zone_id": "Z2FDTNDATAQYW2", "evaluate_target_health": False}
    aws.route53.Record("alias", zone_id="Z1", name="a.example.com", type="A", aliases=[target])


twins("certificates-renew-themselves", certificate, {"validated": False})
twins("certificates-have-strong-keys", certificate, {"key_algorithm": "RSA_1024"})
twins("certificates-are-for-one-name", certificate, {"domain_name": "*.example.com"})
twins("zones-log-their-queries", zone, {"logged": False}, {"logged": True})
twins("aliases-point-into-the-stack", alias, {"ours": False}, {"ours": True})


# Images.
def repository(kept: int = 30, **changes: Any) -> None:
    given = {
        "image_tag_mutability": "IMMUTABLE",
        "image_scanning_configuration": {"scan_on_push": True},
        "encryption_configurations": [{"encryption_type": "KMS"}],
    }
    made = aws.ecr.Repository("repository", **{**given, **changes})
    newest = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": kept}
    expiry = {"rules": [{"rulePriority": 1, "selection": newest, "action": {"type": "expire"}}]}
    aws.ecr.LifecyclePolicy("expiry", repository=made.name, policy=json.dumps(expiry))


twins("images-are-scanned-on-push", repository, {"image_scanning_configuration": None})
twins("tags-never-move", repository, {"image_tag_mutability": "IMMUTABLE_WITH_EXCLUSION"})
twins("old-images-expire", repository, {"kept": 1})
twins("images-are-under-a-key-of-ours", repository, {"encryption_configurations": None})


# Tasks.
def task(container: dict[str, Any] | None = None, sealed: bool = False, **changes: Any) -> None:
    definition = {
        "name": "app",
        "image": DIGEST,
        "user": "10001:10001",
        "readonlyRootFilesystem": True,
        "environment": [{"name": "PORT", "value": "8080"}],
        "linuxParameters": {"capabilities": {"drop": ["ALL"]}, "initProcessEnabled": True},
        "logConfiguration": {"logDriver": "awslogs", "options": {"mode": "non-blocking", "max-buffer-size": "25m"}},
    }
    given = {
        "family": "app",
        "network_mode": "awsvpc",
        "task_role_arn": f"arn:aws:iam::{ACCOUNT}:role/app",
        "execution_role_arn": f"arn:aws:iam::{ACCOUNT}:role/start",
        "container_definitions": json.dumps([{**definition, **(container or {})}]),
    }
    if sealed:
        given["container_definitions"] = pulumi.Output.secret(given["container_definitions"])
    aws.ecs.TaskDefinition("task", **{**given, **changes})


def service(public: bool = False, way_out: bool = False, **changes: Any) -> None:
    if way_out:
        aws.ec2.NatGateway("nat", subnet_id="subnet-1", allocation_id="eipalloc-1")
    network = {"subnets": ["subnet-1", "subnet-2"], "assign_public_ip": public}
    aws.ecs.Service("service", network_configuration=network, **changes)


def cluster(insights: str = "enhanced", logging: str = "OVERRIDE", group: str | None = "sessions") -> None:
    kept = {"cloud_watch_log_group_name": group} if group else None
    aws.ecs.Cluster(
        "cluster",
        settings=[{"name": "containerInsights", "value": insights}],
        configuration={"execute_command_configuration": {"logging": logging, "log_configuration": kept}},
    )


def exec_without_endpoint(endpoint: bool) -> None:
    service(enable_execute_command=True)
    vpc(services=("ssmmessages",) if endpoint else ())


twins("tasks-have-a-network-of-their-own", task, {"network_mode": "bridge"})
twins("tasks-share-no-processes-with-their-host", task, {"pid_mode": "host"}, {"pid_mode": "task"})
twins("containers-are-not-privileged", task, {"container": {"privileged": True}})
twins("containers-cannot-write-to-their-disk", task, {"container": {"readonlyRootFilesystem": False}})
twins(
    "tasks-hold-no-secret-in-plain-text",
    task,
    {"container": {"environment": [{"name": "DB_PASSWORD", "value": "sesame"}]}},
    {"container": {"environment": [{"name": "DB_PASSWORD_SECRET_ARN", "value": "arn:aws:a"}]}},
)
twins("containers-keep-a-log", task, {"container": {"logConfiguration": None}})
twins("the-app-is-not-who-starts-it", task, {"task_role_arn": f"arn:aws:iam::{ACCOUNT}:role/start"})
twins("containers-do-not-run-as-root", task, {"container": {"user": "0:0"}})
also(
    "containers-do-not-run-as-root",
    task,
    *({"container": {"user": each}} for each in ("00", "+0:1", "0x0", "Root", "")),
)
twins(
    "a-slow-log-stops-no-container",
    task,
    {"container": {"logConfiguration": {"logDriver": "awslogs", "options": {"mode": "blocking"}}}},
)
twins("tasks-run-an-image-by-digest", task, {"container": {"image": DIGEST.replace("@sha256:", ":v")}})
twins("containers-keep-no-capabilities", task, {"container": {"linuxParameters": {"initProcessEnabled": True}}})
twins("what-is-judged-can-be-read", task, {"sealed": True})
twins("services-run-on-the-latest-platform", service, {"platform_version": "1.3.0"}, {"platform_version": "LATEST"})
twins("nobody-opens-a-shell-in-a-task", service, {"enable_execute_command": True})
twins("tasks-have-no-public-address", service, {"public": True, "way_out": True})
twins("clusters-have-container-insights", cluster, {"insights": "disabled"})
twins("shells-are-logged", cluster, {"logging": "NONE"})
also("shells-are-logged", cluster, {"group": None})
twins("shells-are-opened-privately", exec_without_endpoint, {"endpoint": False}, {"endpoint": True})


# Functions.
def function(**changes: Any) -> aws.lambda_.Function:
    given = {
        "package_type": "Image",
        "image_uri": DIGEST,
        "role": f"arn:aws:iam::{ACCOUNT}:role/a",
        "reserved_concurrent_executions": 5,
        "dead_letter_config": {"target_arn": "arn:aws:sqs:us-east-1:1:a"},
        "tracing_config": {"mode": "Active"},
        "kms_key_arn": "arn:aws:kms:us-east-1:1:key/a",
        "vpc_config": {"subnet_ids": ["subnet-1", "subnet-2"], "security_group_ids": ["sg-1"]},
        "environment": {"variables": {"PORT": "8080"}},
    }
    return aws.lambda_.Function("function", **{**given, **changes})


ZIP = {"package_type": "Zip", "image_uri": None, "handler": "a.b", "runtime": "python3.13"}


def permission(**changes: Any) -> None:
    given = {
        "action": "lambda:InvokeFunction",
        "function": "a",
        "principal": "apigateway.amazonaws.com",
        "source_arn": f"arn:aws:execute-api:us-east-1:{ACCOUNT}:a1/*/*",
    }
    aws.lambda_.Permission("permission", **{**given, **changes})


def function_url(
    authorization_type: str = "AWS_IAM", actions: tuple[str, ...] = ("Function", "FunctionUrl"), **changes: Any
) -> None:
    made = function()
    aws.lambda_.FunctionUrl(
        "url", function_name=made.name, qualifier="live", authorization_type=authorization_type, **changes
    )
    for each in actions:
        aws.lambda_.Permission(
            f"may-{each}",
            action=f"lambda:Invoke{each}",
            function=made.name,
            qualifier="live",
            principal="cloudfront.amazonaws.com",
            source_arn=f"arn:aws:cloudfront::{ACCOUNT}:distribution/*",
        )


def logging_function(ours: bool) -> None:
    group = log_group().name if ours else "/aws/lambda/function"
    function(logging_config={"log_format": "JSON", "log_group": group})


def log_group(**changes: Any) -> aws.cloudwatch.LogGroup:
    return aws.cloudwatch.LogGroup("group", **{"retention_in_days": 365, "kms_key_id": "arn:aws:kms:a", **changes})


twins("functions-are-called-by-a-named-service-only", permission, {"principal": "*"})
twins(
    "a-caller-is-named-as-narrowly-as-aws-can", permission, {"source_arn": f"arn:aws:execute-api:us-east-1:{ACCOUNT}:*"}
)
twins("runtimes-get-updates", function, {**ZIP, "runtime": "python3.8"}, ZIP)
twins("functions-are-in-a-vpc", function, {"vpc_config": None})
twins(
    "functions-in-a-vpc-span-two-zones",
    function,
    {"vpc_config": {"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"]}},
)
twins("functions-cannot-take-all-there-is", function, {"reserved_concurrent_executions": None})
twins("failed-events-are-kept", function, {"dead_letter_config": None})
twins("functions-are-traced", function, {"tracing_config": {"mode": "PassThrough"}})
twins("variables-are-under-a-key-of-ours", function, {"kms_key_arn": None})
twins("functions-hold-no-secret-in-plain-text", function, {"environment": {"variables": {"MAIL": "AKIA" + "A" * 16}}})
twins("functions-run-an-image-by-digest", function, {"image_uri": DIGEST.replace("@sha256:", ":v")})
twins("functions-log-into-a-group-of-the-stack", logging_function, {"ours": False}, {"ours": True})
twins("function-urls-ask-for-a-signature", function_url, {"authorization_type": "NONE"})
twins("cloudfront-may-call-a-function-url", function_url, {"actions": ("FunctionUrl",)})
twins("code-is-signed", function, ZIP, {**ZIP, "code_signing_config_arn": "arn:aws:lambda:a"})


# Roles and policies.
def grant(*statements: dict[str, Any]) -> None:
    aws.iam.RolePolicy("policy", role="a", policy=document(*statements))


def role(inside: list[dict[str, Any]] | None = None, **changes: Any) -> aws.iam.Role:
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": OURS,
    }
    policies = [{"name": "inside", "policy": document(*inside)}] if inside else None
    return aws.iam.Role("role", assume_role_policy=document({**trust, **changes}), inline_policies=policies)


def workflow_role(sub: str = "repo:a/b:environment:prod", host: str = "token.actions.githubusercontent.com") -> None:
    role(
        Principal={"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"},
        Action="sts:AssumeRoleWithWebIdentity",
        Condition={"StringEquals": {f"{host}:aud": "sts.amazonaws.com", f"{host}:sub": sub}},
    )


def attachment(arn: str | None = None) -> None:
    aws.iam.PolicyAttachment("attachment", roles=["a"], policy_arn=arn or aws.iam.Policy("mine", policy="{}").arn)


twins("nobody-may-do-everything", lambda **changes: grant(allow(**changes)), {"Action": "*"})
twins("actions-are-named-whole", lambda **changes: grant(allow(**changes)), {"Action": "logs:*"})
twins(
    "a-role-reaches-what-it-is-for",
    lambda **changes: grant(allow(**changes)),
    {"Resource": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:*"},
    {"Resource": "*", "Action": "ecr:GetAuthorizationToken"},
)
twins("a-service-takes-a-role-on-for-this-account-only", role, {"Condition": {}})
twins("a-role-trusts-services-only", role, {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}})
twins(
    "workflows-take-a-role-on-by-exact-name",
    workflow_role,
    {"sub": "repo:a/b:ref:refs/heads/*"},
    {"sub": "repo:a@1/b@2:environment:prod"},
)
also("workflows-take-a-role-on-by-exact-name", workflow_role, {"host": "evil.example.com"})
saml = {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/evil"}
also("workflows-take-a-role-on-by-exact-name", role, {"Principal": saml, "Action": "sts:AssumeRoleWithSAML"})
twins("roles-have-policies-of-their-own", attachment, {"arn": f"arn:aws:iam::{ACCOUNT}:policy/elsewhere"})
twins(
    "a-role-gives-nobody-more-rights",
    lambda action="logs:PutLogEvents": role(inside=[allow(Action=[action])]),
    {"action": "IAM:PassRole"},
)


twins(
    "a-role-changes-no-policy-and-no-code",
    lambda action="logs:PutRetentionPolicy": role(inside=[allow(Action=[action])]),
    {"action": "lambda:UpdateFunctionCode"},
)
also(
    "a-role-changes-no-policy-and-no-code",
    lambda action: grant(allow(Action=action)),
    *(
        {"action": each}
        for each in ("lambda:AddPermission", "kms:PutKeyPolicy", "kms:CreateGrant", "s3:PutBucketPolicy")
    ),
    *({"action": each} for each in ("ecr:SetRepositoryPolicy", "secretsmanager:PutResourcePolicy", "ssm:SendCommand")),
    *({"action": each} for each in ("ecs:ExecuteCommand", "cloudformation:CreateStack", "s3:PutObjectAcl")),
)


def on_everything(action: str) -> None:
    aws.iam.RolePolicy("policy", role=role().name, policy=document(allow(Action=[action], Resource=["*"])))


twins(
    "only-who-needs-it-reaches-everything",
    on_everything,
    {"action": "ec2:DeleteNetworkInterface"},
    {"action": "xray:PutTraceSegments"},
)


def pulls(**changes: Any) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": ["ecr:BatchGetImage"],
        "Condition": OURS,
    }
    aws.ecr.RepositoryPolicy("policy", repository="a", policy=document({**statement, **changes}))


twins("nothing-admits-everybody", pulls, {"Principal": "*"})
twins("what-a-service-may-do-it-does-for-this-account-only", pulls, {"Condition": {}})
twins("other-accounts-are-not-admitted", pulls, {"Principal": {"AWS": "arn:aws:iam::999999999999:role/a"}})
strangers = ({"CanonicalUser": "a" * 64}, {"Federated": "accounts.google.com"})
also("other-accounts-are-not-admitted", pulls, *({"Principal": each} for each in strangers))
also("nothing-admits-everybody", pulls, {"Principal": {"Federated": "*"}})


def read_by(distribution: str = "E1", by: str = ACCOUNT) -> None:
    role()
    source = f"arn:aws:cloudfront::{by}:distribution/{distribution}"
    read = {"Principal": {"Service": "cloudfront.amazonaws.com"}, "Action": "s3:GetObject"}
    condition = {"StringLike": {"aws:SourceArn": source}, "StringEquals": OURS["StringEquals"]}
    policy = document(allow(**read, Resource="arn:aws:s3:::a/*", Condition=condition))
    aws.s3.BucketPolicy("policy", bucket="a", policy=policy)


twins(
    "a-service-does-what-it-is-for-alone",
    pulls,
    {"Condition": OURS},
    {"Condition": {"StringLike": {"aws:SourceArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:*"}}},
)
twins("everything-is-for-one-account", read_by, {"by": "999999999999"})


def for_another_account(share: Program) -> None:
    role(
        Condition={
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnLike": {"aws:SourceArn": f"arn:aws:a::{ACCOUNT}:a"},
        }
    )
    aws.iam.RolePolicy("policy", role="a", policy=document(allow()))
    share()


secret_of_another = allow(
    Action="secretsmanager:GetSecretValue", Resource="arn:aws:secretsmanager:us-east-1:999999999999:secret:a-AbCdEf"
)
copies = {"destinations": [{"region": "us-east-1", "registry_id": "999999999999"}]}
also(
    "everything-is-for-one-account",
    for_another_account,
    {"share": lambda: aws.iam.RolePolicy("further", role="a", policy=document(secret_of_another))},
    {"share": lambda: aws.ecr.ReplicationConfiguration("copies", replication_configuration={"rules": [copies]})},
    {"share": lambda: aws.ram.PrincipalAssociation("share", principal="999999999999", resource_share_arn="a")},
    {
        "share": lambda: aws.kms.Grant(
            "grant", key_id="a", operations=["Decrypt"], grantee_principal="arn:aws:iam::999999999999:role/a"
        )
    },
)


# Whose things are.
def run(own: bool = True, **changes: Any) -> None:
    runs_as = role().arn if own else f"arn:aws:iam::{ACCOUNT}:role/Admin"
    function(vpc_config=None, role=runs_as, **changes)


def named(make: Callable[..., Any], **inputs: Any) -> Program:
    return lambda: make("named", **inputs)


edge = {
    "lambda_function_associations": [
        {"event_type": "viewer-request", "lambda_arn": "arn:aws:lambda:us-east-1:1:function:a:1"}
    ]
}
elsewhere = {"api_id": "a1", "integration_type": "HTTP_PROXY", "integration_uri": "https://evil.example"}
twins("what-acts-and-guards-is-of-this-stack", run, {"own": False})
also("what-acts-and-guards-is-of-this-stack", task, {}, {"task_role_arn": None})
also(
    "what-acts-and-guards-is-of-this-stack",
    distribution,
    {},
    {"web_acl_id": None},
    {"default_cache_behavior": behavior(**edge)},
)
also(
    "what-acts-and-guards-is-of-this-stack",
    lambda make: make(),
    {"make": named(aws.apigatewayv2.Integration, **elsewhere)},
    {"make": named(aws.lb.TargetGroupAttachment, target_group_arn="arn:aws:a", target_id="198.51.100.7")},
    {"make": lambda: lone_interface([aws.ec2.SecurityGroup("own", description="a").id, "sg-0bad"])},
    {"make": named(aws.vpc.SecurityGroupEgressRule, security_group_id="sg-0bad", cidr_ipv4="10.0.0.0/8", **HTTPS)},
)


# What leaves.
def subscription(ours: bool = True) -> None:
    to = function().arn if ours else f"arn:aws:logs:us-east-1:{ACCOUNT}:destination:a"
    aws.cloudwatch.LogSubscriptionFilter("sent", log_group="a", filter_pattern="", destination_arn=to)


twins("what-is-sent-stays-in-this-stack", subscription, {"ours": False})
also(
    "what-is-sent-stays-in-this-stack",
    lambda make: make(),
    {"make": named(aws.ec2.VpcPeeringConnection, vpc_id="vpc-1", peer_vpc_id="vpc-2")},
    {"make": named(aws.ram.ResourceShare, allow_external_principals=True)},
    {"make": stage},
)
twins("one-distribution-is-let-in", read_by, {"distribution": "*"})
twins(
    "there-is-no-other-way-in",
    lambda public: aws.rds.Instance("database", instance_class="db.t4g.micro", publicly_accessible=public),
    {"public": True},
    {"public": False},
)


# Keys and logs.
def key(protect: bool = True, **changes: Any) -> None:
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    given = {"deletion_window_in_days": 30, "enable_key_rotation": True, "policy": document(root)}
    aws.kms.Key("key", **{**given, **changes}, opts=pulumi.ResourceOptions(protect=protect))


everybody = document({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"})
twins("keys-are-not-deleted-by-mistake", key, {"protect": False})
twins("keys-rotate", key, {"enable_key_rotation": None})
twins("keys-are-not-public", key, {"policy": everybody})
twins("logs-expire", log_group, {"retention_in_days": None})
twins("logs-last-until-somebody-looks", log_group, {"retention_in_days": 1}, {"retention_in_days": 14})
twins("logs-are-kept-for-a-year", log_group, {"retention_in_days": 30})
twins("logs-are-under-a-key-of-ours", log_group, {"kms_key_id": None})


# Networks.
def vpc(
    default: Any = (), logged: bool = True, services: tuple[str, ...] = (), tables: bool = True, acl: bool = True
) -> None:
    made = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
    if default is not None:
        aws.ec2.DefaultSecurityGroup("default", vpc_id=made.id, ingress=list(default), egress=[])
    if logged:
        aws.ec2.FlowLog("log", vpc_id=made.id, traffic_type="ALL", log_destination="arn:aws:a")
    table = aws.ec2.RouteTable("table", vpc_id=made.id)
    for each in ("s3", "dynamodb"):
        aws.ec2.VpcEndpoint(
            each,
            vpc_id=made.id,
            service_name=f"com.amazonaws.us-east-1.{each}",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id] if tables else [],
        )
    for each in services:
        aws.ec2.VpcEndpoint(
            each, vpc_id=made.id, service_name=f"com.amazonaws.us-east-1.{each}", vpc_endpoint_type="Interface"
        )
    if acl:
        network_acl(vpc=made)


def network_acl(first: str = "deny", vpc: Any = None) -> None:
    every = {"from_port": 0, "to_port": 0, "protocol": "-1"}
    rules = [
        {"rule_no": 10, "action": first, "cidr_block": WORLD, "protocol": "tcp", "from_port": 22, "to_port": 22},
        {"rule_no": 20, "action": "deny", "cidr_block": WORLD, "protocol": "tcp", "from_port": 3389, "to_port": 3389},
        {"rule_no": 30, "action": "allow", "cidr_block": WORLD, **every},
    ]
    made = vpc or aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
    aws.ec2.DefaultNetworkAcl("acl", default_network_acl_id=made.default_network_acl_id, ingress=rules)


def inbound(**changes: Any) -> None:
    about = {"security_group_id": "sg-1", "description": "a", **HTTPS}
    caller = aws.ec2.SecurityGroup("caller", description="a")
    aws.vpc.SecurityGroupIngressRule("in", **{**about, "referenced_security_group_id": caller.id, **changes})


def guarded_way(list_of_ours: bool = False, to_tasks: bool = False) -> None:
    outer, inner = (aws.ec2.SecurityGroup(name, description="a") for name in ("outer", "inner"))
    ours = aws.ec2.ManagedPrefixList("ours", name="ours", address_family="IPv4", max_entries=1)
    listed = ours.id if list_of_ours else "pl-3b927c52"
    aws.vpc.SecurityGroupIngressRule("in", security_group_id=outer.id, prefix_list_id=listed, **HTTPS)
    balancer(security_groups=[outer.id])
    source = {"prefix_list_id": "pl-3b927c52"} if to_tasks else {"referenced_security_group_id": outer.id}
    aws.vpc.SecurityGroupIngressRule("further", security_group_id=inner.id, **source, **HTTPS)
    aws.ecs.Service("service", network_configuration={"subnets": ["subnet-1"], "security_groups": [inner.id]})


def from_world(port: int) -> dict[str, Any]:
    return {"cidr_ipv6": "::/0", "referenced_security_group_id": None, "from_port": port, "to_port": port}


def outbound(**changes: Any) -> None:
    aws.vpc.SecurityGroupEgressRule(
        "out", security_group_id="sg-1", **{"cidr_ipv4": WORLD, "description": "a", **HTTPS, **changes}
    )


def address(used: bool) -> None:
    aws.ec2.Eip("address", domain="vpc", network_interface="eni-1" if used else None)


def instance(**changes: Any) -> None:
    given = {
        "ami": "ami-1",
        "instance_type": "t4g.nano",
        "metadata_options": {"http_tokens": "required"},
        "root_block_device": {"encrypted": True},
    }
    aws.ec2.Instance("instance", **{**given, **changes})


def subnet(**changes: Any) -> None:
    aws.ec2.Subnet("subnet", vpc_id="vpc-1", cidr_block="10.0.0.0/24", **changes)


def endpoint(subnets: list[str], private: bool = True, **changes: Any) -> None:
    aws.ec2.VpcEndpoint(
        "endpoint",
        private_dns_enabled=private,
        vpc_id="vpc-1",
        service_name="com.amazonaws.us-east-1.logs",
        vpc_endpoint_type="Interface",
        subnet_ids=subnets,
        **changes,
    )


def lone_acl(used: bool) -> None:
    aws.ec2.NetworkAcl("acl", vpc_id="vpc-1", subnet_ids=["subnet-1"] if used else [])


def default_vpc(default: bool) -> None:
    aws.ec2.DefaultVpc("vpc") if default else aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")


def public_subnet(place: Callable[[Any, Any], Any], open_to: str | None = None) -> None:
    made = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
    gateway = aws.ec2.InternetGateway("gateway", vpc_id=made.id)
    table = aws.ec2.RouteTable("table", vpc_id=made.id)
    aws.ec2.Route("route", route_table_id=table.id, destination_ipv6_cidr_block="::/0", gateway_id=gateway.id)
    public = aws.ec2.Subnet("subnet", vpc_id=made.id, cidr_block="10.0.0.0/24")
    aws.ec2.RouteTableAssociation("association", subnet_id=public.id, route_table_id=table.id)
    group = aws.ec2.SecurityGroup("group", vpc_id=made.id, description="a")
    if open_to:
        aws.vpc.SecurityGroupIngressRule("in", security_group_id=group.id, cidr_ipv4=open_to, **HTTPS)
    place(public, group)


def lone_interface(groups: list[str]) -> None:
    aws.ec2.NetworkInterface("interface", subnet_id="subnet-1", security_groups=groups)


twins("what-is-in-a-vpc-names-its-security-group", lone_interface, {"groups": []}, {"groups": ["sg-1"]})


def interface(subnet: Any, group: Any) -> None:
    aws.ec2.NetworkInterface("interface", subnet_id=subnet.id, security_groups=[group.id])


def placed_balancer(internal: bool) -> Callable[[Any, Any], Any]:
    return lambda subnet, group: balancer(
        internal=internal, subnets=[subnet.id, "subnet-2"], security_groups=[group.id]
    )


everything = {"protocol": "-1", "from_port": 0, "to_port": 0, "self": True}
twins("default-security-group-is-empty", vpc, {"default": [everything]})
twins("connections-are-logged", vpc, {"logged": False})
twins("the-ec2-api-is-reached-privately", vpc, {}, {"services": ("ec2",)})
twins("the-registry-is-reached-privately", vpc, {"services": ("ecr.api",)}, {"services": ("ecr.api", "ecr.dkr")})
twins("storage-is-reached-through-gateway-endpoints", vpc, {"tables": False})
twins("network-acls-keep-logins-out", network_acl, {"first": "allow"})
twins("elastic-addresses-are-used", address, {"used": False}, {"used": True})
twins("nobody-logs-in-from-the-internet", inbound, from_world(22))
twins("no-service-port-is-open-to-the-internet", inbound, from_world(5432))
twins("the-internet-is-let-in-nowhere", inbound, from_world(443))
twins(
    "every-inbound-rule-says-where-its-source-comes-from",
    inbound,
    {"cidr_ipv4": "198.51.100.0/24", "referenced_security_group_id": None},
)
twins("balancers-admit-cloudfront-alone", guarded_way, {"list_of_ours": True})
twins("tasks-admit-their-balancer-alone", guarded_way, {"to_tasks": True})
twins("lists-are-admitted-to-balancers-alone", guarded_way, {"to_tasks": True})
twins("nothing-may-leave-on-every-port", outbound, {"ip_protocol": "-1", "from_port": None, "to_port": None})
twins("rules-name-their-ports", inbound, {"from_port": 0, "to_port": 65_535})
twins("groups-and-rules-say-what-they-are-for", inbound, {"description": None})
twins("network-acls-are-used", lone_acl, {"used": False}, {"used": True})
twins("the-default-vpc-is-left-alone", default_vpc, {"default": True}, {"default": False})
twins("instances-ask-for-a-metadata-token", instance, {"metadata_options": {"http_tokens": "optional"}})
also(
    "instances-ask-for-a-metadata-token",
    lambda: aws.ec2.SpotInstanceRequest("spot", ami="a", instance_type="t4g.nano"),
    {},
)
twins("disks-are-encrypted", instance, {"root_block_device": None})
twins("subnets-give-no-public-address", subnet, {"map_public_ip_on_launch": True})
twins("interface-endpoints-answer-to-the-public-name", endpoint, {"subnets": [], "private": False}, {"subnets": []})
twins("interface-endpoints-span-two-zones", endpoint, {"subnets": ["subnet-1"]}, {"subnets": ["subnet-1", "subnet-2"]})
anything = {"Principal": "*", "Action": "*", "Resource": "*"}
ours = {**anything, "Condition": {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}}
twins(
    "endpoints-say-what-passes",
    lambda statement: endpoint([], policy=document(allow(**statement))),
    {"statement": anything},
    {"statement": ours},
)
twins(
    "what-stands-in-a-public-subnet-is-guarded",
    public_subnet,
    {"place": interface, "open_to": WORLD},
    {"place": interface},
)


def main_table(how: str) -> None:
    made = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
    gateway = aws.ec2.InternetGateway("gateway", vpc_id=made.id)
    routes = [{"cidr_block": WORLD, "gateway_id": gateway.id}]
    if how == "default":
        aws.ec2.DefaultRouteTable("table", default_route_table_id=made.default_route_table_id, routes=routes)
    if how == "route":
        given = {"route_table_id": made.main_route_table_id, "destination_cidr_block": WORLD}
        aws.ec2.Route("route", gateway_id=gateway.id, **given)
    if how == "main":
        table = aws.ec2.RouteTable("table", vpc_id=made.id, routes=routes)
        aws.ec2.MainRouteTableAssociation("main", vpc_id=made.id, route_table_id=table.id)
    subnet = aws.ec2.Subnet("subnet", vpc_id=made.id, cidr_block="10.0.0.0/24")
    aws.ec2.NetworkInterface("interface", subnet_id=subnet.id)


also("what-stands-in-a-public-subnet-is-guarded", main_table, {"how": "default"}, {"how": "route"}, {"how": "main"})
twins(
    "an-internal-balancer-stands-in-private-subnets",
    public_subnet,
    {"place": placed_balancer(True)},
    {"place": placed_balancer(False)},
)


# Buckets.
def bucket(
    tls: bool = True,
    blocked: bool = True,
    logged: bool = True,
    days: int | None = 7,
    versions: str = "Enabled",
    owner: str = "BucketOwnerEnforced",
    algorithm: str | None = "aws:kms",
    copied: bool = True,
    refusal: dict[str, Any] | None = None,
    **changes: Any,
) -> aws.s3.Bucket:
    made = aws.s3.Bucket("bucket", **changes)
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    both = [made.arn, pulumi.Output.concat(made.arn, "/*")]
    if tls:
        aws.s3.BucketPolicy(
            "tls",
            bucket=made.id,
            policy=pulumi.Output.json_dumps({"Statement": [{**deny, "Resource": both, **(refusal or {})}]}),
        )
    four = dict.fromkeys(("block_public_acls", "block_public_policy", "ignore_public_acls"), True)
    aws.s3.BucketPublicAccessBlock("block", bucket=made.id, **four, restrict_public_buckets=blocked)
    if logged:
        aws.s3.BucketLogging("logging", bucket=made.id, target_bucket=log_bucket(), target_prefix="a/")
    expiry = {"id": "a", "status": "Enabled", "noncurrent_version_expiration": {"noncurrent_days": 30}}
    uploads = {"abort_incomplete_multipart_upload": {"days_after_initiation": days}} if days else {}
    aws.s3.BucketLifecycleConfiguration("expiry", bucket=made.id, rules=[{**expiry, **uploads}])
    aws.s3.BucketVersioning("versions", bucket=made.id, versioning_configuration={"status": versions})
    aws.s3.BucketOwnershipControls("owner", bucket=made.id, rule={"object_ownership": owner})
    if algorithm:
        rule = {"apply_server_side_encryption_by_default": {"sse_algorithm": algorithm}}
        aws.s3.BucketServerSideEncryptionConfiguration("encryption", bucket=made.id, rules=[rule])
    if copied:
        aws.s3.BucketReplicationConfig(
            "copy",
            bucket=made.id,
            role="arn:aws:a",
            rules=[{"status": "Enabled", "destination": {"bucket": "arn:aws:s3:::b"}}],
        )
    return made


everyone = {"type": "Group", "uri": "http://acs.amazonaws.com/groups/global/AllUsers"}
PUBLIC = {"owner": {"id": "a"}, "grants": [{"grantee": everyone, "permission": "READ"}]}
twins("no-acl-opens-a-bucket", bucket, {"acl": "public-read"})
also(
    "no-acl-opens-a-bucket",
    lambda **changes: aws.s3.BucketAcl("acl", bucket="a", **changes),
    {"access_control_policy": PUBLIC},
)
also("no-acl-opens-a-bucket", lambda: aws.s3.BucketObjectv2("page", bucket="a", acl="public-read"), {})
twins("buckets-are-reached-over-tls-only", bucket, {"tls": False})
plain = {"Bool": {"aws:SecureTransport": "false"}}
also(
    "buckets-are-reached-over-tls-only",
    bucket,
    {"refusal": {"Condition": {**plain, "StringNotEquals": {"aws:PrincipalArn": "a"}}}},
    {"refusal": {"NotAction": "s3:*"}},
    {"refusal": {"NotPrincipal": "a"}},
    {"refusal": {"Resource": ["arn:aws:s3:::a/b/*", "arn:aws:s3:::a/c/*"]}},
)
twins("public-access-is-blocked", bucket, {"blocked": False})
twins("buckets-log-access", bucket, {"logged": False})
twins("objects-expire", bucket, {"days": None})
twins("buckets-know-no-acls", bucket, {"owner": "ObjectWriter"})
twins("what-is-overwritten-can-be-had-back", bucket, {"versions": "Suspended"})
twins("buckets-say-how-they-encrypt", bucket, {"algorithm": None})
twins("objects-are-under-a-key-of-ours", bucket, {"algorithm": "AES256"})
twins("buckets-have-a-second-copy", bucket, {"copied": False})
also("what-is-sent-stays-in-this-stack", bucket, {})


# Firewalls.
def firewall(
    without: str = "",
    first: dict[str, Any] | None = None,
    limit: int = 2000,
    log_name: str = "aws-waf-logs-a",
    mode: str = "none",
    metrics: bool = True,
    redacted: tuple[str, ...] = ("authorization", "cookie", "x-switchyard-smoke"),
    vendor: str = "AWS",
) -> None:
    seen = {"cloudwatch_metrics_enabled": metrics, "metric_name": "a", "sampled_requests_enabled": False}
    names = (
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
    )
    rules = [
        {
            "name": name,
            "priority": number,
            "override_action": {mode: {}},
            "statement": {"managed_rule_group_statement": {"vendor_name": vendor, "name": name}},
            "visibility_config": seen,
        }
        for number, name in enumerate(names)
        if name != without
    ]
    often = {"rate_based_statement": {"aggregate_key_type": "IP", "limit": limit}}
    rules.append(
        {"name": "limit", "priority": 9, "action": {"block": {}}, "statement": often, "visibility_config": seen}
    )
    if first:
        rules.append({"name": "first", "priority": -1, "visibility_config": seen, **first})
    made = wafv2.WebAcl("acl", scope="CLOUDFRONT", default_action={"allow": {}}, rules=rules, visibility_config=seen)
    wafv2.WebAclLoggingConfiguration(
        "logging",
        resource_arn=made.arn,
        log_destination_configs=[aws.cloudwatch.LogGroup("logs", name=log_name, retention_in_days=14).arn],
        redacted_fields=[{"single_header": {"name": name}} for name in redacted],
    )


twins("firewalls-have-the-rules-everybody-needs", firewall, {"without": "AWSManagedRulesCommonRuleSet"})
also("firewalls-have-the-rules-everybody-needs", firewall, {"vendor": "Evil"})
twins("known-attacks-are-blocked", firewall, {"mode": "count"})
twins("firewalls-log-without-credentials", firewall, {"redacted": ("authorization",)})
twins("firewalls-report-metrics", firewall, {"metrics": False})


def wrong_stack(policies: list[str]) -> Recording:
    """One stack of all that these policies are there to catch: their wrong twins, under names of their own."""
    resources = {}
    for policy in policies:
        for each in record_program(TWINS[policy][0], stack="wrong"):
            mine = _renamed(each, policy)
            resources[mine.urn] = mine
    return replace(record_program(lambda: None, stack="wrong"), resources=resources)


def _renamed(resource: Resource, prefix: str) -> Resource:
    def mine(urn: str) -> str:
        before, _, name = urn.rpartition("::")
        return f"{before}::{prefix}-{name}"

    options = resource.options
    return replace(
        resource,
        urn=mine(resource.urn),
        name=f"{prefix}-{resource.name}",
        options=replace(
            options,
            depends_on=tuple(map(mine, options.depends_on)),
            property_dependencies={key: tuple(map(mine, urns)) for key, urns in options.property_dependencies.items()},
        ),
    )
