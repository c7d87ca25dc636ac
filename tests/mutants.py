"""Mutants: a stack with one thing made worse, generated for every input of every resource.

An input is dropped, turned round, weakened, made secret, or emptied of one entry; a policy document is widened
statement by statement; a rule of a security group is opened; a guard, such as a bucket's public access block, is left
out; the distribution stops waiting for something. A mutant that no policy catches is fine only if `SURVIVORS` says why:
an input that is new is mutated too, until somebody does.
"""

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from engine.double.sdk import problems

from policies.graph import SECRET, Resource, Stack
from preflight.plan import short_type

ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Mutant:
    """A worse stack, and what is worse about it."""

    resource: str
    """Logical name of the one that is changed, or that the change is about."""
    type: str
    """Its type, short: `lb.Listener`."""
    what: str
    """What is worse."""
    stack: Stack


def mutants(stack: Stack) -> Iterator[Mutant]:
    """Every mutant of a stack."""
    for resource in stack:
        if resource.type.startswith(("aws:", "awsx:", "random:")):
            for what, worse in _worse(resource):
                yield _mutant(resource, what, _with(stack, worse))
            if short_type(resource.type) in GUARDS:
                yield _mutant(resource, "is left out", _without(stack, resource))
    for resource, what, added in (*_additions(stack), *_edge(stack)):
        yield _mutant(resource, what, _with(stack, added))
    yield from _impatient(stack)


def _mutant(resource: Resource, what: str, stack: Stack) -> Mutant:
    return Mutant(resource.name, short_type(resource.type), what, stack)


def _with(stack: Stack, worse: Resource) -> Stack:
    return Stack(stack.name, {**stack.resources, worse.urn: worse})


def _without(stack: Stack, gone: Resource) -> Stack:
    return Stack(stack.name, {urn: each for urn, each in stack.resources.items() if urn != gone.urn})


GUARDS = {
    *("ec2.FlowLog", "ec2.DefaultSecurityGroup", "s3.BucketPublicAccessBlock", "s3.BucketPolicy"),
    *("s3.BucketServerSideEncryptionConfiguration", "s3.BucketVersioning", "s3.BucketLogging"),
    *("s3.BucketOwnershipControls", "s3.BucketLifecycleConfiguration", "ecr.LifecyclePolicy"),
    *("wafv2.WebAclLoggingConfiguration", "cloudwatch.LogDelivery", "cloudwatch.LogDeliverySource"),
    *("acm.CertificateValidation", "lambda.Permission"),
}
"""Resources that are there to guard another one."""

# Source of what is weaker: the enumerations of botocore's service models, and the controls.
WEAKER: Mapping[str, tuple[Any, ...]] = {
    "authorizationType": ("NONE",),
    "viewerProtocolPolicy": ("allow-all",),
    "originProtocolPolicy": ("http-only", "match-viewer"),
    "minimumProtocolVersion": ("TLSv1", "TLSv1.1_2016"),
    "sslSupportMethod": ("vip",),
    "sslPolicy": ("ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-TLS13-1-0-2021-06"),
    "protocol": ("HTTP",),
    "desyncMitigationMode": ("monitor",),
    "imageTagMutability": ("MUTABLE", "IMMUTABLE_WITH_EXCLUSION"),
    "objectOwnership": ("ObjectWriter", "BucketOwnerPreferred"),
    "status": ("Suspended", "Disabled"),
    "signingBehavior": ("never", "no-override"),
    "trafficType": ("ACCEPT", "REJECT"),
    "keyAlgorithm": ("RSA_1024",),
    "validationMethod": ("EMAIL",),
    "networkMode": ("bridge", "host"),
    "httpTokens": ("optional",),
    "principal": ("*", "s3.amazonaws.com.evil.example", ACCOUNT),
    "sourceArn": ("*", "arn:aws:cloudfront::*:distribution/*", f"arn:aws:execute-api:us-east-1:{ACCOUNT}:*"),
    "identitySources": (["$request.header.accept"], ["$request.header.x-origin-secret", "$request.header.a"]),
    "authorizerType": ("JWT",),
    "imageUri": ("123456789012.dkr.ecr.us-east-1.amazonaws.com/repository:latest",),
    "runtime": ("python3.8", "nodejs14.x"),
    "image": ("123456789012.dkr.ecr.us-east-1.amazonaws.com/repository:latest",),
    "user": ("root", "0"),
    "mode": ("blocking",),
    "frameOption": ("ALLOW",),
    "contentSecurityPolicy": ("script-src 'unsafe-inline'", "default-src 'self' 'unsafe-eval'"),
    "accessControlMaxAgeSec": (0, 3600),
    "noncurrentDays": (365,),
    "daysAfterInitiation": (30,),
    "platformVersion": ("1.3.0",),
    "originSslProtocols": (["SSLv3"], ["TLSv1", "TLSv1.2"]),
    "httpHeaderName": ("user-agent",),
    "type": ("forward",),
    "length": (8,),
    "overrideAction": ({"count": {}},),
    "action": ("lambda:*", "lambda:UpdateFunctionCode", {"count": {}}),
    "cachePolicyId": ("658327ea-f89d-4fab-a63d-7e88639e58f6",),
    "eventType": ("viewer-response",),
    "retentionInDays": (1,),
    "environment": ([{"name": "DB_PASSWORD", "value": "sesame"}],),
    "variables": ({"DB_PASSWORD": "sesame"}, {"URL": "postgres://user:sesame@db/app"}),
}
"""What a value may be changed to, by its key."""

