"""The order AWS insists on: what has to be there first, and what can't go or change while something uses it.

`REFERENCES` says who names whom; the functions below refuse, in AWS's words, what that makes impossible. Two rules are
stricter than AWS and say so: an origin may not go while a live distribution names it, and an API gets its route once it
may call what is behind. AWS would let most origins go, and make the route, and viewers would get errors.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from engine.double.cloud import Cloud, Refused, Thing
from engine.double.wire import UNKNOWN, plain


@dataclass(frozen=True)
class Reference:
    """`by` names `to`, in the property `at`, through the attribute `key` of it."""

    by: str
    at: str
    to: str
    key: str = "id"
    refusal: str | None = None
    """What AWS says when `to` is deleted meanwhile; None: it goes without a word, and often takes `by` along."""


_DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
_BEHAVIORS = ("defaultCacheBehavior", "orderedCacheBehaviors[]")
_VPC, _SUBNET, _GROUP = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:ec2/securityGroup:SecurityGroup"
_INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
_BALANCER, _LISTENER = "aws:lb/loadBalancer:LoadBalancer", "aws:lb/listener:Listener"
_RULE, _TARGETS = "aws:lb/listenerRule:ListenerRule", "aws:lb/targetGroup:TargetGroup"
_SERVICE, _CLUSTER = "aws:ecs/service:Service", "aws:ecs/cluster:Cluster"
_TASK = "aws:ecs/taskDefinition:TaskDefinition"
_CAPACITY = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
_FUNCTION, _ALIAS, _URL = "aws:lambda/function:Function", "aws:lambda/alias:Alias", "aws:lambda/functionUrl:FunctionUrl"
_API = "aws:apigatewayv2/api:Api"
_ROLE, _BUCKET = "aws:iam/role:Role", "aws:s3/bucket:Bucket"
_POLICY = "aws:iam/policy:Policy"
_REPOSITORY, _LOGS = "aws:ecr/repository:Repository", "aws:cloudwatch/logGroup:LogGroup"
_CERTIFICATE, _ACL = "aws:acm/certificate:Certificate", "aws:wafv2/webAcl:WebAcl"
_EDGE, _VPC_ORIGIN = "aws:cloudfront/function:Function", "aws:cloudfront/vpcOrigin:VpcOrigin"
_STORE = "aws:cloudfront/keyValueStore:KeyValueStore"
_GATEWAY, _NAT, _EIP = "aws:ec2/internetGateway:InternetGateway", "aws:ec2/natGateway:NatGateway", "aws:ec2/eip:Eip"
_INTERFACE, _TABLE = "aws:ec2/networkInterface:NetworkInterface", "aws:ec2/routeTable:RouteTable"
_ENDPOINT, _INSTANCE = "aws:ec2/vpcEndpoint:VpcEndpoint", "aws:ec2/instance:Instance"
_IN_USE = "DependencyViolation"

REFERENCES: tuple[Reference, ...] = (
    # CloudFront
    Reference(
        _DISTRIBUTION, "origins[].vpcOriginConfig.vpcOriginId", _VPC_ORIGIN, "id", "CannotDeleteEntityWhileInUse"
    ),
    Reference(
        _DISTRIBUTION,
        "origins[].originAccessControlId",
        "aws:cloudfront/originAccessControl:OriginAccessControl",
        "id",
        "OriginAccessControlInUse",
    ),
    *(
        Reference(_DISTRIBUTION, f"{each}.functionAssociations[].functionArn", _EDGE, "arn", "FunctionInUse")
        for each in _BEHAVIORS
    ),
    *(
        Reference(
            _DISTRIBUTION,
            f"{each}.responseHeadersPolicyId",
            "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
            "id",
            "ResponseHeadersPolicyInUse",
        )
        for each in _BEHAVIORS
    ),
    Reference(_DISTRIBUTION, "viewerCertificate.acmCertificateArn", _CERTIFICATE, "arn", "ResourceInUseException"),
    Reference(_DISTRIBUTION, "webAclId", _ACL, "arn", "WAFAssociatedItemException"),
    Reference(_EDGE, "keyValueStoreAssociations[]", _STORE, "arn", "CannotDeleteEntityWhileInUse"),
    Reference("aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey", "keyValueStoreArn", _STORE, "arn"),
    Reference(_VPC_ORIGIN, "vpcOriginEndpointConfig.arn", _BALANCER, "arn", "ResourceInUse"),
    # Network
    Reference(_SUBNET, "vpcId", _VPC, "id", _IN_USE),
    Reference(_GROUP, "vpcId", _VPC, "id", _IN_USE),
    Reference(_GATEWAY, "vpcId", _VPC, "id", _IN_USE),
    Reference("aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway", "vpcId", _VPC, "id", _IN_USE),
    Reference(_TABLE, "vpcId", _VPC, "id", _IN_USE),
    Reference(_ENDPOINT, "vpcId", _VPC, "id", _IN_USE),
    Reference(_NAT, "vpcId", _VPC, "id", _IN_USE),
    Reference(_TARGETS, "vpcId", _VPC),
    Reference("aws:ec2/flowLog:FlowLog", "vpcId", _VPC),
    Reference("aws:ec2/flowLog:FlowLog", "logDestination", _LOGS, "arn"),
    Reference("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "vpcId", _VPC),
    Reference("aws:ec2/routeTableAssociation:RouteTableAssociation", "routeTableId", _TABLE, "id", _IN_USE),
    Reference("aws:ec2/routeTableAssociation:RouteTableAssociation", "subnetId", _SUBNET),
    Reference("aws:ec2/route:Route", "gatewayId", _GATEWAY),
    Reference("aws:ec2/route:Route", "natGatewayId", _NAT),
    Reference("aws:ec2/route:Route", "networkInterfaceId", _INTERFACE),
    Reference("aws:ec2/route:Route", "routeTableId", _TABLE),
    Reference(
        "aws:ec2/route:Route",
        "egressOnlyGatewayId",
        "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",
    ),
    Reference(_NAT, "subnetId", _SUBNET, "id", _IN_USE),
    Reference(_NAT, "allocationId", _EIP, "id", "InvalidIPAddress.InUse"),
    Reference(_EIP, "networkInterface", _INTERFACE),
    Reference(_INTERFACE, "subnetId", _SUBNET, "id", _IN_USE),
    Reference(_INTERFACE, "securityGroups[]", _GROUP, "id", _IN_USE),
    Reference(_INSTANCE, "primaryNetworkInterface.networkInterfaceId", _INTERFACE, "id", "InvalidParameterValue"),
    Reference(_ENDPOINT, "subnetIds[]", _SUBNET, "id", _IN_USE),
    Reference(_ENDPOINT, "securityGroupIds[]", _GROUP, "id", _IN_USE),
    Reference(_ENDPOINT, "routeTableIds[]", _TABLE),
    Reference(_BALANCER, "subnets[]", _SUBNET, "id", _IN_USE),
    Reference(_BALANCER, "securityGroups[]", _GROUP, "id", _IN_USE),
    Reference(_BALANCER, "accessLogs.bucket", _BUCKET, "bucket"),
    Reference(_SERVICE, "networkConfiguration.subnets[]", _SUBNET, "id", _IN_USE),
    Reference(_SERVICE, "networkConfiguration.securityGroups[]", _GROUP, "id", _IN_USE),
    *(Reference(each, "securityGroupId", _GROUP) for each in (_INGRESS, _EGRESS)),
    *(Reference(each, "referencedSecurityGroupId", _GROUP, "id", _IN_USE) for each in (_INGRESS, _EGRESS)),
    # Balancer and tasks
    Reference(_LISTENER, "loadBalancerArn", _BALANCER, "arn"),
    Reference(_LISTENER, "certificateArn", _CERTIFICATE, "arn", "ResourceInUseException"),
    Reference(_LISTENER, "defaultActions[].targetGroupArn", _TARGETS, "arn", "ResourceInUse"),
    Reference(_RULE, "listenerArn", _LISTENER, "arn"),
    Reference(_RULE, "actions[].targetGroupArn", _TARGETS, "arn", "ResourceInUse"),
    Reference(_SERVICE, "loadBalancers[].targetGroupArn", _TARGETS, "arn"),
    Reference(_SERVICE, "cluster", _CLUSTER, "arn", "ClusterContainsServicesException"),
    Reference(_SERVICE, "taskDefinition", _TASK, "arn"),  # it may be deregistered while its tasks run
    Reference(_CAPACITY, "clusterName", _CLUSTER, "name"),
    Reference(_TASK, "executionRoleArn", _ROLE, "arn"),
    Reference(_TASK, "taskRoleArn", _ROLE, "arn"),
    # Functions and their API
    Reference(_FUNCTION, "role", _ROLE, "arn"),
    Reference(_FUNCTION, "loggingConfig.logGroup", _LOGS, "name"),
    Reference(_ALIAS, "functionName", _FUNCTION, "name"),
    Reference(_URL, "functionName", _FUNCTION, "name"),
    Reference("aws:lambda/permission:Permission", "function", _FUNCTION, "name"),
    Reference(
        "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig", "functionName", _FUNCTION, "name"
    ),
    *(
        Reference(f"aws:apigatewayv2/{each}", "apiId", _API)
        for each in ("authorizer:Authorizer", "integration:Integration", "route:Route", "stage:Stage")
    ),
    Reference("aws:apigatewayv2/integration:Integration", "integrationUri", _ALIAS, "invokeArn"),
    Reference(
        "aws:apigatewayv2/route:Route",
        "authorizerId",
        "aws:apigatewayv2/authorizer:Authorizer",
        "id",
        "ConflictException",
    ),
    Reference("aws:scheduler/schedule:Schedule", "target.arn", _ALIAS, "arn"),
    # Roles, registry, buckets, logs
    Reference("aws:iam/rolePolicy:RolePolicy", "role", _ROLE, "name", "DeleteConflict"),
    Reference("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "role", _ROLE, "name", "DeleteConflict"),
    Reference("aws:iam/instanceProfile:InstanceProfile", "role", _ROLE, "name", "DeleteConflict"),
    Reference("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "policyArn", _POLICY, "arn", "DeleteConflict"),
    Reference(_ROLE, "permissionsBoundary", _POLICY, "arn", "DeleteConflict"),
    Reference("aws:kms/alias:Alias", "targetKeyId", "aws:kms/key:Key", "keyId"),
    Reference("aws:route53/record:Record", "zoneId", "aws:route53/zone:Zone", "zoneId", "HostedZoneNotEmpty"),
    Reference(_INSTANCE, "iamInstanceProfile", "aws:iam/instanceProfile:InstanceProfile", "name"),
    Reference("aws:ecr/lifecyclePolicy:LifecyclePolicy", "repository", _REPOSITORY, "name"),
    Reference("aws:ecr/repositoryPolicy:RepositoryPolicy", "repository", _REPOSITORY, "name"),
    Reference("aws:s3/bucketObjectv2:BucketObjectv2", "bucket", _BUCKET, "bucket", "BucketNotEmpty"),
    *(
        Reference(f"aws:s3/{each[0].lower()}{each[1:]}:{each}", "bucket", _BUCKET, "bucket")
        for each in (
            "BucketLifecycleConfiguration",
            "BucketLogging",
            "BucketOwnershipControls",
            "BucketPolicy",
            "BucketPublicAccessBlock",
            "BucketServerSideEncryptionConfiguration",
            "BucketVersioning",
        )
    ),
    Reference("aws:s3/bucketLogging:BucketLogging", "targetBucket", _BUCKET, "bucket"),
    Reference(
        "aws:cloudwatch/logDelivery:LogDelivery",
        "deliverySourceName",
        "aws:cloudwatch/logDeliverySource:LogDeliverySource",
        "name",
        "ConflictException",
    ),
    Reference(
        "aws:cloudwatch/logDelivery:LogDelivery",
        "deliveryDestinationArn",
        "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination",
        "arn",
        "ConflictException",
    ),
    Reference("aws:cloudwatch/logDeliverySource:LogDeliverySource", "resourceArn", _DISTRIBUTION, "arn"),
    Reference("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration", "resourceArn", _ACL, "arn"),
    Reference("aws:acm/certificateValidation:CertificateValidation", "certificateArn", _CERTIFICATE, "arn"),
)

UNIQUE: dict[str, tuple[str, ...]] = {
    "aws:apigatewayv2/route:Route": ("apiId", "routeKey"),
    "aws:apigatewayv2/stage:Stage": ("apiId", "name"),
    "aws:cloudfront/originAccessControl:OriginAccessControl": ("name",),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": ("name",),
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": ("name", "region"),
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": ("name", "region"),
    "aws:route53/record:Record": ("zoneId", "name", "type"),
    "aws:s3/bucketObjectv2:BucketObjectv2": ("bucket", "key"),
    "aws:ec2/route:Route": ("routeTableId", "destinationCidrBlock", "destinationIpv6CidrBlock"),
    "aws:ec2/subnet:Subnet": ("vpcId", "cidrBlock"),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": ("url",),
    "aws:kms/alias:Alias": ("name",),
    _POLICY: ("name",),
    _ALIAS: ("functionName", "name"),
    _BUCKET: ("bucket",),
    _CLUSTER: ("name",),
    _EDGE: ("name",),
    _FUNCTION: ("name",),
    _LISTENER: ("loadBalancerArn", "port"),
    _BALANCER: ("name",),
    _LOGS: ("name", "region"),
    _REPOSITORY: ("name",),
    _ROLE: ("name",),
    _RULE: ("listenerArn", "priority"),
    _SERVICE: ("cluster", "name"),
    _STORE: ("name",),
    _TARGETS: ("name",),
    _VPC_ORIGIN: ("vpcOriginEndpointConfig.name",),
}
"""What there can't be two of at a time."""


