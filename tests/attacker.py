"""Attacker: walks a recorded stack from the internet, and says what answers there, by which way and on what condition.

It shares no code with the policies. Two things stand on the internet's side: addresses, which routes and security
groups let through or not; and AWS's own endpoints (APIs, function URLs, buckets, registries, functions), which nobody
can be kept off but by a policy, an authorizer or a signature. Somebody else's distribution is the internet, too: it
comes from the same addresses as ours. What it does not know it does not walk past: a type of resource that is not on
its list is an error.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from preflight.recording import Recording, Resource

GATEWAY = "aws:ec2/internetGateway:InternetGateway"
SUBNET = "aws:ec2/subnet:Subnet"
CLOUDFRONT_LIST = ("pl-3b927c52", "com.amazonaws.global.cloudfront.origin-facing")
"""The made-up id of a prefix list that AWS keeps, and the name of CloudFront's."""
ANYBODY, ANY_DISTRIBUTION = "anybody", "anybody's distribution"


@dataclass(frozen=True, order=True)
class Reached:
    """Something that answers to somebody on the internet."""

    what: str
    who: str
    """`anybody`, or `anybody's distribution` where only CloudFront's addresses get through."""
    needs: str = ""
    """What a request must carry besides; empty when nothing."""
    way: str = ""
    """The addresses and rules that let it through."""

    @property
    def is_open(self) -> bool:
        """Whether somebody who knows no secret gets an answer of the service."""
        return not self.needs


def walk(recording: Recording) -> set[Reached]:
    """Everything that can be reached from the internet. ValueError for a type of resource that is not known here."""
    if unknown := {each.type for each in recording if each.custom} - KNOWN:
        raise ValueError(f"what do these open to the internet? {', '.join(sorted(unknown))}")
    attack = _Attack(recording)
    return {each for look in (attack.addresses, attack.endpoints) for each in look()}


