"""Values AWS would compute, made up: recognisable, of the right shape, and the same every time.

Without them a policy document or a container definition that names another resource would be one big
unknown, and nobody could judge it. A type that is missing here gets an id, an ARN and a name; a property
that is missing stays unknown, and the recording shows it as such.
"""

import hashlib
from contextlib import suppress
from typing import Any

ACCOUNT = "123456789012"
"""The account number AWS's own documentation uses."""

_REMOTE = {
    "awsx:ecr:Image": {"imageUri": "{repositoryUrl}:{imageTag}@sha256:{tagged64}"},
}

_IDS = {
    "aws:ec2/eip:Eip": "eipalloc-{hex17}",
    "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": "eigw-{hex17}",
    "aws:ec2/flowLog:FlowLog": "fl-{hex17}",
    "aws:ec2/instance:Instance": "i-{hex17}",
    "aws:ec2/internetGateway:InternetGateway": "igw-{hex17}",
    "aws:ec2/natGateway:NatGateway": "nat-{hex17}",
    "aws:ec2/networkInterface:NetworkInterface": "eni-{hex17}",
    "aws:ec2/routeTable:RouteTable": "rtb-{hex17}",
    "aws:ec2/securityGroup:SecurityGroup": "sg-{hex17}",
    "aws:ec2/subnet:Subnet": "subnet-{hex17}",
    "aws:ec2/vpc:Vpc": "vpc-{hex17}",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "vpce-{hex17}",
    "aws:lambda/alias:Alias": "arn:aws:lambda:{region}:{account}:function:{functionName}:{name}",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "sgr-{hex17}",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "sgr-{hex17}",
    "aws:acm/certificate:Certificate": "arn:aws:acm:{region}:{account}:certificate/{uuid}",
    "aws:acm/certificateValidation:CertificateValidation": "{certificateArn}",
    "aws:apigatewayv2/api:Api": "{hex10}",
    "aws:apigatewayv2/authorizer:Authorizer": "{hex6}",
    "aws:apigatewayv2/integration:Integration": "{hex7}",
    "aws:apigatewayv2/route:Route": "{hex7}",
    "aws:cloudfront/distribution:Distribution": "E{HEX13}",
    "aws:cloudfront/keyValueStore:KeyValueStore": "{uuid}",
    "aws:cloudfront/originAccessControl:OriginAccessControl": "E{HEX13}",
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": "{uuid}",
    "aws:cloudfront/vpcOrigin:VpcOrigin": "vo_{hex22}",
    "aws:ecs/service:Service": "arn:aws:ecs:{region}:{account}:service/{physical}",
    "aws:route53/zone:Zone": "Z{HEX13}",
    "aws:wafv2/webAcl:WebAcl": "{uuid}",
    "pulumi:providers:aws": "{uuid}",
}