_RULE_OF_A_GROUP = (
    "securityGroupId",
    "ipProtocol",
    "fromPort",
    "toPort",
    "cidrIpv4",
    "cidrIpv6",
    "prefixListId",
    "referencedSecurityGroupId",
)
UNIQUE |= dict.fromkeys((_INGRESS, _EGRESS), _RULE_OF_A_GROUP)

ONE_PER: dict[str, tuple[str, ...]] = {
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": ("repository",),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": ("repository",),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ("role", "policyArn"),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": ("resourceArn",),
    "aws:appautoscaling/target:Target": ("resourceId",),
    "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey": ("keyValueStoreArn", "key"),
    _CAPACITY: ("clusterName",),
    **{
        each.by: ("bucket",)
        for each in REFERENCES
        if each.to == _BUCKET and each.key == "bucket" and each.at == "bucket"
    },
}
"""What is a setting of something else: a second one overwrites the first, and deleting either deletes the setting."""
del ONE_PER["aws:s3/bucketObjectv2:BucketObjectv2"]


def same_for_aws(cloud: Cloud, thing: Thing) -> list[Thing]:
    """Other resources of the state that are one and the same thing to AWS."""
    keys = ONE_PER.get(thing.type, ())
    return [
        each
        for each in cloud.of_type(thing.type)
        if keys
        and each is not thing
        and all(values_at(each.outputs, key) == values_at(thing.outputs, key) for key in keys)
    ]


