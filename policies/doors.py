"""A policy about other ways in: what AWS would put on the internet beside the distribution."""

from collections.abc import Iterator
from typing import Any

from policies import links
from policies.graph import Resource, inner
from policies.registry import resource_policy

_DOORS: dict[str, tuple[tuple[str, ...], Any]] = {
    "aws:apigateway/restApi:RestApi": ((), None),
    "aws:apprunner/service:Service": (("networkConfiguration", "ingressConfiguration", "isPubliclyAccessible"), True),
    "aws:ec2/instance:Instance": (("associatePublicIpAddress",), False),
    "aws:ecrpublic/repository:Repository": ((), None),
    "aws:globalaccelerator/accelerator:Accelerator": ((), None),
    "aws:iam/accessKey:AccessKey": ((), None),
    "aws:iam/user:User": ((), None),
    "aws:lightsail/instance:Instance": ((), None),
    "aws:rds/clusterInstance:ClusterInstance": (("publiclyAccessible",), False),
    "aws:rds/instance:Instance": (("publiclyAccessible",), False),
    "aws:redshift/cluster:Cluster": (("publiclyAccessible",), False),
}
"""What opens a door by being there; or by an input, with what that is where it is left out."""


@resource_policy(
    *_DOORS,
    controls=["way-in"],
    severity="high",
    fix="reach it through the distribution, from inside the VPC, or by a role; or waive it, and say who calls it",
    link=links.RESTRICT,
)
def there_is_no_other_way_in(resource: Resource) -> Iterator[str]:
    """Nothing but the distribution answers to the internet, and nobody has a key that opens from anywhere."""
    path, default = _DOORS[resource.type]
    given = inner(resource.inputs, *path) if path else True
    if (default if given is None else given) is True:
        yield f"{path[-1]} is true" if path else "it can be used from anywhere on the internet"
