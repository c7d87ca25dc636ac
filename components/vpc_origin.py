"""VpcOrigin: CloudFront's way to a load balancer that has no public address."""

import hashlib
from dataclasses import dataclass
from typing import Literal, get_args

import pulumi
import pulumi_aws as aws

from components._checks import matches, one_of, refuse, require

Protocol = Literal["http-only", "https-only"]

# Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html#vpc-origins-supported-regions
ZONES_WITHOUT_VPC_ORIGINS = ("use1-az3", "usw1-az2", "apne1-az3", "cac1-az3")
"""Ids of the zones in which a VPC origin can't reach anything: keep the load balancer out of them."""
# Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html#DownloadDistValuesHTTPPort
_WELL_KNOWN_PORTS = (80, 443)
_HIGH_PORTS = (1024, 65535)
_LOAD_BALANCER_ARN = r"arn:aws:elasticloadbalancing:[a-z0-9-]+:\d{12}:loadbalancer/.+"


@dataclass(frozen=True, kw_only=True)
class VpcOriginArgs:
    """Inputs of VpcOrigin. ValueError names each field whose value AWS would refuse."""

    load_balancer_arn: pulumi.Input[str]
    """ARN of the load balancer, which must be active: pass an output of the balancer itself."""
    port: int
    """Port of its listener: 80, 443 or 1024 to 65535."""
    protocol: Protocol
    """`https-only` when the listener has a certificate for the origin's domain name, else `http-only`."""

    def __post_init__(self) -> None:
        refuse(
            self,
            matches("load_balancer_arn", self.load_balancer_arn, _LOAD_BALANCER_ARN, "a load balancer's ARN"),
            require(
                self.port in _WELL_KNOWN_PORTS or _HIGH_PORTS[0] <= self.port <= _HIGH_PORTS[1],
                f"port must be 80, 443 or 1024 to 65535, got {self.port}",
            ),
            one_of("protocol", self.protocol, get_args(Protocol)),
        )


class VpcOrigin(pulumi.ComponentResource):
    """A private load balancer as an origin; replaced whenever it has to point elsewhere, never changed.

    CloudFront refuses to change a VPC origin that a distribution uses, so a change makes a second one, the
    distribution moves over to it, and the first goes last. Both exist for a while: the name tells them apart.
    The VPC needs an internet gateway, which carries no traffic, and the balancer's security group must admit the
    prefix list `com.amazonaws.global.cloudfront.origin-facing`.

    Children: `<name>`.
    Cost: nothing. Creating or deleting one takes AWS up to 15 minutes.
    Raises ValueError (VpcOriginArgs).
    """

    vpc_origin_id: pulumi.Output[str]
    """Its id, for an Origin."""

    def __init__(self, name: str, args: VpcOriginArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:VpcOrigin", name, {}, opts)

        is_https = args.protocol == "https-only"
        origin = aws.cloudfront.VpcOrigin(
            name,
            vpc_origin_endpoint_config={
                "name": _endpoint_name(name, args),
                "arn": args.load_balancer_arn,
                # Both are required; the one that the protocol does not use keeps its well-known number.
                "http_port": 80 if is_https else args.port,
                "https_port": args.port if is_https else 443,
                "origin_protocol_policy": args.protocol,
                "origin_ssl_protocols": {"items": ["TLSv1.2"], "quantity": 1},
            },
            opts=pulumi.ResourceOptions(
                parent=self,
                replace_on_changes=["vpcOriginEndpointConfig"],
                # Default tags change with the stack's settings; even that would be refused as an update in use.
                ignore_changes=["tags", "tagsAll"],
                custom_timeouts=pulumi.CustomTimeouts(create="30m", delete="30m"),
            ),
        )

        self.vpc_origin_id = origin.id
        self.register_outputs({"vpc_origin_id": self.vpc_origin_id})


def endpoint_name(name: str, load_balancer_arn: str, port: int, protocol: Protocol) -> str:
    """The endpoint's physical name: other than that of any origin which points elsewhere, at most 64 characters."""
    digest = hashlib.sha256(f"{load_balancer_arn}|{port}|{protocol}".encode()).hexdigest()[:12]
    return f"{name[:51]}-{digest}"


def _endpoint_name(name: str, args: VpcOriginArgs) -> pulumi.Output[str]:
    arn = pulumi.Output.from_input(args.load_balancer_arn)
    return arn.apply(lambda known: endpoint_name(name, known, args.port, args.protocol))