def values_at(inputs: Any, path: str) -> list[Any]:
    """Everything at a path such as `origins[].vpcOriginConfig.vpcOriginId`, but for what is unknown or empty."""
    found = [plain(inputs)]
    for part in path.split("."):
        key, many = part.removesuffix("[]"), part.endswith("[]")
        found = [each[key] for each in found if isinstance(each, dict) and each.get(key) is not None]
        if many:
            found = [item for each in found if isinstance(each, list) for item in each]
    return [each for each in found if each not in (UNKNOWN, "")]


def users(cloud: Cloud, thing: Thing) -> Iterator[tuple[Reference, Thing]]:
    """Everything that names this thing in settings that may be in force."""
    for reference in _TO.get(thing.type, ()):
        named = plain(thing.outputs).get(reference.key) if reference.key != "id" else thing.id
        for each in cloud.of_type(reference.by):
            if any(named in values_at(live, reference.at) for live in each.live):
                yield reference, each


def check_create(cloud: Cloud, type_: str, inputs: dict[str, Any]) -> None:
    """Refuse what names something that isn't there, or that there is one of already."""
    for reference in _BY.get(type_, ()):
        for value in values_at(inputs, reference.at):
            _must_be_there(cloud, type_, reference, value)
    unique = UNIQUE.get(type_)
    if unique:
        wanted = [values_at(inputs, each) for each in unique]
        for each in cloud.of_type(type_):
            if [values_at(each.outputs, key) for key in unique] == wanted and any(wanted):
                raise Refused(f"AlreadyExists: there is a {type_} with {', '.join(unique)} {wanted}: {each.urn}")
    check_surroundings(cloud, type_, inputs)