_ELB = "arn:aws:elasticloadbalancing:{region}:{account}"
_LAMBDA = "arn:aws:lambda:{region}:{account}:function"
_COMPUTED: dict[str, dict[str, Any]] = {
    "aws:acm/certificate:Certificate": {
        "arn": "{id}",
        "domainValidationOptions": [
            {
                "domainName": "{domainName}",
                "resourceRecordName": "_{hex32}.{domainName}.",
                "resourceRecordType": "CNAME",
                "resourceRecordValue": "_{hex31}.acm-validations.aws.",
            }
        ],
    },
    "aws:apigatewayv2/api:Api": {
        "apiEndpoint": "https://{id}.execute-api.{region}.amazonaws.com",
        "arn": "arn:aws:apigateway:{region}::/apis/{id}",
        "executionArn": "arn:aws:execute-api:{region}:{account}:{id}",
    },
    "aws:apigatewayv2/stage:Stage": {
        "invokeUrl": "https://{apiId}.execute-api.{region}.amazonaws.com/",
        "executionArn": "arn:aws:execute-api:{region}:{account}:{apiId}/{name}",
    },
    "aws:appautoscaling/policy:Policy": {
        "arn": "arn:aws:autoscaling:{region}:{account}:scalingPolicy:{uuid}:policyName/{physical}"
    },
    "aws:cloudfront/distribution:Distribution": {
        "arn": "arn:aws:cloudfront::{account}:distribution/{id}",
        "domainName": "d{hex13}.cloudfront.net",
        "hostedZoneId": "Z2FDTNDATAQYW2",
    },
    "aws:cloudfront/function:Function": {"arn": "arn:aws:cloudfront::{account}:function/{physical}"},
    "aws:cloudfront/keyValueStore:KeyValueStore": {"arn": "arn:aws:cloudfront::{account}:key-value-store/{id}"},
    "aws:cloudfront/vpcOrigin:VpcOrigin": {"arn": "arn:aws:cloudfront::{account}:vpcorigin/{id}"},
    "aws:cloudwatch/logGroup:LogGroup": {"arn": "arn:aws:logs:{region}:{account}:log-group:{physical}"},
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": {
        "arn": "arn:aws:logs:{region}:{account}:delivery-destination:{physical}"
    },
    "aws:ec2/eip:Eip": {"allocationId": "{id}", "publicIp": "203.0.113.{octet}"},
    "aws:ec2/instance:Instance": {"primaryNetworkInterfaceId": "eni-{hex17}"},
    "aws:ec2/natGateway:NatGateway": {"routeTableId": "rtb-{hex17}"},
    "aws:ec2/subnet:Subnet": {"arn": "arn:aws:ec2:{region}:{account}:subnet/{id}"},
    "aws:ec2/vpc:Vpc": {
        "arn": "arn:aws:ec2:{region}:{account}:vpc/{id}",
        "defaultSecurityGroupId": "sg-{hex17}",
        "defaultRouteTableId": "rtb-{hex17}",
        "ipv6CidrBlock": "2600:1f18:abc:de00::/56",
    },
    "aws:ecr/repository:Repository": {
        "arn": "arn:aws:ecr:{region}:{account}:repository/{physical}",
        "registryId": "{account}",
        "repositoryUrl": "{account}.dkr.ecr.{region}.amazonaws.com/{physical}",
    },
    "aws:ecs/cluster:Cluster": {"arn": "arn:aws:ecs:{region}:{account}:cluster/{physical}"},
    "aws:ecs/service:Service": {"arn": "{id}"},
    "aws:ecs/taskDefinition:TaskDefinition": {
        "arn": "arn:aws:ecs:{region}:{account}:task-definition/{family}:1",
        "arnWithoutRevision": "arn:aws:ecs:{region}:{account}:task-definition/{family}",
        "revision": 1,
    },
    "aws:iam/role:Role": {
        "arn": "arn:aws:iam::{account}:role/{physical}",
        "uniqueId": "AROA{HEX17}",
    },
    "aws:iam/instanceProfile:InstanceProfile": {"arn": "arn:aws:iam::{account}:instance-profile/{physical}"},
    "aws:lambda/alias:Alias": {
        "arn": _LAMBDA + ":{functionName}:{name}",
        "invokeArn": "arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/"
        + _LAMBDA
        + ":{functionName}:{name}/invocations",
    },
    "aws:lambda/function:Function": {
        "arn": _LAMBDA + ":{physical}",
        "invokeArn": "arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/"
        + _LAMBDA
        + ":{physical}/invocations",
        "qualifiedArn": _LAMBDA + ":{physical}:1",
        "version": "1",
    },
    "aws:lambda/functionUrl:FunctionUrl": {
        "functionArn": _LAMBDA + ":{functionName}",
        "functionUrl": "https://{hex32}.lambda-url.{region}.on.aws/",
        "urlId": "{hex32}",
    },
    "aws:lb/listener:Listener": {"arn": _ELB + ":listener/app/{name}/{hex16}/{hex17}"},
    "aws:lb/loadBalancer:LoadBalancer": {
        "arn": _ELB + ":loadbalancer/app/{physical}/{hex16}",
        "arnSuffix": "app/{physical}/{hex16}",
        "dnsName": "{physical}-{octet}.{region}.elb.amazonaws.com",
        "zoneId": "Z35SXDOTRQ7X7K",
    },
    "aws:lb/targetGroup:TargetGroup": {
        "arn": _ELB + ":targetgroup/{physical}/{hex16}",
        "arnSuffix": "targetgroup/{physical}/{hex16}",
    },
    "aws:route53/record:Record": {"fqdn": "{name}"},
    "aws:route53/zone:Zone": {
        "arn": "arn:aws:route53:::hostedzone/{id}",
        "nameServers": ["ns-1.awsdns-01.org", "ns-2.awsdns-02.co.uk"],
        "zoneId": "{id}",
    },
    "aws:s3/bucket:Bucket": {
        "arn": "arn:aws:s3:::{physical}",
        "bucket": "{physical}",
        "bucketDomainName": "{physical}.s3.amazonaws.com",
        "bucketRegionalDomainName": "{physical}.s3.{region}.amazonaws.com",
    },
    "aws:wafv2/webAcl:WebAcl": {
        "arn": "arn:aws:wafv2:{region}:{account}:global/webacl/{physical}/{id}",
        "capacity": 900,
    },
    "random:index/randomPassword:RandomPassword": {"result": "{hex64}"},
    "random:index/randomId:RandomId": {"hex": "{hex16}", "b64Url": "{hex11}"},
}
_GENERIC = {"arn": "arn:aws:{service}:{region}:{account}:{physical}", "name": "{physical}"}
_NAMED_BY = {"aws:s3/bucket:Bucket": "bucket"}


def outputs(resource: Any, region: str) -> dict[str, Any]:
    """What the provider would add to this resource's inputs, `id` included where it is a custom resource."""
    words = _words(resource, region)
    if not resource.custom:
        return _known(_REMOTE.get(resource.type, {}), words) if resource.remote else {}
    words.update(_known({"id": _IDS.get(resource.type, "{physical}")}, words))
    words["service"] = resource.type.split(":")[1].split("/")[0]
    return {"id": words.get("id", ""), **_known({**_GENERIC, **_COMPUTED.get(resource.type, {})}, words)}


