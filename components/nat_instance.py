"""NatInstance: one small instance that gives private subnets an IPv4 way out at a tenth of a NAT gateway's price."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

from components._checks import between, refuse, require
from components._policies import allow, document, trust

# Source: https://fck-nat.dev/stable/deploying/
IMAGE_OWNER = "568608671756"
IMAGE_NAME = "fck-nat-al2023-*-arm64-ebs"
INSTANCE_TYPE = "t4g.nano"
PORT = (1, 65_535)

# A session, and that the agent says it is there. AWS's own policy for this also lets it read every parameter.
# Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-add-permissions-to-existing-profile.html
SESSIONS = allow(
    [
        "ssm:UpdateInstanceInformation",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    ],
    ["*"],  # a channel has no ARN, and the instance is not there yet
)


@dataclass(frozen=True, kw_only=True)
class NatInstanceArgs:
    """Inputs of NatInstance. ValueError when the clients are no IPv4 block, or for a port that can't be."""

    vpc_id: pulumi.Input[str]
    """VPC to serve."""
    subnet_id: pulumi.Input[str]
    """Public subnet to stand in. Its route to the internet gateway must exist first: the instance needs it to start."""
    client_cidr_block: pulumi.Input[str]
    """IPv4 block whose traffic it forwards, as a rule the VPC's own; nobody else gets in."""
    ports: Sequence[int] = (443,)
    """TCP ports that it forwards, each 1 to 65535. Default 443, which every AWS API is on, its own updates too."""

    def __post_init__(self) -> None:
        refuse(
            self,
            _block("client_cidr_block", self.client_cidr_block),
            *(between("ports", each, *PORT) for each in self.ports),
            require(
                443 in self.ports and len(set(self.ports)) == len(self.ports),
                f"ports must be different, with 443 among them, got {list(self.ports)}",
            ),
        )


class NatInstance(pulumi.ComponentResource):
    """An arm64 t4g.nano that forwards IPv4, behind a network interface and an Elastic IP that outlive it.

    Routes name the interface, not the instance, so a replaced instance needs no new route and keeps its address.
    Nobody logs in over SSH: there is no key and no port 22; Systems Manager's Session Manager opens a shell.
    It is one machine in one zone: EC2 recovers it when its host fails (minutes), nothing does when its zone does.
    A newer image does not replace it; patch it in a session, with `dnf upgrade --releasever=latest`.

    Children: `<name>` (instance), `<name>-interface`, `<name>-address`, `<name>-role`, `<name>-permissions`,
    `<name>-profile`, `<name>-security-group`, `<name>-from-clients-<port>` and `<name>-to-internet-<port>` (its rules).
    Cost: $3.07 a month, $3.65 for its public IPv4 address, $0.64 for an 8 GB disk; nothing per GB but the transfer.
    It moves about 32 Mbit/s without end and up to 5 Gbit/s in bursts.
    """

    network_interface_id: pulumi.Output[str]
    """Interface for private routes to name. Let the routes depend on the component: it forwards once it runs."""
    public_ip: pulumi.Output[str]
    """Address the internet sees; it stays when the instance is replaced."""

    def __init__(self, name: str, args: NatInstanceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:NatInstance", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        group = self._security_group(name, args)
        interface = aws.ec2.NetworkInterface(
            f"{name}-interface",
            subnet_id=args.subnet_id,
            security_groups=[group.id],
            source_dest_check=False,  # it forwards packets that are neither from nor for itself
            description="Forwards IPv4 from private subnets",
            tags={"Name": f"{name}-interface"},
            opts=child,
        )
        address = aws.ec2.Eip(
            f"{name}-address",
            domain="vpc",
            network_interface=interface.id,
            tags={"Name": f"{name}-address"},
            opts=child,
        )
        self._instance(name, interface, depends_on=[address])

        self.network_interface_id = interface.id
        self.public_ip = address.public_ip
        self.register_outputs({"network_interface_id": self.network_interface_id, "public_ip": self.public_ip})

    def _security_group(self, name: str, args: NatInstanceArgs) -> "aws.ec2.SecurityGroup":
        child = pulumi.ResourceOptions(parent=self)
        group = aws.ec2.SecurityGroup(
            f"{name}-security-group",
            vpc_id=args.vpc_id,
            description="NAT instance: in from its clients, out to anywhere, on the ports it forwards",
            tags={"Name": f"{name}-security-group"},
            opts=child,
        )
        for port in args.ports:
            aws.vpc.SecurityGroupIngressRule(
                f"{name}-from-clients-{port}",
                security_group_id=group.id,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                cidr_ipv4=args.client_cidr_block,
                description=f"What its clients send to port {port}",
                opts=child,
            )
            # To anywhere: the registries and APIs that its clients use have no fixed addresses.
            aws.vpc.SecurityGroupEgressRule(
                f"{name}-to-internet-{port}",
                security_group_id=group.id,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                cidr_ipv4="0.0.0.0/0",
                description=f"On to port {port} of wherever the client was going",
                opts=child,
            )
        return group

    def _instance(
        self, name: str, interface: "aws.ec2.NetworkInterface", depends_on: list[pulumi.Resource]
    ) -> "aws.ec2.Instance":
        child = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(f"{name}-role", assume_role_policy=trust("ec2.amazonaws.com"), opts=child)
        sessions = aws.iam.RolePolicy(f"{name}-permissions", role=role.name, policy=document(SESSIONS), opts=child)
        profile = aws.iam.InstanceProfile(f"{name}-profile", role=role.name, opts=child)
        image = aws.ec2.get_ami_output(
            most_recent=True,
            owners=[IMAGE_OWNER],  # a name alone would match anybody's image
            filters=[{"name": "name", "values": [IMAGE_NAME]}, {"name": "architecture", "values": ["arm64"]}],
            opts=pulumi.InvokeOutputOptions(parent=self),
        )
        return aws.ec2.Instance(
            name,
            ami=image.id,
            instance_type=INSTANCE_TYPE,
            primary_network_interface={"network_interface_id": interface.id},
            iam_instance_profile=profile.name,
            metadata_options={"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 1},
            root_block_device={"volume_type": "gp3", "encrypted": True},
            maintenance_options={"auto_recovery": "default"},
            tags={"Name": name},
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[sessions, *depends_on],
                # The check belongs to the interface. The provider believes it to be the instance's as well, with
                # default true, and its second update would turn forwarding off:
                # https://github.com/hashicorp/terraform-provider-aws/issues/44768
                ignore_changes=["ami", "source_dest_check"],
                delete_before_replace=True,  # the interface can be in one instance only
            ),
        )


def _block(field: str, value: pulumi.Input[str]) -> str | None:
    try:
        if isinstance(value, str):
            IPv4Network(value)
    except ValueError:
        return f"{field} must be an IPv4 block such as 10.0.0.0/16, got {value!r}"
    return None