def check_surroundings(cloud: Cloud, type_: str, inputs: dict[str, Any]) -> None:
    """Refuse what lacks something that it doesn't name."""
    for check in SURROUNDINGS.get(type_, ()):
        check(cloud, inputs)


def check_update(cloud: Cloud, thing: Thing, inputs: dict[str, Any]) -> None:
    """Refuse a change of what can't change while it is used, or to something that isn't there."""
    if thing.type == _VPC_ORIGIN and _distributions(cloud, thing):
        raise Refused("CannotUpdateEntityWhileInUse: the VPC origin is attached to a distribution")
    for reference in _BY.get(thing.type, ()):
        for value in values_at(inputs, reference.at):
            _must_be_there(cloud, thing.type, reference, value)


def check_delete(cloud: Cloud, thing: Thing) -> None:
    """Refuse to delete what something else uses."""
    for reference, user in users(cloud, thing):
        if reference.refusal == "BucketNotEmpty" and plain(thing.outputs).get("forceDestroy"):
            continue
        if reference.refusal:
            raise Refused(f"{reference.refusal}: {thing.name} is in use by {user.name} ({reference.at})")
    for check in _DELETE.get(thing.type, ()):
        check(cloud, thing)


def _must_be_there(cloud: Cloud, type_: str, reference: Reference, value: Any) -> None:
    if value in cloud.adopted or not isinstance(value, str):
        return
    for each in cloud.of_type(reference.to):
        if value == (each.id if reference.key == "id" else plain(each.outputs).get(reference.key)):
            return
    alternatives = {other.to for other in _BY[type_] if other.at == reference.at}
    if len(alternatives) > 1 or value.startswith(("https://", "arn:aws:iam::aws:")):
        return
    raise Refused(f"NotFound: {reference.at} is {value}, and there is no such {reference.to}")


