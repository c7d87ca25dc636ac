"""A policy about other ways in: what AWS would put on the internet beside the distribution."""

from collections.abc import Iterator
from typing import Any

from policies import links
from policies.graph import Resource, inner
from policies.registry import resource_policy

_OPEN = {
    *("aws:amplify/app:App", "aws:apigateway/restApi:RestApi", "aws:appsync/apiKey:ApiKey"),
    *("aws:ecrpublic/repository:Repository", "aws:elasticbeanstalk/environment:Environment"),
    *("aws:globalaccelerator/accelerator:Accelerator", "aws:iam/accessKey:AccessKey"),
    *("aws:globalaccelerator/customRoutingAccelerator:CustomRoutingAccelerator", "aws:iam/sshKey:SshKey"),
    *("aws:iam/serviceSpecificCredential:ServiceSpecificCredential", "aws:iam/user:User"),
    *("aws:iam/userLoginProfile:UserLoginProfile", "aws:lightsail/containerService:ContainerService"),
    *("aws:lightsail/instance:Instance", "aws:lightsail/lb:Lb", "aws:rolesanywhere/trustAnchor:TrustAnchor"),
}
"""What opens a door by being there."""
_DOORS: dict[str, tuple[str, Any, Any]] = {
    "aws:apprunner/service:Service": ("networkConfiguration.ingressConfiguration.isPubliclyAccessible", True, True),
    "aws:appsync/graphQLApi:GraphQLApi": ("authenticationType", "API_KEY", None),
    "aws:cognito/identityPool:IdentityPool": ("allowUnauthenticatedIdentities", True, False),
    "aws:dms/replicationInstance:ReplicationInstance": ("publiclyAccessible", True, False),
    "aws:ec2/instance:Instance": ("associatePublicIpAddress", True, False),
    "aws:ec2/launchConfiguration:LaunchConfiguration": ("associatePublicIpAddress", True, False),
    "aws:ec2/launchTemplate:LaunchTemplate": ("networkInterfaces.associatePublicIpAddress", "true", None),
    "aws:eks/cluster:Cluster": ("vpcConfig.endpointPublicAccess", True, True),
    "aws:elb/loadBalancer:LoadBalancer": ("internal", False, False),
    "aws:lambda/layerVersionPermission:LayerVersionPermission": ("principal", "*", None),
    "aws:mq/broker:Broker": ("publiclyAccessible", True, False),
    "aws:neptune/clusterInstance:ClusterInstance": ("publiclyAccessible", True, False),
    "aws:rds/clusterInstance:ClusterInstance": ("publiclyAccessible", True, False),
    "aws:rds/instance:Instance": ("publiclyAccessible", True, False),
    "aws:redshift/cluster:Cluster": ("publiclyAccessible", True, False),
    "aws:redshiftserverless/workgroup:Workgroup": ("publiclyAccessible", True, False),
    "aws:transfer/server:Server": ("endpointType", "PUBLIC", "PUBLIC"),
}
"""What opens a door by an input: which, by what value, and what it is where it is left out."""


@resource_policy(
    *(*sorted(_OPEN), *_DOORS),
    controls=["way-in"],
    severity="high",
    fix="reach it through the distribution, from inside the VPC, or by a role; or waive it, and say who calls it",
    link=links.RESTRICT,
)
def there_is_no_other_way_in(resource: Resource) -> Iterator[str]:
    """Nothing but the distribution answers to the internet, and nobody has a key that opens from anywhere."""
    if resource.type in _OPEN:
        yield "it can be used from anywhere on the internet"
        return
    path, opens, default = _DOORS[resource.type]
    given = inner(resource.inputs, *path.split("."))
    if (default if given is None else given) == opens:
        yield f"{path.rpartition('.')[2]} is {str(opens).lower() if isinstance(opens, bool) else opens}"
