"""VpcEndpoints: private ways from a VPC to AWS services, past the internet."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components._checks import matches, refuse, require

GATEWAY_SERVICES = ("s3", "dynamodb")
"""Services reached through gateway endpoints: they cost nothing, so every VPC has them."""

_SERVICE = "[a-z0-9]+([.-][a-z0-9]+)*"


@dataclass(frozen=True, kw_only=True)
class VpcEndpointsArgs:
    """Inputs of VpcEndpoints. ValueError for a service's name that can't be one, is double, or has a gateway."""

    vpc_id: pulumi.Input[str]
    """VPC to serve; with interface services its DNS support and hostnames must be on."""
    route_table_ids: Sequence[pulumi.Input[str]]
    """Route tables that get the routes to S3 and DynamoDB."""
    interface_services: Sequence[str] = ()
    """Services to put an interface for into each subnet, by the last part of their endpoint's name, such as `ecr.api`.
    $7.30 a month for each in each subnet and $0.01 per GB. Default none."""
    subnet_ids: Sequence[pulumi.Input[str]] = ()
    """Subnets for the interfaces, one a zone. Default none."""
    client_cidr_block: pulumi.Input[str] = ""
    """IPv4 block that may call the interfaces, as a rule the VPC's. Needed with interface services."""
    client_ipv6_cidr_block: pulumi.Input[str] | None = None
    """IPv6 block that may call the interfaces, as a rule the VPC's. Default none."""

    def __post_init__(self) -> None:
        refuse(
            self,
            *service_problems("interface_services", self.interface_services),
            require(
                not self.interface_services or bool(self.subnet_ids and self.client_cidr_block),
                "interface_services need subnet_ids and client_cidr_block, got none",
            ),
        )


class VpcEndpoints(pulumi.ComponentResource):
    """S3 and DynamoDB through gateway endpoints, always; other services through interfaces, where asked for.

    Children: `<name>-s3`, `<name>-dynamodb`, and `<name>-<service>` for each interface service, with the security
    group `<name>-security-group` and its rules `<name>-from-ipv4` and `<name>-from-ipv6`.
    Cost: gateway endpoints nothing; $7.30 a month for each interface service in each subnet, and $0.01 per GB.
    """

    def __init__(self, name: str, args: VpcEndpointsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:VpcEndpoints", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        region = aws.get_region_output(opts=pulumi.InvokeOutputOptions(parent=self)).region
        for service in GATEWAY_SERVICES:
            aws.ec2.VpcEndpoint(
                f"{name}-{service}",
                vpc_id=args.vpc_id,
                vpc_endpoint_type="Gateway",
                service_name=pulumi.Output.concat("com.amazonaws.", region, ".", service),
                route_table_ids=args.route_table_ids,
                tags={"Name": f"{name}-{service}"},
                opts=child,
            )
        if args.interface_services:
            group = self._security_group(name, args)
        for service in args.interface_services:
            aws.ec2.VpcEndpoint(
                f"{name}-{service}",
                vpc_id=args.vpc_id,
                vpc_endpoint_type="Interface",
                service_name=pulumi.Output.concat("com.amazonaws.", region, ".", service),
                subnet_ids=args.subnet_ids,
                security_group_ids=[group.id],
                private_dns_enabled=True,  # clients keep calling the service by its public name
                tags={"Name": f"{name}-{service}"},
                opts=child,
            )
        self.register_outputs({})

    def _security_group(self, name: str, args: VpcEndpointsArgs) -> "aws.ec2.SecurityGroup":
        child = pulumi.ResourceOptions(parent=self)
        group = aws.ec2.SecurityGroup(
            f"{name}-security-group",
            vpc_id=args.vpc_id,
            description="Interface endpoints: HTTPS in from the VPC, nothing out",
            tags={"Name": f"{name}-security-group"},
            opts=child,
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-from-ipv4",
            security_group_id=group.id,
            cidr_ipv4=args.client_cidr_block,
            description="HTTPS from the VPC over IPv4",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            opts=child,
        )
        if args.client_ipv6_cidr_block is not None:
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-from-ipv6",
                security_group_id=group.id,
                cidr_ipv6=args.client_ipv6_cidr_block,
                description="HTTPS from the VPC over IPv6",
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
                opts=child,
            )
        return group


def service_problems(field: str, services: Sequence[str]) -> list[str | None]:
    """What is wrong with these names of interface services."""
    return [
        *(matches(field, each, _SERVICE, "short names such as ecr.api") for each in services),
        require(len(services) == len(set(services)), f"{field} must differ, got {', '.join(services)}"),
        *(
            require(each not in services, f"{field} must leave out {each}, which its gateway endpoint reaches")
            for each in GATEWAY_SERVICES
        ),
    ]