# What is not a matter of one thing naming another


def _distributions(cloud: Cloud, origin: Thing) -> list[Thing]:
    return [user for reference, user in users(cloud, origin) if reference.by == _DISTRIBUTION]


def _is_empty(cloud: Cloud, repository: Thing) -> None:
    if repository.contents and not plain(repository.outputs).get("forceDelete"):
        raise Refused(f"RepositoryNotEmptyException: {repository.name} holds {len(repository.contents)} images")


def _log_bucket_is_empty(cloud: Cloud, bucket: Thing) -> None:
    if bucket.contents and not plain(bucket.outputs).get("forceDestroy"):
        raise Refused(f"BucketNotEmpty: {bucket.name} holds {len(bucket.contents)} objects")


def _is_unprotected(cloud: Cloud, balancer: Thing) -> None:
    if plain(balancer.outputs).get("enableDeletionProtection"):
        raise Refused(f"OperationNotPermitted: {balancer.name} cannot be deleted: deletion protection is enabled")


def _has_capacity(cloud: Cloud, service: dict[str, Any]) -> None:
    cluster = next(
        (c for c in cloud.of_type(_CLUSTER) if [plain(c.outputs)["arn"]] == values_at(service, "cluster")), None
    )
    offered = {
        name
        for each in cloud.of_type(_CAPACITY)
        if cluster and values_at(each.outputs, "clusterName") == [plain(cluster.outputs)["name"]]
        for name in values_at(each.outputs, "capacityProviders[]")
    }
    wanted = set(values_at(service, "capacityProviderStrategies[].capacityProvider"))
    if cluster and not wanted <= offered:
        raise Refused(
            f"InvalidParameterException: capacity providers {sorted(wanted - offered)} are not in the cluster"
        )


def _has_listener(cloud: Cloud, service: dict[str, Any]) -> None:
    used = {
        arn
        for type_, at in ((_LISTENER, "defaultActions[].targetGroupArn"), (_RULE, "actions[].targetGroupArn"))
        for each in cloud.of_type(type_)
        for arn in values_at(each.outputs, at)
    }
    for arn in values_at(service, "loadBalancers[].targetGroupArn"):
        if arn not in used:
            raise Refused(
                f"InvalidParameterException: the target group {arn} does not have an associated load balancer"
            )


def _may_call(cloud: Cloud, route: dict[str, Any]) -> None:
    """Stricter than AWS, which would make the route and answer its first requests with 500 for want of a permission."""
    called = [
        (plain(alias.outputs)["functionName"], plain(alias.outputs)["name"])
        for integration in cloud.in_force("aws:apigatewayv2/integration:Integration")
        if f"integrations/{integration.id}" in values_at(route, "target")
        for alias in cloud.in_force(_ALIAS, invokeArn=plain(integration.outputs)["integrationUri"])
    ]
    for name, qualifier in called:
        permissions = cloud.in_force("aws:lambda/permission:Permission", function=name, qualifier=qualifier)
        if not any(values_at(each.outputs, "principal") == ["apigateway.amazonaws.com"] for each in permissions):
            raise Refused(f"NotPermitted (stricter than AWS): the API may not call {name}:{qualifier} yet")