class _Attack:
    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        asked = {each.args.get("name") for each in recording.lookups if each.token.endswith(":getManagedPrefixList")}
        self.only_cloudfronts_list = asked <= {CLOUDFRONT_LIST[1]}
        self.public = {family: set(self._public_subnets(key)) for family, key in FAMILIES.items()}

    def of(self, *types: str) -> list[Resource]:
        return [each for each in self.recording if each.type in types]

    def sources(self, resource: Resource, key: str, type_: str) -> list[Resource]:
        urns = resource.options.property_dependencies.get(key, ())
        return [self.recording.resources[urn] for urn in urns if self.recording.resources[urn].type == type_]

    def users(self, resource: Resource, type_: str, key: str) -> list[Resource]:
        return [each for each in self.of(type_) if resource.urn in each.options.property_dependencies.get(key, ())]

    def _public_subnets(self, destination: str) -> Iterator[str]:
        """Subnets whose table sends everything of a family to an internet gateway, and so takes it from there."""
        tables = [
            table
            for route in self.of("aws:ec2/route:Route")
            if route.inputs.get(destination) in EVERYWHERE and self.sources(route, "gatewayId", GATEWAY)
            for type_ in (TABLE, DEFAULT_TABLE, VPC)
            for table in self.sources(route, "routeTableId", type_)
        ]
        inline = {"destinationCidrBlock": "cidrBlock", "destinationIpv6CidrBlock": "ipv6CidrBlock"}[destination]
        for table in self.of(TABLE, DEFAULT_TABLE):
            leads_out = any(route.get(inline) in EVERYWHERE for route in table.inputs.get("routes") or [])
            if leads_out and self.sources(table, "routes", GATEWAY):
                tables.append(table)
        for table in tables:
            for each in self.users(table, ASSOCIATION, "routeTableId"):
                yield from (subnet.urn for subnet in self.sources(each, "subnetId", SUBNET))
            yield from self._without_a_table(table)

    def _without_a_table(self, main: Resource) -> Iterator[str]:
        """Subnets that have this table because it is their VPC's main one, and they have none of their own."""
        made_main = self.users(main, "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation", "routeTableId")
        vpcs = [main] if main.type == VPC else self.sources(main, "defaultRouteTableId", VPC)
        for vpc in [*vpcs, *(vpc for each in made_main for vpc in self.sources(each, "vpcId", VPC))]:
            for subnet in self.users(vpc, SUBNET, "vpcId"):
                if not self.users(subnet, ASSOCIATION, "subnetId"):
                    yield subnet.urn

    # Addresses.

    def addresses(self) -> Iterator[Reached]:
        """Whatever has a public address of either family, and a security group that lets somebody in."""
        for each in self.of("aws:lb/loadBalancer:LoadBalancer"):
            if each.inputs.get("internal") is not True:
                is_ipv4 = each.inputs.get("ipAddressType", "ipv4") == "ipv4"
                for family in ["ipv4"] if is_ipv4 else FAMILIES:
                    for who, way in self._let_in(each, "securityGroups", family):
                        yield from self._listeners(each, who, f"{family}, {way}")
        for each in self.of("aws:ecs/service:Service"):
            network = each.inputs.get("networkConfiguration", {})
            families = ["ipv4"] if network.get("assignPublicIp") else []
            # A task takes an IPv6 address from its subnet whatever else it is given.
            families += ["ipv6"] if self._has_ipv6(each, "networkConfiguration") else []
            yield from self._hosts(each, "networkConfiguration", "networkConfiguration", families)
        for each in self.of("aws:ec2/networkInterface:NetworkInterface"):
            has_address = self.users(each, "aws:ec2/eip:Eip", "networkInterface")
            families = ["ipv4"] if has_address or self._maps_addresses(each, "subnetId") else []
            families += ["ipv6"] if self._has_ipv6(each, "subnetId") else []
            yield from self._hosts(each, "subnetId", "securityGroups", families)
        for each in self.of("aws:ec2/instance:Instance"):
            if not each.inputs.get("primaryNetworkInterface"):
                yield from self._hosts(each, "subnetId", "vpcSecurityGroupIds", list(FAMILIES))

    def _has_ipv6(self, resource: Resource, key: str) -> bool:
        return any(subnet.inputs.get("assignIpv6AddressOnCreation") for subnet in self.sources(resource, key, SUBNET))

    def _maps_addresses(self, resource: Resource, key: str) -> bool:
        return any(subnet.inputs.get("mapPublicIpOnLaunch") for subnet in self.sources(resource, key, SUBNET))

    def _hosts(self, resource: Resource, subnet_key: str, group_key: str, families: list[str]) -> Iterator[Reached]:
        for family in families:
            if any(subnet.urn in self.public[family] for subnet in self.sources(resource, subnet_key, SUBNET)):
                for who, way in self._let_in(resource, group_key, family):
                    yield Reached(_named(resource), who, way=f"{family}, {way}")

    def _let_in(self, resource: Resource, key: str, family: str) -> Iterator[tuple[str, str]]:
        """(who, by which rule) for each rule of its groups that lets somebody on the internet in."""
        groups = self.sources(resource, key, "aws:ec2/securityGroup:SecurityGroup")
        named = resource.inputs.get(key)
        named = named.get("securityGroups") if isinstance(named, dict) else named
        if not groups or len(named or ()) > len(groups):
            yield ANYBODY, "a security group that is not known"
        for group in groups:
            for rule in self.users(group, INGRESS, "securityGroupId"):
                yield from self._admitted_by(rule, family)
            for rule in self.users(group, "aws:ec2/securityGroupRule:SecurityGroupRule", "securityGroupId"):
                if rule.inputs.get("type") == "ingress":
                    yield ANYBODY, f"{rule.name} is a rule of the old kind"
            for rule in group.inputs.get("ingress") or []:
                yield ANYBODY, f"{group.name} has a rule inside: {rule}"

    def _admitted_by(self, rule: Resource, family: str) -> Iterator[tuple[str, str]]:
        block = rule.inputs.get("cidrIpv4" if family == "ipv4" else "cidrIpv6")
        if block and _is_of_the_internet(block):
            yield ANYBODY, f"{rule.name} admits {block}"
        if rule.inputs.get("prefixListId") == CLOUDFRONT_LIST[0] and self.only_cloudfronts_list:
            yield ANY_DISTRIBUTION, rule.name
        elif rule.inputs.get("prefixListId"):
            yield ANYBODY, f"{rule.name} admits a list that is not CloudFront's"

    def _listeners(self, balancer: Resource, who: str, way: str) -> Iterator[Reached]:
        for listener in self.users(balancer, "aws:lb/listener:Listener", "loadBalancerArn"):
            if any(action["type"] == "forward" for action in listener.inputs["defaultActions"]):
                yield Reached(_named(listener), who, way=way)
            for rule in self.users(listener, "aws:lb/listenerRule:ListenerRule", "listenerArn"):
                if any(action["type"] == "forward" for action in rule.inputs["actions"]):
                    yield Reached(_named(listener), who, _secret_of(rule), f"{way}, {rule.name}")

    # Endpoints of AWS.

    def endpoints(self) -> Iterator[Reached]:
        """What AWS itself puts on the internet."""
        for each in self.of("aws:cloudfront/distribution:Distribution"):
            yield Reached(_named(each), ANYBODY)
        yield from self._apis()
        for each in self.of("aws:lambda/functionUrl:FunctionUrl"):
            if each.inputs.get("authorizationType") != "AWS_IAM":
                yield Reached(_named(each), ANYBODY)
        for each in self.of("aws:lambda/permission:Permission"):
            principal, source = str(each.inputs.get("principal")), str(each.inputs.get("sourceArn", ""))
            if not principal.endswith(".amazonaws.com") or ACCOUNT not in source:
                yield Reached(_named(each), ANYBODY, way=f"{principal} {source}")
        for type_ in ("aws:s3/bucketPolicy:BucketPolicy", "aws:ecr/repositoryPolicy:RepositoryPolicy"):
            for each in self.of(type_):
                yield from self._admitted(each)
        for each in self.of("aws:s3/bucket:Bucket"):
            blocks = self.users(each, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "bucket")
            if not any(all(block.inputs.get(key) is True for key in BLOCKS) for block in blocks):
                yield Reached(_named(each), ANYBODY, way="public access is not blocked")

    def _apis(self) -> Iterator[Reached]:
        for api in self.of("aws:apigatewayv2/api:Api"):
            if api.inputs.get("target"):
                yield Reached(_named(api), ANYBODY, way="its short form")
            for route in self.users(api, "aws:apigatewayv2/route:Route", "apiId"):
                needs = ""
                for authorizer in self.sources(route, "authorizerId", "aws:apigatewayv2/authorizer:Authorizer"):
                    if self._compares_our_secret(authorizer):
                        needs = ", ".join(authorizer.inputs["identitySources"])
                if route.inputs.get("authorizationType") != "CUSTOM":
                    needs = ""
                yield Reached(_named(route), ANYBODY, needs, "execute-api")

    def _compares_our_secret(self, authorizer: Resource) -> bool:
        """Whether a function of the stack decides, by a value that is made up here and that nobody else knows."""
        functions = self.sources(authorizer, "authorizerUri", "aws:lambda/function:Function")
        return any(
            self.sources(each, "environment", "random:index/randomPassword:RandomPassword") for each in functions
        )

    def _admitted(self, policy: Resource) -> Iterator[Reached]:
        """What a resource's policy lets somebody do who is not a service acting for this account."""
        for statement in json.loads(policy.inputs["policy"])["Statement"]:
            principal = statement["Principal"]
            service = principal.get("Service") if isinstance(principal, dict) else None
            asks = ACCOUNT in json.dumps(statement.get("Condition", {}))
            owns_path = service == BALANCERS and f"/AWSLogs/{ACCOUNT}/" in json.dumps(statement.get("Resource", ""))
            if statement["Effect"] == "Allow" and not (service and (asks or owns_path)):
                yield Reached(_named(policy), ANYBODY, way=f"{principal} may {statement['Action']}")


INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
TABLE = "aws:ec2/routeTable:RouteTable"
DEFAULT_TABLE = "aws:ec2/defaultRouteTable:DefaultRouteTable"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
VPC = "aws:ec2/vpc:Vpc"
# Writes the logs of a balancer to a path with the number of the balancer's owner.
BALANCERS = "logdelivery.elasticloadbalancing.amazonaws.com"
EVERYWHERE = ("0.0.0.0/0", "::/0")
FAMILIES = {"ipv4": "destinationCidrBlock", "ipv6": "destinationIpv6CidrBlock"}
BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
ACCOUNT = "123456789012"
# Sources: RFC 1918; the last is the made-up block of the VPC.
INSIDE = [ip_network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "2600:1f18:abc:de00::/56")]


def _named(resource: Resource) -> str:
    return f"{resource.type.rpartition(':')[2]} {resource.name}"


def _is_of_the_internet(block: str) -> bool:
    """Whether a block holds addresses that are not a private network's, such as the VPC's own."""
    network = ip_network(block, strict=False)
    return not any(network.version == each.version and network.subnet_of(each) for each in INSIDE)


def _secret_of(rule: Resource) -> str:
    """The header, with a value that nobody can see, that a request must carry; empty if none has to be."""
    for condition in rule.inputs["conditions"]:
        header: dict[str, Any] = condition.get("httpHeader", {})
        if header.get("values") and all(value == {"$secret": True} for value in header["values"]):
            return header["httpHeaderName"]
    return ""