ADDED: Mapping[str, Mapping[str, Any]] = {
    "acm.Certificate": {"domainName": "*.example.com"},
    "apigatewayv2.Api": {"target": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:a"},
    "ec2.Instance": {"associatePublicIpAddress": True},
    "ecs.Cluster": {"configuration": {"executeCommandConfiguration": {"logging": "NONE"}}},
    "ecs.Service": {"platformVersion": "1.3.0"},
    "ecs.TaskDefinition": {"pidMode": "host"},
    "iam.Role": {
        "inlinePolicies": [{"name": "a", "policy": '{"Statement": [{"Effect": "Allow", "Action": "*"}]}'}],
        "managedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
    },
    "lambda.Function": {"vpcConfig": {"subnetIds": ["subnet-1"]}},
    "lb.TargetGroup": {"loadBalancingCrossZoneEnabled": "false"},
    "s3.Bucket": {"acl": "public-read"},
}
"""Inputs that somebody might set and should not, by type."""

_TOKENS = {"0.0.0.0/0": "cidrIpv4", "::/0": "cidrIpv6"}
_SOURCES = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
_DOCUMENTS = ("policy", "assumeRolePolicy")


def _worse(resource: Resource) -> Iterator[tuple[str, Resource]]:
    for key, value in resource.inputs.items():
        if value != SECRET:
            yield f"{key} is secret", replace(resource, inputs={**resource.inputs, key: SECRET})
    for what, changed in _changed(dict(resource.inputs), ""):
        if _is_taken(resource.type, changed):
            # What is not given comes from no other resource either.
            sources = {key: urns for key, urns in resource.property_dependencies.items() if key in changed}
            yield what, replace(resource, inputs=changed, property_dependencies=sources)
    for key, value in ADDED.get(short_type(resource.type), {}).items():
        yield f"{key} is set", replace(resource, inputs={**resource.inputs, key: value})
    for key in sorted(resource.property_dependencies.keys() & resource.inputs.keys()):
        others = {name: urns for name, urns in resource.property_dependencies.items() if name != key}
        yield f"{key} is somebody else's", replace(resource, property_dependencies=others)
        for what, value in _joined(resource.inputs[key], key):
            yield what, replace(resource, inputs={**resource.inputs, key: value})
    if "SecurityGroupIngressRule" in resource.type or "SecurityGroupEgressRule" in resource.type:
        yield from _opened(resource)
    for key in _DOCUMENTS:
        document = _parsed(resource.inputs.get(key))
        if isinstance(document, dict) and "Statement" in document:
            for what, wider in _widened(document, trust=key == "assumeRolePolicy"):
                yield f"{key}: {what}", replace(resource, inputs={**resource.inputs, key: json.dumps(wider)})


def _is_taken(type_: str, inputs: dict[str, Any]) -> bool:
    """Whether the SDK takes these inputs: nobody can leave out what it requires."""
    return not any(problem == "is required" for _, problem in problems(type_, inputs))


def _changed(value: Any, at: str) -> Iterator[tuple[str, Any]]:
    """(what, the value with it changed): each key dropped, turned round, weakened, or changed further inside."""
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield f"{at}[{index}] is dropped", value[:index] + value[index + 1 :]
            for what, changed in _changed(inner, f"{at}[{index}]"):
                yield what, [*value[:index], changed, *value[index + 1 :]]
    elif isinstance(value, dict) and not any(key.startswith("$") for key in value):
        for key, inner in value.items():
            path = f"{at}.{key}" if at else key
            if inner not in (False, 0, "", [], {}, None):  # without those it is as with them
                yield f"{path} is dropped", {name: each for name, each in value.items() if name != key}
            for what, changed in (*_weaker(key, inner, path), *_inside(key, inner, path)):
                yield what, {**value, key: changed}


def _joined(value: Any, at: str) -> Iterator[tuple[str, Any]]:
    """(what, the value with a stranger in it) for each list of names."""
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        yield f"{at} is joined by somebody else's", [*value, "somebody-elses"]
    elif isinstance(value, dict):
        for key, inner in value.items():
            for what, changed in _joined(inner, f"{at}.{key}"):
                yield what, {**value, key: changed}


def _weaker(key: str, value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, bool):
        yield f"{path} is {not value}", not value
    for weaker in WEAKER.get(key, ()):
        if type(weaker) is type(value) and value not in WEAKER[key]:
            yield f"{path} is {weaker}", weaker


def _inside(key: str, value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if key != "containerDefinitions":
        yield from _changed(value, path)
        return
    for what, changed in _changed(_parsed(value), path):
        yield what, json.dumps(changed)


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _opened(rule: Resource) -> Iterator[tuple[str, Resource]]:
    inputs = {key: value for key, value in rule.inputs.items() if key not in _SOURCES}
    is_inbound = "Ingress" in rule.type
    for address, key in _TOKENS.items():
        every = {**inputs, key: address, "ipProtocol": "-1", "fromPort": None, "toPort": None}
        if is_inbound:
            yield f"admits {address}", replace(rule, inputs={**inputs, key: address})
            yield (
                f"admits {address} on 22",
                replace(rule, inputs={**inputs, key: address, "fromPort": 22, "toPort": 22}),
            )
        yield f"lets everything through, {address}", replace(rule, inputs=every)
    if is_inbound:
        somebody = {**inputs, "cidrIpv4": "198.51.100.0/24"}
        yield "admits a literal address", replace(rule, inputs=somebody, property_dependencies={})
        stranger = {**inputs, "referencedSecurityGroupId": "111111111111/sg-0abc"}
        sources = {key: urns for key, urns in rule.property_dependencies.items() if key not in _SOURCES}
        yield "admits another account's group", replace(rule, inputs=stranger, property_dependencies=sources)
        half = {**inputs, "cidrIpv4": "0.0.0.0/1"}
        yield "admits half of the internet", replace(rule, inputs=half)


def _widened(document: dict[str, Any], *, trust: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    for index, statement in enumerate(document["Statement"]):
        for what, wider in _wider(statement, trust=trust):
            changed = copy.deepcopy(document)
            if wider is None:
                del changed["Statement"][index]
            else:
                changed["Statement"][index] = wider
            yield f"statement {index} {what}", changed


def _wider(statement: dict[str, Any], *, trust: bool) -> Iterator[tuple[str, dict[str, Any] | None]]:
    if statement["Effect"] == "Deny":
        yield "is left out", None
        yield "no longer denies", {**statement, "Effect": "Allow"}
        return
    if not trust:
        first = statement["Action"][0] if isinstance(statement["Action"], list) else statement["Action"]
        yield "allows everything", {**statement, "Action": "*"}
        yield "allows a whole service", {**statement, "Action": [f"{first.partition(':')[0]}:*"]}
        also = "s3:PutBucketPolicy" if "Principal" in statement else "IAM:PassRole"
        yield f"also allows {also}", {**statement, "Action": [*_listed(statement["Action"]), also]}
        if "Principal" not in statement:
            code = [*_listed(statement["Action"]), "lambda:UpdateFunctionCode"]
            yield "also changes what another runs", {**statement, "Action": code}
            interface = {"Action": "ec2:DeleteNetworkInterface", "Resource": ["*"]}
            yield "is about other machines instead", {**statement, **interface}
        named = [each for each in statement.get("Resource", []) if each != "*"]
        if named and "Principal" not in statement:
            yield "reaches everything", {**statement, "Resource": ["*"]}
            for each in named:
                parts = each.split(":", 5)
                yield "reaches every name", {**statement, "Resource": [":".join([*parts[:5], "*"])]}
                yield "reaches every account", {**statement, "Resource": [":".join([*parts[:4], "*", parts[5]])]}
    if trust:
        service = statement["Principal"]["Service"]
        yield (
            "is for another service too",
            {**statement, "Principal": {"Service": [service, "codebuild.amazonaws.com"]}},
        )
        workflows = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"}
        yield "is for every workflow", {**statement, "Principal": workflows}
    if "Principal" in statement:
        yield "is for everybody", {**statement, "Principal": "*"}
        yield "is for every account", {**statement, "Principal": {"AWS": "*"}}
        yield "is for another account", {**statement, "Principal": {"AWS": "arn:aws:iam::999999999999:root"}}
    conditions = statement.get("Condition", {})
    guards = [
        key for block in conditions.values() for key in block if key.lower() in ("aws:sourceaccount", "aws:sourcearn")
    ]
    if conditions:
        yield "has no condition", {key: value for key, value in statement.items() if key != "Condition"}
    if guards:
        foreign = json.dumps(conditions).replace(ACCOUNT, "999999999999")
        yield "is for a foreign account", {**statement, "Condition": json.loads(foreign)}
        if any(key.lower() == "aws:sourcearn" for key in guards):
            loose = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
            yield "is for whatever this account has", {**statement, "Condition": loose}
        anybody = {how: dict.fromkeys(block, "*") for how, block in conditions.items()}
        yield "is for any source", {**statement, "Condition": anybody}
        negated = {f"{how}IfExists": block for how, block in conditions.items()}
        yield "asks only if there is something to ask", {**statement, "Condition": negated}


def _additions(stack: Stack) -> Iterator[tuple[Resource, str, Resource]]:
    """What somebody might add to a resource and should not: (the resource, what, what is added)."""

    def new(type_: str, key: str, to: Resource, **inputs: Any) -> Resource:
        urn = f"urn:pulumi:{stack.name}::switchyard::{type_}::added"
        return Resource(urn=urn, type=type_, name="added", inputs=inputs, property_dependencies={key: [to.urn]})

    for group in stack.of_type("aws:ec2/securityGroup:SecurityGroup"):
        for address, key in _TOKENS.items():
            about = {"ipProtocol": "tcp", "fromPort": 8080, "toPort": 8080, "description": "a", key: address}
            type_ = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
            yield group, f"admits {address}", new(type_, "securityGroupId", group, **about)
        if not stack.users(group, "aws:lb/loadBalancer:LoadBalancer", "securityGroups"):  # there it is as it should be
            about = {"ipProtocol": "tcp", "fromPort": 8080, "toPort": 8080, "prefixListId": "pl-3b927c52"}
            yield group, "admits CloudFront", new(type_, "securityGroupId", group, description="a", **about)
    for role in stack.of_type("aws:iam/role:Role"):
        about = {"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
        for type_ in ("rolePolicyAttachment:RolePolicyAttachment", "policyAttachment:PolicyAttachment"):
            yield role, f"is an administrator by {type_}", new(f"aws:iam/{type_}", "role", role, **about)
    for function in stack.of_type("aws:lambda/function:Function"):
        url = new("aws:lambda/functionUrl:FunctionUrl", "functionName", function, authorizationType="NONE")
        yield function, "has an open URL", url
        about = {"principal": "*", "action": "lambda:InvokeFunction"}
        yield (
            function,
            "may be called by everybody",
            new("aws:lambda/permission:Permission", "function", function, **about),
        )
    for api in stack.of_type("aws:apigatewayv2/api:Api"):
        about = {"routeKey": "GET /open", "authorizationType": "NONE"}
        yield api, "has an open route", new("aws:apigatewayv2/route:Route", "apiId", api, **about)
    for bucket in stack.of_type("aws:s3/bucket:Bucket"):
        yield bucket, "has a public ACL", new("aws:s3/bucketAcl:BucketAcl", "bucket", bucket, acl="public-read")
    for listener in stack.of_type("aws:lb/listener:Listener"):
        forward = {"type": "forward", "targetGroupArn": "a"}
        about = {"actions": [forward], "conditions": [{"pathPattern": {"values": ["/*"]}}]}
        yield (
            listener,
            "has a rule without the secret",
            new("aws:lb/listenerRule:ListenerRule", "listenerArn", listener, **about),
        )


def _fewer(rules: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Rules of a firewall that look at fewer requests."""
    seen = rules[0]["visibilityConfig"]
    first = {"name": "first", "priority": -1, "action": {"allow": {}}, "visibilityConfig": seen}
    yield "lets a country pass", [{**first, "statement": {"geoMatchStatement": {"countryCodes": ["US"]}}}, *rules]
    for index, rule in enumerate(rules):
        for kind, statement in rule["statement"].items():
            some = {**statement, "scopeDownStatement": {"geoMatchStatement": {"countryCodes": ["AQ"]}}}
            changed = {**rule, "statement": {kind: some}}
            yield f"{rule['name']} is for one country", [*rules[:index], changed, *rules[index + 1 :]]
            if kind == "rateBasedStatement":
                often = {**rule, "statement": {kind: {**statement, "limit": 2_000_000_000}}}
                yield "limits nobody", [*rules[:index], often, *rules[index + 1 :]]


def _edge(stack: Stack) -> Iterator[tuple[Resource, str, Resource]]:
    """A distribution that asks somebody else, or says a word that can be guessed; a firewall that looks at less."""
    strangers = (
        {"originId": "evil", "domainName": "evil.s3.amazonaws.com", "originAccessControlId": "E1"},
        {"originId": "evil", "domainName": "evil.example.com", "customOriginConfig": {"httpPort": 80}},
    )
    word = [{"name": "x-origin-secret", "value": "sesame"}]
    for cdn in stack.of_type("aws:cloudfront/distribution:Distribution"):
        own = cdn.inputs["origins"]
        guessed = [{**each, "customHeaders": word} if each.get("customHeaders") else each for each in own]
        for what, origins in {
            **{f"asks {each['domainName']}": [*own, each] for each in strangers},
            "says a word": guessed,
        }.items():
            if origins != own:
                yield cdn, what, replace(cdn, inputs={**cdn.inputs, "origins": origins})
    for acl in stack.of_type("aws:wafv2/webAcl:WebAcl"):
        for what, rules in _fewer(acl.inputs["rules"]):
            yield acl, what, replace(acl, inputs={**acl.inputs, "rules": rules})


BEHIND = {
    *("apigatewayv2.Route", "apigatewayv2.Stage", "apigatewayv2.Integration", "lambda.FunctionUrl", "lambda.Alias"),
    *("lambda.Permission", "lb.Listener", "lb.ListenerRule", "ecs.Service", "cloudfront.VpcOrigin", "s3.BucketPolicy"),
}
"""What a request needs once CloudFront has sent it on."""


def _impatient(stack: Stack) -> Iterator[Mutant]:
    """Nothing waits for one of the things behind the distribution."""
    for needed in stack:
        if short_type(needed.type) in BEHIND and needed.type.startswith("aws:") and needed.name != "logs-policy":
            resources = {
                urn: replace(each, depends_on=[before for before in each.depends_on if before != needed.urn])
                for urn, each in stack.resources.items()
            }
            yield _mutant(needed, "is not waited for", Stack(stack.name, resources))


REFUSED = "AWS refuses it: the update fails"
CLOSED = "less works, and nobody gets further in"
DEFAULT = "AWS's default is the same"
BETTER = "it is no worse"
PROTECTED = "the setting protect decides, and keeps it all the same"
UNSEEN = "nobody gets in by it, and no policy reads it"
MONEY = "it costs more, or less"
JUDGED = "what it says is judged, wherever it comes from"

SURVIVORS: dict[str, dict[str, str]] = {
    CLOSED: {
        "acm.Certificate": "region",
        "acm.CertificateValidation": "region, validationRecordFqdns*",
        "apigatewayv2.Authorizer": "enableSimpleResponses, enableSimpleResponses is False, "
        "authorizerPayloadFormatVersion, authorizerResultTtlInSeconds",
        "apigatewayv2.Integration": "*",
        "apigatewayv2.Route": "target",
        "apigatewayv2.Stage": "autoDeploy, autoDeploy is False, name",
        "appautoscaling.Policy": "*",
        "cloudfront.Distribution": "aliases*, defaultCacheBehavior.allowedMethods*, "
        "defaultCacheBehavior.cachedMethods*, defaultCacheBehavior.cachePolicyId, defaultCacheBehavior.compress, "
        "defaultCacheBehavior.compress is False, enabled is False, httpVersion, isIpv6Enabled, isIpv6Enabled is False, "
        "orderedCacheBehaviors, orderedCacheBehaviors(), orderedCacheBehaviors().allowedMethods*, "
        "orderedCacheBehaviors().cachedMethods*, orderedCacheBehaviors().compress is True, "
        "orderedCacheBehaviors().originRequestPolicyId, origins(), origins().connection*, "
        "origins().*Config.origin*Timeout, waitForDeployment, "
        "waitForDeployment is False, retainOnDelete is True",
        "cloudfront.Function": "keyValueStoreAssociations*, publish, publish is False",
        "cloudwatch.LogDelivery": "region, s3DeliveryConfigurations*",
        "cloudwatch.LogDeliveryDestination": "*",
        "cloudwatch.LogDeliverySource": "name, region",
        "cloudwatch.LogGroup": "namePrefix, region",
        "ec2.Instance": "ami, iamInstanceProfile, instanceType, maintenanceOptions*, primaryNetworkInterface",
        "ec2.InternetGateway": "vpcId",
        "ec2.NetworkInterface": "sourceDestCheck is True",
        "ec2.Route": "*",
        "ec2.RouteTableAssociation": "subnetId",
        "ec2.Subnet": "assignIpv6AddressOnCreation, assignIpv6AddressOnCreation is False, availabilityZone, "
        "cidrBlock, ipv6CidrBlock",
        "ec2.Vpc": "*, * is False",
        "ec2.VpcEndpoint": "serviceName, vpcEndpointType, routeTableIds is joined by somebody else's",
        "ecr.Image": "*",
        "ecs.ClusterCapacityProviders": "*",
        "ecs.Service": "availabilityZoneRebalancing, capacityProviderStrategies*, cluster, deployment*, desiredCount, "
        "enableEcsManagedTags, forceNewDeployment, healthCheckGracePeriodSeconds, loadBalancers*, propagateTags, "
        "networkConfiguration.subnets(), taskDefinition, waitForSteadyState, waitForSteadyState is False, "
        "deploymentCircuitBreaker.* is False, enableEcsManagedTags is False, forceNewDeployment is False, "
        "networkConfiguration.assignPublicIp is False, networkConfiguration.subnets is joined by somebody else's",
        "ecs.TaskDefinition": "containerDefinitions(), containerDefinitions().environment*, "
        "containerDefinitions().essential, containerDefinitions().essential is False, "
        "containerDefinitions().linuxParameters.tmpfs, "
        "containerDefinitions().linuxParameters.tmpfs(), containerDefinitions().linuxParameters.tmpfs().containerPath, "
        "containerDefinitions().linuxParameters.tmpfs().size, "
        "containerDefinitions().linuxParameters.tmpfs().mountOptions(), "
        "containerDefinitions().logConfiguration.options.awslogs-*, containerDefinitions().name, "
        "containerDefinitions().portMappings*, containerDefinitions().stopTimeout, cpu, executionRoleArn, memory, "
        "requiresCompatibilities*, runtimePlatform*",
        "iam.InstanceProfile": "role",
        "lambda.Alias": "name",
        "lambda.Function": "architectures*, code, environment, environment.variables, environment.variables.*, "
        "handler, memorySize, publish, publish is False, timeout",
        "lambda.FunctionUrl": "invokeMode",
        "lambda.Permission": "is left out, qualifier, functionUrlAuthType",
        "lb.Listener": "port, defaultActions().fixedResponse*",
        "lb.LoadBalancer": "enableHttp2, enableHttp2 is False, idleTimeout",
        "lb.TargetGroup": "deregistrationDelay, healthCheck.port, healthCheck.protocol, port, targetType, "
        "vpcId, protocol",
        "random.RandomId": "keepers*",
        "route53.Record": "aliases*, allowOverwrite, allowOverwrite is False, records*, ttl",
        "s3.Bucket": "bucketPrefix",
        "s3.BucketObjectv2": "*",
        "scheduler.Schedule": "*, flexibleTimeWindow.mode is blocking",
        "wafv2.WebAcl": "region",
        "wafv2.WebAclLoggingConfiguration": "logDestinationConfigs(), region",
    },
    REFUSED: {
        "acm.Certificate": "domainName",
        "cloudfront.Distribution": "viewerCertificate.cloudfrontDefaultCertificate is False, "
        "defaultCacheBehavior.*Methods is joined by somebody else's",
        "cloudfront.Function": "runtime is nodejs14.x or python3.8",
        "ecs.TaskDefinition": "containerDefinitions().portMappings().protocol is HTTP",
        "lambda.Function": "tracingConfig.mode is blocking",
        "route53.Record": "type is forward",
        "lb.Listener": "certificateArn, defaultActions()",
        "lb.ListenerRule": "actions*, priority",
        "lb.LoadBalancer": "accessLogs.prefix",
        "wafv2.WebAcl": "rules().statement.managedRuleGroupStatement.ruleActionOverrides().actionToUse",
        "ec2.FlowLog": "iamRoleArn",
        "ec2.NatGateway": "availabilityMode, vpcId",
        "vpc.SecurityGroupEgressRule": "cidrIpv4, cidrIpv6, referencedSecurityGroupId",
    },
    DEFAULT: {
        "acm.Certificate": "keyAlgorithm, options*",
        "cloudfront.Distribution": "viewerCertificate.cloudfrontDefaultCertificate",
        "ec2.FlowLog": "logDestinationType",
        "ec2.Instance": "metadataOptions.httpEndpoint, metadataOptions.httpPutResponseHopLimit",
        "ec2.Eip": "domain",
        "ec2.SecurityGroup": "vpcId",
        "ecr.Repository": "encryptionConfigurations*",
        "ecs.Cluster": "settings*",
        "lambda.Function": "tracingConfig*",
        "lb.Listener": "protocol",
        "lb.LoadBalancer": "desyncMitigationMode, ipAddressType, loadBalancerType, accessLogs",
        "wafv2.WebAcl": "rules().statement.rateBasedStatement.evaluationWindowSec",
    },
    BETTER: {
        "cloudfront.KeyvaluestoreKey": "value is secret",
        "cloudfront.OriginAccessControl": "description",
        "cloudfront.ResponseHeadersPolicy": "securityHeadersConfig.*.override is True, "
        "securityHeadersConfig.contentTypeOptions.override is False, "
        "securityHeadersConfig.strictTransportSecurity.includeSubdomains is True",
        "cloudwatch.LogDelivery": "s3DeliveryConfigurations().enableHiveCompatiblePath is True",
        "ec2.NetworkInterface": "description",
        "random.RandomPassword": "special is True",
        "route53.Record": "aliases().evaluateTargetHealth is True",
        "ecs.Service": "networkConfiguration.assignPublicIp",
        "lb.LoadBalancer": "enableDeletionProtection is True, accessLogs.enabled is True",
        "wafv2.WebAcl": "rules().statement.managedRuleGroupStatement.ruleActionOverrides, "
        "rules().statement.managedRuleGroupStatement.ruleActionOverrides()",
        "ec2.*": "tags*",
    },
    PROTECTED: {
        "ecr.Repository": "forceDelete, forceDelete is False or True",
        "s3.Bucket": "forceDestroy, forceDestroy is False or True",
    },
    UNSEEN: {"ecr.Image": "* is secret", "random.*": "* is secret"},
    MONEY: {
        "cloudfront.Distribution": "priceClass",
        "ec2.FlowLog": "maxAggregationInterval",
        "ec2.Instance": "rootBlockDevice.volumeType",
        "lambda.Function": "loggingConfig.systemLogLevel",
        "s3.BucketLifecycleConfiguration": "rules().expiration*, rules().expiration.expiredObjectDeleteMarker is False",
        "wafv2.WebAclLoggingConfiguration": "loggingFilter",
    },
}
"""Why it is fine that no policy catches a change: for each reason, by type, what becomes of which inputs, `*` for any
text; of an input alone, that it is dropped."""
_ELSEWHERE: dict[str, dict[str, str]] = {
    CLOSED: {
        "apigatewayv2.*": "apiId",
        "apigatewayv2.Route": "target",
        "appautoscaling.*": "resourceId, scalableDimension, serviceNamespace",
        "cloudwatch.LogDelivery*": "name",
        "ec2.*": "vpcId",
        "ec2.Eip": "networkInterface",
        "ec2.Instance": "primaryNetworkInterface",
        "ec2.NetworkInterface": "subnetId",
        "ec2.Route": "egressOnlyGatewayId, gatewayId, natGatewayId, networkInterfaceId, routeTableId",
        "ec2.RouteTableAssociation": "routeTableId, subnetId",
        "ec2.Subnet": "ipv6CidrBlock",
        "ec2.VpcEndpoint": "subnetIds",
        "ecr.Image": "repositoryUrl",
        "ecr.RepositoryPolicy": "repository",
        "ecs.ClusterCapacityProviders": "clusterName",
        "ecs.Service": "cluster",
        "lambda.Alias": "functionName, functionVersion",
        "lambda.FunctionUrl": "functionName, qualifier",
        "lambda.Permission": "function, qualifier",
        "lb.Listener": "loadBalancerArn",
        "lb.ListenerRule": "listenerArn",
        "lb.LoadBalancer": "subnets",
        "lb.TargetGroup": "vpcId",
        "s3.BucketObjectv2": "bucket",
    },
    REFUSED: {
        "acm.CertificateValidation": "validationRecordFqdns",
        "cloudfront.Distribution": "viewerCertificate",
        "lb.Listener": "certificateArn",
    },
    JUDGED: {
        "cloudfront.Function": "code",
        "cloudfront.KeyvaluestoreKey": "value",
        "ecr.RepositoryPolicy": "policy",
        "ecs.TaskDefinition": "containerDefinitions, family",
        "iam.RolePolicy": "policy",
        "lambda.Function": "imageUri",
        "route53.Record": "name, records, type",
        "s3.BucketPolicy": "policy",
        "wafv2.WebAcl": "visibilityConfig",
    },
}
"""Why it is fine that an input comes from somebody else, in the same way."""
for _reason, _types in _ELSEWHERE.items():
    for _type, _keys in _types.items():
        _said = SURVIVORS.setdefault(_reason, {})
        _entries = [f"{each} is somebody else's or joined by somebody else's" for each in _keys.split(", ")]
        _said[_type] = ", ".join([*filter(None, [_said.get(_type)]), *_entries])


def may_survive(mutant: Mutant) -> tuple[str, str, str] | None:
    """Why it is fine that no policy catches this mutant, and where that is said: (reason, type, entry); else None."""
    path, _, value = re.sub(r"\[\d+\]", "()", mutant.what).partition(" is ")
    value = value or "dropped"
    return next(
        (
            (reason, type_, each)
            for reason, types in SURVIVORS.items()
            for type_, entries in types.items()
            if fnmatchcase(mutant.type, type_)
            for each in entries.split(", ")
            if _fits(each, path, value)
        ),
        None,
    )


def _fits(entry: str, path: str, value: str) -> bool:
    """Whether an entry of `SURVIVORS` is about this input becoming this value."""
    where, _, what = entry.partition(" is ")
    return fnmatchcase(path, where) and value in (what or "dropped").split(" or ")
