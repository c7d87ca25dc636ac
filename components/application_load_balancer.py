"""ApplicationLoadBalancer: one listener that only CloudFront reaches, and only with a secret gets past."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import pulumi
import pulumi_aws as aws

from components._checks import between, matches, one_of, refuse, require
from components._web_adapter import PATH, PATH_MEANING
from components.origin_secret import HEADER

Scheme = Literal["internal", "public"]

# Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
IDLE_TIMEOUT_SECONDS = (1, 4000)
# Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
DEREGISTRATION_DELAY_SECONDS = (0, 3600)
# Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
PORT = (1, 65_535)
HEALTH_CHECK_PATH_LENGTH = 1024
# Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html (32)
# less `-app`, and the hyphen and seven digits of Pulumi's auto-naming, which fails on a longer name
NAME_LENGTH = 32 - len("-app") - 8
NAME = rf"(?!internal-)(?!-)[A-Za-z0-9-]{{1,{NAME_LENGTH}}}(?<!-)"
# Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
# (three match evaluations in a condition)
ORIGIN_SECRETS = 3
# Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_HttpHeaderConditionConfig.html
# (values are compared without regard to case, and `*` and `?` are wildcards)
ORIGIN_SECRET = r"[A-Za-z0-9_.~+/=-]{1,128}"  # noqa: S105 (a pattern)
# Source: https://docs.aws.amazon.com/acm/latest/userguide/acm-overview.html
CERTIFICATE_ARN = r"arn:(?:aws|aws-cn|aws-us-gov):acm:[a-z0-9-]+:\d{12}:certificate/[a-z0-9-]+"
# Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
# (what AWS recommends: TLS 1.3 and 1.2, forward secrecy and AEAD ciphers only, post-quantum where the client can)
SSL_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
# Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/LocationsOfEdgeServers.html
CLOUDFRONT_PREFIX_LIST = "com.amazonaws.global.cloudfront.origin-facing"

_FORBIDDEN: Any = {"status_code": "403", "content_type": "text/plain", "message_body": "Forbidden"}
_HEALTH_CHECK: Any = {
    "protocol": "HTTP",
    "port": "traffic-port",
    "matcher": "200-399",
    "interval": 10,
    "timeout": 5,
    "healthy_threshold": 2,
    "unhealthy_threshold": 3,
}
"""A task is in after 20 seconds, and out after 30."""


@dataclass(frozen=True, kw_only=True)
class ApplicationLoadBalancerArgs:
    """Inputs of ApplicationLoadBalancer. ValueError names every field that AWS would refuse."""

    vpc_id: pulumi.Input[str]
    """Id of the VPC. An internal balancer that CloudFront calls needs an internet gateway on it."""
    subnet_ids: Sequence[pulumi.Input[str]]
    """Ids of its subnets, two or more, each in another zone; public ones when `scheme` is `public`."""
    scheme: Scheme = "internal"
    """`internal` (default: no public address; CloudFront calls it through a VPC origin) or `public` (needs
    `certificate_arn`; each zone's IPv4 address costs $3.65 a month). Changing it replaces the balancer and its
    target group."""
    certificate_arn: pulumi.Input[str] | None = None
    """ARN of an issued ACM certificate of the same region: the listener is then HTTPS on 443. Default none: HTTP on
    80, which only an internal balancer may have, and behind which the app sees `x-forwarded-proto: http`."""
    origin_secrets: Sequence[pulumi.Input[str]]
    """One to three values, any of which opens the way to the app in the header `x-origin-secret`; two while the
    secret is rotated. The comparison ignores case, so take one that is long enough without it."""
    target_port: int = 8080
    """Port the app listens on, 1 to 65535. Default 8080, the Lambda Web Adapter's. Changing it replaces the target
    group: requests fail until the tasks have registered with the new one."""
    health_check_path: str = "/healthz"
    """Path that answers 200 to 399 while the app can serve; it should not ask a database. Default `/healthz`."""
    idle_timeout_seconds: int = 60
    """Seconds a connection may be silent, 1 to 4000. Default 60, AWS's own; more than the slowest answer takes, and
    less than the app's own keep-alive, or the balancer answers 502 now and then."""
    deregistration_delay_seconds: int = 30
    """Seconds a leaving task may finish its requests, 0 to 3600. Default 30, not AWS's 300: each deployment waits
    it out, and no request through an HTTP API could take longer either."""
    deletion_protection: bool = False
    """AWS then refuses to delete the balancer until an update has set it back. Default off."""
    access_log_bucket: pulumi.Input[str] | None = None
    """Name of a bucket that lets log delivery write under `balancer/`. Default none: no access logs."""

    def __post_init__(self) -> None:
        refuse(
            self,
            one_of("scheme", self.scheme, get_args(Scheme)),
            require(len(self.subnet_ids) >= 2, f"subnet_ids must be 2 or more, got {len(self.subnet_ids)}"),
            require(
                self.scheme != "public" or self.certificate_arn is not None,
                "certificate_arn must be given when scheme is public, or secrets would cross the internet in the clear",
            ),
            None
            if self.certificate_arn is None
            else matches("certificate_arn", self.certificate_arn, CERTIFICATE_ARN, "an ACM certificate's ARN"),
            require(
                1 <= len(self.origin_secrets) <= ORIGIN_SECRETS,
                f"origin_secrets must be 1 to {ORIGIN_SECRETS} values, got {len(self.origin_secrets)}",
            ),
            *(_origin_secret(index, each) for index, each in enumerate(self.origin_secrets)),
            between("target_port", self.target_port, *PORT),
            matches("health_check_path", self.health_check_path, PATH, PATH_MEANING),
            require(
                len(self.health_check_path) <= HEALTH_CHECK_PATH_LENGTH,
                f"health_check_path must be {HEALTH_CHECK_PATH_LENGTH} characters or less",
            ),
            between("idle_timeout_seconds", self.idle_timeout_seconds, *IDLE_TIMEOUT_SECONDS),
            between("deregistration_delay_seconds", self.deregistration_delay_seconds, *DEREGISTRATION_DELAY_SECONDS),
        )


class ApplicationLoadBalancer(pulumi.ComponentResource):
    """A load balancer that answers 403 to whoever does not send the origin secret, and forwards the rest to one app.

    Its security group admits CloudFront's addresses on the listener's port and nothing else. It has no way out
    until somebody adds one to `security_group_id`, as FargateService does to its own tasks.

    Children: `<name>` (balancer), `<name>-balancer` (security group), `<name>-from-cloudfront` (its one rule),
    `<name>-app` (target group), `<name>-listener`, `<name>-with-secret` (listener rule).
    Cost: $16.43 a month, plus $5.84 a month for each capacity unit used on average (25 new connections a second,
    3,000 open ones, or 1 GB an hour); `public`: $3.65 a month for each zone.
    Raises ValueError when AWS would refuse an argument, a public balancer would lack a certificate, or AWS takes no
    balancer by this `name`: at most 20 letters, digits and hyphens, no hyphen at an end, not `internal-...`.
    """

    arn: pulumi.Output[str]
    """ARN, for a VPC origin."""
    arn_suffix: pulumi.Output[str]
    """End of the ARN, the dimension `LoadBalancer` of its metrics."""
    dns_name: pulumi.Output[str]
    """Its own host name, for an alias record."""
    zone_id: pulumi.Output[str]
    """Hosted zone of `dns_name`, for an alias record."""
    target_group_arn: pulumi.Output[str]
    """Where tasks register. Known once the balancer forwards to it: until then ECS refuses to use it."""
    target_group_arn_suffix: pulumi.Output[str]
    """End of the target group's ARN, the dimension `TargetGroup` of its metrics."""
    security_group_id: pulumi.Output[str]
    """The balancer's security group: what the app admits."""
    listener_arn: pulumi.Output[str]
    """ARN of the one listener."""
    listener_port: int
    """443 with a certificate, else 80."""
    listener_protocol: Literal["HTTP", "HTTPS"]
    """HTTPS with a certificate, else HTTP."""

    def __init__(
        self, name: str, args: ApplicationLoadBalancerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        if not re.fullmatch(NAME, name):
            raise ValueError(
                f"ApplicationLoadBalancer: name must be 1 to {NAME_LENGTH} letters, digits and hyphens, no hyphen at "
                f"an end, and not begin with internal-, got {name!r}"
            )
        super().__init__("switchyard:index:ApplicationLoadBalancer", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        encrypted = args.certificate_arn is not None
        self.listener_port = 443 if encrypted else 80
        self.listener_protocol = "HTTPS" if encrypted else "HTTP"

        self.security_group_id = self._security_group(name, args)
        balancer = aws.lb.LoadBalancer(
            name,
            load_balancer_type="application",
            internal=args.scheme == "internal",
            ip_address_type="ipv4",
            subnets=args.subnet_ids,
            security_groups=[self.security_group_id],
            drop_invalid_header_fields=True,
            desync_mitigation_mode="defensive",
            enable_http2=True,
            idle_timeout=args.idle_timeout_seconds,
            enable_deletion_protection=args.deletion_protection,
            # Said even when off: a block that is left out changes nothing on a balancer that has logs on.
            access_logs={
                "enabled": args.access_log_bucket is not None,
                "bucket": args.access_log_bucket or "",
                "prefix": "balancer",
            },
            opts=child,
        )
        target_group = self._target_group(name, args, balancer)
        listener = aws.lb.Listener(
            f"{name}-listener",
            load_balancer_arn=balancer.arn,
            port=self.listener_port,
            protocol=self.listener_protocol,
            certificate_arn=args.certificate_arn,
            ssl_policy=SSL_POLICY if encrypted else None,
            default_actions=[{"type": "fixed-response", "fixed_response": _FORBIDDEN}],
            opts=child,
        )
        secrets = [pulumi.Output.secret(each) for each in args.origin_secrets]
        rule = aws.lb.ListenerRule(
            f"{name}-with-secret",
            listener_arn=listener.arn,
            priority=1,
            conditions=[{"http_header": {"http_header_name": HEADER, "values": secrets}}],
            actions=[{"type": "forward", "target_group_arn": target_group.arn}],
            opts=child,
        )

        self.arn = balancer.arn
        self.arn_suffix = balancer.arn_suffix
        self.dns_name = balancer.dns_name
        self.zone_id = balancer.zone_id
        self.target_group_arn = pulumi.Output.all(target_group.arn, rule.arn).apply(lambda arns: arns[0])
        self.target_group_arn_suffix = target_group.arn_suffix
        self.listener_arn = listener.arn
        self.register_outputs(
            {
                "arn": self.arn,
                "arn_suffix": self.arn_suffix,
                "dns_name": self.dns_name,
                "zone_id": self.zone_id,
                "target_group_arn": self.target_group_arn,
                "target_group_arn_suffix": self.target_group_arn_suffix,
                "security_group_id": self.security_group_id,
                "listener_arn": self.listener_arn,
                "listener_port": self.listener_port,
                "listener_protocol": self.listener_protocol,
            }
        )

    def _security_group(self, name: str, args: ApplicationLoadBalancerArgs) -> pulumi.Output[str]:
        # No `ingress` and no `egress` here: they and the separate rules would undo each other. The provider deletes
        # the rule that AWS gives every new group, all traffic out.
        group = aws.ec2.SecurityGroup(
            f"{name}-balancer",
            vpc_id=args.vpc_id,
            description="Load balancer: CloudFront in, tasks out",
            opts=pulumi.ResourceOptions(parent=self),
        )
        cloudfront = aws.ec2.get_managed_prefix_list_output(
            name=CLOUDFRONT_PREFIX_LIST, opts=pulumi.InvokeOutputOptions(parent=self)
        )
        # One port only: the list counts as 55 of the 60 rules a group may have.
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-from-cloudfront",
            security_group_id=group.id,
            prefix_list_id=cloudfront.id,
            ip_protocol="tcp",
            from_port=self.listener_port,
            to_port=self.listener_port,
            description="CloudFront to the listener",
            opts=pulumi.ResourceOptions(parent=self),
        )
        return group.id

    def _target_group(
        self, name: str, args: ApplicationLoadBalancerArgs, balancer: "aws.lb.LoadBalancer"
    ) -> "aws.lb.TargetGroup":
        return aws.lb.TargetGroup(
            f"{name}-app",
            vpc_id=args.vpc_id,
            target_type="ip",
            protocol="HTTP",
            port=args.target_port,
            deregistration_delay=args.deregistration_delay_seconds,
            slow_start=0,
            health_check={"path": args.health_check_path, **_HEALTH_CHECK},
            # It serves one balancer only: a balancer that is replaced, the new one first, needs a new one.
            opts=pulumi.ResourceOptions(parent=self, replace_with=[balancer]),
        )


def _origin_secret(index: int, value: pulumi.Input[str]) -> str | None:
    # Not `matches`: its message quotes the value, and this one is a secret.
    fine = not isinstance(value, str) or re.fullmatch(ORIGIN_SECRET, value) is not None
    return require(fine, f"origin_secrets[{index}] must be 1 to 128 letters, digits and _.~+/=- (the value is secret)")