def _types(module: str, *names: str) -> set[str]:
    return {f"{module}/{name[0].lower()}{name[1:]}:{name}" for name in names}


KNOWN = {
    *_types("aws:acm", "Certificate", "CertificateValidation"),
    *_types("aws:apigatewayv2", "Api", "Authorizer", "Integration", "Route", "Stage"),
    *_types("aws:appautoscaling", "Policy", "Target"),
    *_types("aws:cloudfront", "Distribution", "Function", "KeyValueStore", "KeyvaluestoreKey", "OriginAccessControl"),
    *_types("aws:cloudfront", "ResponseHeadersPolicy", "VpcOrigin"),
    *_types("aws:cloudwatch", "LogDelivery", "LogDeliveryDestination", "LogDeliverySource", "LogGroup"),
    *_types("aws:ec2", "DefaultRouteTable", "DefaultSecurityGroup", "EgressOnlyInternetGateway", "Eip", "FlowLog"),
    *_types("aws:ec2", "Instance", "MainRouteTableAssociation"),
    *_types("aws:ec2", "InternetGateway", "NatGateway", "NetworkInterface", "Route", "RouteTable"),
    *_types("aws:ec2", "RouteTableAssociation", "SecurityGroup", "SecurityGroupRule", "Subnet", "Vpc", "VpcEndpoint"),
    *_types("aws:ecr", "LifecyclePolicy", "Repository", "RepositoryPolicy"),
    *_types("aws:ecs", "Cluster", "ClusterCapacityProviders", "Service", "TaskDefinition"),
    *_types("aws:iam", "InstanceProfile", "Role", "RolePolicy"),
    *_types("aws:lambda", "Alias", "Function", "FunctionUrl", "Permission"),
    *_types("aws:lb", "Listener", "ListenerRule", "LoadBalancer", "TargetGroup"),
    *_types("aws:route53", "Record"),
    *_types("aws:s3", "Bucket", "BucketLifecycleConfiguration", "BucketLogging", "BucketObjectv2", "BucketPolicy"),
    *_types("aws:s3", "BucketOwnershipControls", "BucketPublicAccessBlock", "BucketVersioning"),
    *_types("aws:s3", "BucketServerSideEncryptionConfiguration"),
    *_types("aws:scheduler", "Schedule"),
    *_types("aws:vpc", "SecurityGroupEgressRule", "SecurityGroupIngressRule"),
    *_types("aws:wafv2", "WebAcl", "WebAclLoggingConfiguration"),
    *("awsx:ecr:Image", "pulumi:providers:aws", "random:index/randomId:RandomId"),
    "random:index/randomPassword:RandomPassword",
}
"""Types of resource that are walked, or of which it is known that nothing on the internet reaches them."""
