"""The make-believe AWS refuses what AWS refuses about order: shown on things made by hand, without an engine."""

from typing import Any

import pytest
from engine.double import order
from engine.double.cloud import Cloud, Refused, Thing
from engine.double.sdk import shape

VPC, SUBNET, GROUP = "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:ec2/securityGroup:SecurityGroup"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"
BALANCER, LISTENER = "aws:lb/loadBalancer:LoadBalancer", "aws:lb/listener:Listener"
TARGETS, SERVICE = "aws:lb/targetGroup:TargetGroup", "aws:ecs/service:Service"
DISTRIBUTION, VPC_ORIGIN = "aws:cloudfront/distribution:Distribution", "aws:cloudfront/vpcOrigin:VpcOrigin"
FUNCTION, STORE = "aws:cloudfront/function:Function", "aws:cloudfront/keyValueStore:KeyValueStore"
CERTIFICATE, ACL = "aws:acm/certificate:Certificate", "aws:wafv2/webAcl:WebAcl"
REPOSITORY, BUCKET, API = "aws:ecr/repository:Repository", "aws:s3/bucket:Bucket", "aws:apigatewayv2/api:Api"
ROUTE = "aws:apigatewayv2/route:Route"
CLUSTER, CAPACITY = "aws:ecs/cluster:Cluster", "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
ROLE, ROLE_POLICY = "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"
HEADERS = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy"


class Account:
    """A cloud to put things into, with an id and an ARN made of their name."""

    def __init__(self) -> None:
        self.cloud = Cloud()

    def put(self, type_: str, id_: str, /, **outputs: Any) -> Thing:
        outputs = {"arn": f"arn:{id_}", **outputs}
        thing = Thing(type=type_, id=id_, urn=f"urn::{type_}::{id_}", inputs={}, outputs=outputs)
        self.cloud.things[(thing.urn, thing.id)] = thing
        return thing

    def distribution(self, **outputs: Any) -> Thing:
        return self.put(DISTRIBUTION, "cdn", **outputs)

    def delete(self, thing: Thing) -> None:
        order.check_delete(self.cloud, thing)


@pytest.fixture
def account() -> Account:
    return Account()


def behavior(**extra: Any) -> dict[str, Any]:
    return {"defaultCacheBehavior": {"functionAssociations": [], **extra}}


DISTRIBUTED = [
    (VPC_ORIGIN, {"origins": [{"vpcOriginConfig": {"vpcOriginId": "it"}}]}, "CannotDeleteEntityWhileInUse"),
    (FUNCTION, behavior(functionAssociations=[{"functionArn": "arn:it"}]), "FunctionInUse"),
    (HEADERS, behavior(responseHeadersPolicyId="it"), "ResponseHeadersPolicyInUse"),
    (CERTIFICATE, {"viewerCertificate": {"acmCertificateArn": "arn:it"}}, "ResourceInUseException"),
    (ACL, {"webAclId": "arn:it"}, "WAFAssociatedItemException"),
    (
        "aws:cloudfront/originAccessControl:OriginAccessControl",
        {"origins": [{"originAccessControlId": "it"}]},
        "OriginAccessControlInUse",
    ),
]


@pytest.mark.parametrize(("type_", "uses_it", "code"), DISTRIBUTED, ids=lambda each: str(each)[:60])
def test_what_a_distribution_uses_cannot_go(account: Account, type_, uses_it, code):
    thing = account.put(type_, "it")
    account.delete(thing)
    account.distribution(**uses_it)
    with pytest.raises(Refused, match=code):
        account.delete(thing)


@pytest.mark.parametrize(("type_", "uses_it", "code"), DISTRIBUTED, ids=lambda each: str(each)[:60])
def test_nor_while_some_edges_still_have_the_configuration_that_used_it(account: Account, type_, uses_it, code):
    thing = account.put(type_, "it")
    distribution = account.distribution()
    distribution.earlier = [uses_it]
    with pytest.raises(Refused, match=code):
        account.delete(thing)
    distribution.earlier = []
    account.delete(thing)


def test_a_vpc_origin_that_is_attached_cannot_even_be_changed(account: Account):
    origin = account.put(VPC_ORIGIN, "it")
    order.check_update(account.cloud, origin, {})
    account.distribution(origins=[{"vpcOriginConfig": {"vpcOriginId": "it"}}])
    with pytest.raises(Refused, match="CannotUpdateEntityWhileInUse"):
        order.check_update(account.cloud, origin, {})


ORIGINS = [
    (API, {"apiEndpoint": "https://host"}),
    ("aws:lambda/functionUrl:FunctionUrl", {"functionUrl": "https://host/"}),
    (BALANCER, {"dnsName": "host"}),
    (BUCKET, {"bucketRegionalDomainName": "host"}),
    ("aws:route53/record:Record", {"name": "host", "type": "A"}),
]