def image_digest(urn: str, tag: str) -> str:
    """The digest of the image that a component builds: another one for another tag, as its tag is of its content."""
    return hashlib.sha256(f"{urn}:{tag}".encode()).hexdigest()


def urn_digest(urn: str) -> str:
    """The 64 hex digits of which each id and name of a resource has some; all have the first six."""
    return hashlib.sha256(urn.encode()).hexdigest()


def _words(resource: Any, region: str) -> dict[str, str]:
    """What the patterns above may name: the resource's own text inputs, and hex digits from its URN."""
    digest = urn_digest(resource.urn)
    texts = {key: value for key, value in resource.inputs.items() if isinstance(value, str)}
    hexes = {f"hex{size}": digest[:size] for size in (6, 7, 10, 11, 13, 16, 17, 22, 31, 32, 64)}
    prefix = texts.get("namePrefix", f"{resource.name}-")
    physical = texts.get(_NAMED_BY.get(resource.type, "name")) or prefix + digest[:7]
    return {
        "name": resource.name,
        "region": region,
        **texts,
        **hexes,
        **{key.upper(): value.upper() for key, value in hexes.items()},
        "tagged64": image_digest(resource.urn, texts.get("imageTag", "")),
        "account": ACCOUNT,
        "octet": str(int(digest[:2], 16)),
        "physical": physical,
        "uuid": "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32])),
    }


def _known(patterns: dict[str, Any], words: dict[str, str]) -> dict[str, Any]:
    """The patterns filled in, but for one that names an input nobody knows: that one stays unknown too."""
    known = {}
    for key, pattern in patterns.items():
        with suppress(KeyError):
            known[key] = _fill(pattern, words)
    return known


def _fill(pattern: Any, words: dict[str, str]) -> Any:
    if isinstance(pattern, str):
        return pattern.format_map(words)
    if isinstance(pattern, dict):
        return {key: _fill(value, words) for key, value in pattern.items()}
    if isinstance(pattern, list):
        return [_fill(value, words) for value in pattern]
    return pattern


# Source: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
ZONE_ID_PREFIXES = {
    "ap-northeast-1": "apne1",
    "ap-south-1": "aps1",
    "ap-southeast-1": "apse1",
    "ap-southeast-2": "apse2",
    "ca-central-1": "cac1",
    "eu-central-1": "euc1",
    "eu-north-1": "eun1",
    "eu-west-1": "euw1",
    "eu-west-2": "euw2",
    "eu-west-3": "euw3",
    "sa-east-1": "sae1",
    "us-east-1": "use1",
    "us-east-2": "use2",
    "us-west-1": "usw1",
    "us-west-2": "usw2",
}
_ZONES = {"ap-northeast-2": "abcd", "us-east-1": "abcdef", "us-west-2": "abcd"}


def _availability_zones(args: dict[str, Any], region: str) -> dict[str, Any]:
    region = args.get("region", region)
    prefix = ZONE_ID_PREFIXES.get(region, region.replace("-", ""))
    ids = {f"{prefix}-az{n}": f"{region}{letter}" for n, letter in enumerate(_ZONES.get(region, "abc"), 1)}
    kept = {id_: name for id_, name in ids.items() if id_ not in args.get("excludeZoneIds", [])}
    return {"id": region, "names": list(kept.values()), "zoneIds": list(kept), "groupNames": [region]}


def lookup(token: str, args: dict[str, Any], region: str) -> dict[str, Any]:  # noqa: PLR0911 - one per look-up
    """What a look-up would answer. LookupError for one that nobody has thought of: a guess would hide it."""
    match token:
        case "aws:index/getCallerIdentity:getCallerIdentity":
            arn = f"arn:aws:iam::{ACCOUNT}:user/preflight"
            return {"accountId": ACCOUNT, "arn": arn, "id": ACCOUNT, "userId": "AIDAPREFLIGHT"}
        case "aws:index/getRegion:getRegion":
            return {"id": region, "region": region, "name": region, "description": region, "endpoint": ""}
        case "aws:index/getPartition:getPartition":
            return {
                "id": "aws",
                "partition": "aws",
                "dnsSuffix": "amazonaws.com",
                "reverseDnsPrefix": "com.amazonaws",
            }
        case "aws:index/getAvailabilityZones:getAvailabilityZones":
            return _availability_zones(args, region)
        case "aws:ec2/getAmi:getAmi":
            return {
                "id": "ami-0123456789abcdef0",
                "imageId": "ami-0123456789abcdef0",
                "architecture": "arm64",
            }
        case "aws:ec2/getManagedPrefixList:getManagedPrefixList":
            return {
                "id": "pl-3b927c52",
                "name": args.get("name", ""),
                "arn": f"arn:aws:ec2:{region}:aws:prefix-list/pl-3b927c52",
            }
        case "aws:route53/getZone:getZone":
            zone = hashlib.sha256(str(args.get("name")).encode()).hexdigest()[:13].upper()
            return {
                "id": f"Z{zone}",
                "zoneId": f"Z{zone}",
                "name": args.get("name", ""),
                "privateZone": False,
            }
        case _:
            raise LookupError(f"the program looks up {token}, and preflight has no made-up answer for it")
