"""The security group of tasks behind a balancer, and every rule between the two."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws


def task_network(
    name: str,
    *,
    vpc_id: pulumi.Input[str],
    balancer_group_id: pulumi.Input[str],
    port: int,
    egress_ports: Sequence[int],
    parent: pulumi.Resource,
) -> "tuple[aws.ec2.SecurityGroup, list[pulumi.Resource]]":
    """The tasks' group, and its rules: in from the balancer on one port, out to anywhere on some."""
    child = pulumi.ResourceOptions(parent=parent)
    # No `ingress` and no `egress` here: they and the separate rules would undo each other. The provider deletes the
    # rule that AWS gives every new group, all traffic out.
    group = aws.ec2.SecurityGroup(
        f"{name}-tasks", vpc_id=vpc_id, description="Tasks: in from the load balancer only", opts=child
    )
    rules: list[pulumi.Resource] = [
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-from-balancer",
            security_group_id=group.id,
            referenced_security_group_id=balancer_group_id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description="Load balancer to the app",
            opts=child,
        ),
        aws.vpc.SecurityGroupEgressRule(
            f"{name}-balancer-to-tasks",
            security_group_id=balancer_group_id,
            referenced_security_group_id=group.id,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            description="Load balancer to the app",
            opts=child,
        ),
    ]
    for out in egress_ports:
        for family, anywhere in (("ipv4", "0.0.0.0/0"), ("ipv6", "::/0")):
            rules.append(
                aws.vpc.SecurityGroupEgressRule(
                    f"{name}-out-{out}-{family}",
                    security_group_id=group.id,
                    cidr_ipv4=anywhere if family == "ipv4" else None,
                    cidr_ipv6=anywhere if family == "ipv6" else None,
                    ip_protocol="tcp",
                    from_port=out,
                    to_port=out,
                    description=f"App to any address on port {out}",
                    opts=child,
                )
            )
    return group, rules