@pytest.mark.parametrize(("type_", "outputs"), ORIGINS, ids=lambda each: str(each)[:40])
def test_an_origin_that_the_distribution_still_names_cannot_go(account: Account, type_, outputs):
    origin = account.put(type_, "it", **outputs)
    account.delete(origin)
    account.distribution(origins=[{"domainName": "host"}])
    with pytest.raises(Refused, match="OriginInUse"):
        account.delete(origin)


IN_USE = [
    (GROUP, BALANCER, {"securityGroups": ["it"]}, "DependencyViolation"),
    (GROUP, SERVICE, {"networkConfiguration": {"securityGroups": ["it"]}}, "DependencyViolation"),
    (
        GROUP,
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        {"referencedSecurityGroupId": "it"},
        "DependencyViolation",
    ),
    (SUBNET, BALANCER, {"subnets": ["it"]}, "DependencyViolation"),
    (SUBNET, SERVICE, {"networkConfiguration": {"subnets": ["it"]}}, "DependencyViolation"),
    (VPC, SUBNET, {"vpcId": "it"}, "DependencyViolation"),
    (CERTIFICATE, LISTENER, {"certificateArn": "arn:it"}, "ResourceInUseException"),
    (TARGETS, LISTENER, {"defaultActions": [{"targetGroupArn": "arn:it"}]}, "ResourceInUse"),
    (BALANCER, VPC_ORIGIN, {"vpcOriginEndpointConfig": {"arn": "arn:it"}}, "ResourceInUse"),
    (CLUSTER, SERVICE, {"cluster": "arn:it"}, "ClusterContainsServicesException"),
    (STORE, FUNCTION, {"keyValueStoreAssociations": ["arn:it"]}, "CannotDeleteEntityWhileInUse"),
]


@pytest.mark.parametrize(("type_", "user", "uses_it", "code"), IN_USE, ids=lambda each: str(each)[:50])
def test_what_something_uses_cannot_go(account: Account, type_, user, uses_it, code):
    thing = account.put(type_, "it")
    account.delete(thing)
    account.put(user, "user", **uses_it)
    with pytest.raises(Refused, match=code):
        account.delete(thing)


def test_a_role_with_a_policy_cannot_go(account: Account):
    role = account.put(ROLE, "it", name="it")
    account.put(ROLE_POLICY, "policy", role="it")
    with pytest.raises(Refused, match="DeleteConflict"):
        account.delete(role)


@pytest.mark.parametrize("forced", [True, False])
def test_a_repository_with_images_goes_only_when_forced(account: Account, forced):
    repository = account.put(REPOSITORY, "it", forceDelete=forced)
    account.delete(repository)
    repository.contents["tag"] = "digest"
    if forced:
        account.delete(repository)
    else:
        with pytest.raises(Refused, match="RepositoryNotEmptyException"):
            account.delete(repository)


@pytest.mark.parametrize("forced", [True, False])
def test_a_bucket_with_objects_goes_only_when_forced(account: Account, forced):
    bucket = account.put(BUCKET, "it", bucket="it", forceDestroy=forced)
    account.put("aws:s3/bucketObjectv2:BucketObjectv2", "file", bucket="it", key="file")
    if forced:
        account.delete(bucket)
    else:
        with pytest.raises(Refused, match="BucketNotEmpty"):
            account.delete(bucket)


def test_a_balancer_with_deletion_protection_cannot_go(account: Account):
    with pytest.raises(Refused, match="OperationNotPermitted"):
        account.delete(account.put(BALANCER, "it", enableDeletionProtection=True))


def test_a_listener_wants_its_balancer(account: Account):
    with pytest.raises(Refused, match="NotFound: loadBalancerArn"):
        order.check_create(account.cloud, LISTENER, {"loadBalancerArn": "arn:it", "port": 80})
    account.put(BALANCER, "it")
    order.check_create(account.cloud, LISTENER, {"loadBalancerArn": "arn:it", "port": 80})


def test_what_others_made_is_taken_as_it_is(account: Account):
    with pytest.raises(Refused, match="NotFound: vpcId"):
        order.check_create(account.cloud, SUBNET, {"vpcId": "vpc-theirs", "cidrBlock": "10.0.0.0/24"})
    account.cloud.adopted.add("vpc-theirs")
    order.check_create(account.cloud, SUBNET, {"vpcId": "vpc-theirs", "cidrBlock": "10.0.0.0/24"})


def service(**more: Any) -> dict[str, Any]:
    return {"loadBalancers": [{"targetGroupArn": "arn:targets"}], "cluster": "arn:cluster", **more}