def _has_gateway(cloud: Cloud, origin: dict[str, Any]) -> None:
    """A VPC origin needs an internet gateway on the VPC, and a balancer that is active."""
    for arn in values_at(origin, "vpcOriginEndpointConfig.arn"):
        balancer = next((each for each in cloud.of_type(_BALANCER) if plain(each.outputs)["arn"] == arn), None)
        if balancer is None:
            continue
        if not balancer.settled:
            raise Refused("InvalidArgument: the load balancer is not active yet")
        subnets = set(values_at(balancer.outputs, "subnets[]"))
        for vpc in {v for s in cloud.of_type(_SUBNET) if s.id in subnets for v in values_at(s.outputs, "vpcId")}:
            if not any(values_at(each.outputs, "vpcId") == [vpc] for each in cloud.of_type(_GATEWAY)):
                raise Refused(f"InvalidArgument: {vpc} has no internet gateway")


def _is_on_the_internet(cloud: Cloud, thing: dict[str, Any]) -> None:
    """What has an address on the internet wants the VPC's gateway first."""
    if values_at(thing, "internal") == [True]:
        return
    subnets = {*values_at(thing, "subnets[]"), *values_at(thing, "subnetId")}
    vpcs = {v for s in cloud.of_type(_SUBNET) if s.id in subnets for v in values_at(s.outputs, "vpcId")}
    for vpc in vpcs | set(values_at(thing, "vpcId")):
        if vpc not in cloud.adopted and not any(
            values_at(g.outputs, "vpcId") == [vpc] for g in cloud.of_type(_GATEWAY)
        ):
            raise Refused(f"Gateway.NotAttached: {vpc} has no internet gateway")


def _maps_no_address(cloud: Cloud, gateway: Thing) -> None:
    """A gateway can't be detached while something in the VPC has an address on the internet through it."""
    for vpc in values_at(gateway.outputs, "vpcId"):
        subnets = {each.id for each in cloud.of_type(_SUBNET) if values_at(each.outputs, "vpcId") == [vpc]}
        for type_, at in ((_BALANCER, "subnets[]"), (_NAT, "subnetId"), (_SERVICE, "networkConfiguration.subnets[]")):
            for each in cloud.of_type(type_):
                outside = values_at(each.outputs, "internal") != [True] if type_ == _BALANCER else True
                if type_ == _SERVICE:
                    outside = values_at(each.outputs, "networkConfiguration.assignPublicIp") == [True]
                if outside and subnets & set(values_at(each.outputs, at)):
                    raise Refused(f"DependencyViolation: {vpc} has some mapped public address(es): {each.name}")


def _serves_nobody(cloud: Cloud, thing: Thing) -> None:
    """Stricter than AWS, which would let it go: an origin that a live distribution names must stay."""
    for host in _hosts(thing):
        for each in cloud.of_type(_DISTRIBUTION):
            if any(host in values_at(live, "origins[].domainName") for live in each.live):
                raise Refused(f"OriginInUse (stricter than AWS): {each.name} still names {thing.name} as an origin")


def _hosts(thing: Thing) -> list[str]:
    outputs = plain(thing.outputs)
    texts = [outputs.get(key) for key in ("apiEndpoint", "functionUrl", "dnsName", "bucketRegionalDomainName")]
    if thing.type == "aws:route53/record:Record" and outputs.get("type") in ("A", "AAAA"):
        texts.append(outputs.get("name"))
    return [each.removeprefix("https://").rstrip("/") for each in texts if isinstance(each, str)]


SURROUNDINGS: dict[str, tuple[Callable[[Cloud, dict[str, Any]], None], ...]] = {
    _SERVICE: (_has_capacity, _has_listener),
    _VPC_ORIGIN: (_has_gateway,),
    _BALANCER: (_is_on_the_internet,),
    _NAT: (_is_on_the_internet,),
    "aws:apigatewayv2/route:Route": (_may_call,),
}
_DELETE: dict[str, tuple[Callable[[Cloud, Thing], None], ...]] = {
    _REPOSITORY: (_is_empty,),
    _BUCKET: (_log_bucket_is_empty, _serves_nobody),
    _BALANCER: (_is_unprotected, _serves_nobody),
    _GATEWAY: (_maps_no_address,),
    _API: (_serves_nobody,),
    _URL: (_serves_nobody,),
    "aws:route53/record:Record": (_serves_nobody,),
}
_TO: dict[str, list[Reference]] = {}
_BY: dict[str, list[Reference]] = {}
for _reference in REFERENCES:
    _TO.setdefault(_reference.to, []).append(_reference)
    _BY.setdefault(_reference.by, []).append(_reference)