def test_a_service_wants_a_listener_on_its_target_group(account: Account):
    account.put(CLUSTER, "cluster", name="cluster")
    account.put(TARGETS, "targets")
    with pytest.raises(Refused, match="does not have an associated load balancer"):
        order.check_create(account.cloud, SERVICE, service())
    account.put("aws:lb/listenerRule:ListenerRule", "rule", actions=[{"targetGroupArn": "arn:targets"}])
    order.check_create(account.cloud, SERVICE, service())


def test_a_service_wants_its_capacity_provider_in_the_cluster(account: Account):
    account.put(CLUSTER, "cluster", name="cluster")
    account.put(TARGETS, "targets")
    account.put("aws:lb/listenerRule:ListenerRule", "rule", actions=[{"targetGroupArn": "arn:targets"}])
    wanted = service(capacityProviderStrategies=[{"capacityProvider": "FARGATE_SPOT"}])
    with pytest.raises(Refused, match="FARGATE_SPOT"):
        order.check_create(account.cloud, SERVICE, wanted)
    account.put(CAPACITY, "capacity", clusterName="cluster", capacityProviders=["FARGATE", "FARGATE_SPOT"])
    order.check_create(account.cloud, SERVICE, wanted)


def test_a_route_wants_the_permission_to_call_what_is_behind(account: Account):
    account.put(API, "api")
    account.put("aws:lambda/alias:Alias", "alias", functionName="app", name="live", invokeArn="arn:invoke")
    account.put("aws:apigatewayv2/integration:Integration", "it", apiId="api", integrationUri="arn:invoke")
    route = {"apiId": "api", "routeKey": "$default", "target": "integrations/it"}
    for other in ({"qualifier": "other"}, {"principal": "cloudfront.amazonaws.com"}):
        wanted = {"function": "app", "qualifier": "live", "principal": "apigateway.amazonaws.com", **other}
        account.put("aws:lambda/permission:Permission", str(other), **wanted)
        with pytest.raises(Refused, match="may not call app:live yet"):
            order.check_create(account.cloud, ROUTE, route)
    wanted = {"function": "app", "qualifier": "live", "principal": "apigateway.amazonaws.com"}
    permission = account.put("aws:lambda/permission:Permission", "permission", **wanted)
    order.check_create(account.cloud, ROUTE, route)
    permission.settled = False
    with pytest.raises(Refused, match="may not call app:live yet"):
        order.check_create(account.cloud, ROUTE, route)


def test_a_vpc_origin_wants_an_active_balancer_and_an_internet_gateway(account: Account):
    account.put(VPC, "vpc")
    account.put(SUBNET, "subnet", vpcId="vpc")
    balancer = account.put(BALANCER, "balancer", subnets=["subnet"])
    origin = {"vpcOriginEndpointConfig": {"arn": "arn:balancer", "name": "one"}}
    with pytest.raises(Refused, match="no internet gateway"):
        order.check_create(account.cloud, VPC_ORIGIN, origin)
    account.put(GATEWAY, "gateway", vpcId="vpc")
    balancer.settled = False
    with pytest.raises(Refused, match="not active"):
        order.check_create(account.cloud, VPC_ORIGIN, origin)
    balancer.settled = True
    order.check_create(account.cloud, VPC_ORIGIN, origin)


def test_an_internet_gateway_stays_while_an_address_is_mapped_through_it(account: Account):
    gateway = account.put(GATEWAY, "gateway", vpcId="vpc")
    account.put(SUBNET, "subnet", vpcId="vpc")
    tasks = account.put(SERVICE, "tasks", networkConfiguration={"subnets": ["subnet"], "assignPublicIp": True})
    with pytest.raises(Refused, match="mapped public address"):
        account.delete(gateway)
    tasks.outputs["networkConfiguration"]["assignPublicIp"] = False
    account.delete(gateway)


def test_there_can_be_one_of_a_name_only(account: Account):
    account.put(LISTENER, "first", loadBalancerArn="arn:it", port=80)
    account.put(BALANCER, "it")
    with pytest.raises(Refused, match="AlreadyExists"):
        order.check_create(account.cloud, LISTENER, {"loadBalancerArn": "arn:it", "port": 80})


def test_two_settings_of_one_thing_are_the_same_to_aws(account: Account):
    first = account.put("aws:s3/bucketPolicy:BucketPolicy", "first", bucket="it")
    second = account.put("aws:s3/bucketPolicy:BucketPolicy", "second", bucket="it")
    account.put("aws:s3/bucketPolicy:BucketPolicy", "other", bucket="other")
    assert order.same_for_aws(account.cloud, first) == [second]


def test_every_reference_names_properties_that_there_are():
    for each in order.REFERENCES:
        known = shape(each.by)
        assert known, each.by
        assert each.at.partition(".")[0].removesuffix("[]") in known.inputs, each
        target = shape(each.to)
        assert target, each.to
        assert each.key == "id" or each.key in target.outputs, each
