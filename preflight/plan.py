"""Plan: what a recording means for a person. Counts, the component tree, what deserves attention, the next step."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_network
from itertools import groupby
from typing import Any

from preflight.recording import Recording, Resource


@dataclass(frozen=True, kw_only=True)
class Branch:
    """One line of the component tree: a resource, or several of one kind that have no children."""

    kind: str
    names: tuple[str, ...]
    is_component: bool
    children: tuple["Branch", ...] = ()


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All that the terminal view says about one stack."""

    project: str
    stack: str
    topology: str | None
    counts: dict[str, int]
    """Resources by kind, the most frequent first; components are not counted."""
    components: int
    protected: int
    tree: tuple[Branch, ...]
    attention: tuple[str, ...]
    outputs: dict[str, Any]
    """Those that hold something, without `next_step`."""
    next_step: str


def plan(recording: Recording, topology: str | None) -> Plan:
    """Sum up one stack's recording."""
    ours = [each for each in recording if each.is_ours]
    counts = Counter(kind(each) for each in ours if not _is_component(each))
    outputs = {key: value for key, value in recording.outputs.items() if value not in ("", None, [], {})}
    next_step = outputs.pop("next_step", None)
    return Plan(
        project=recording.project,
        stack=recording.stack,
        topology=topology,
        counts=dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))),
        components=sum(_is_component(each) for each in ours),
        protected=sum(each.options.protect for each in ours if not _is_component(each)),
        tree=_tree(recording),
        attention=attention(recording),
        outputs=outputs,
        next_step=next_step if isinstance(next_step, str) else f"pulumi up --stack {recording.stack}",
    )


def kind(resource: Resource) -> str:
    """The type, short enough to read: `ec2.Subnet`, `random.RandomPassword`, `Vpc` for a component of ours."""
    return resource.type.rpartition(":")[2] if _is_component(resource) else short_type(resource.type)


def short_type(type_: str) -> str:
    """A custom resource's type token, short enough to read: `ec2.Subnet`."""
    package, module, name = type_.split(":")
    service = module.partition("/")[0]
    return f"{package if service == 'index' else service}.{name}"


def _is_component(resource: Resource) -> bool:
    # A remote component is built by its plugin: from here it is one thing, not a group.
    return not resource.custom and not resource.remote


def _tree(recording: Recording) -> tuple[Branch, ...]:
    children: dict[str, list[Resource]] = {}
    for each in recording:
        if each.is_ours:
            children.setdefault(each.parent if each.parent in recording.resources else "", []).append(each)

    def holds(resource: Resource) -> bool:
        return _is_component(resource) or resource.urn in children

    def branches(urn: str, name: str) -> tuple[Branch, ...]:
        # The child that bears the component's own name is what the component is about: it comes first.
        found = sorted(
            children.get(urn, []), key=lambda each: (each.name != name, not holds(each), kind(each), each.name)
        )
        runs = [list(run) for _, run in groupby(found, lambda each: (kind(each), each.urn if holds(each) else ""))]
        return tuple(
            Branch(
                kind=kind(run[0]),
                names=tuple(each.name for each in run),
                is_component=_is_component(run[0]),
                children=branches(run[0].urn, run[0].name),
            )
            for run in runs
        )

    return branches("", "")


def attention(recording: Recording) -> tuple[str, ...]:
    """What a reader should know before `pulumi up`, one sentence or two each."""
    found = [line for look in _LOOKS for line in look(recording)]
    return tuple(dict.fromkeys(found))


def public_distributions(recording: Recording) -> list[str]:
    """Where the whole internet comes in on purpose, and what stands in front of that."""
    return [
        f"{_named(each)} answers the whole internet{_without_firewall(each)}{_with_old_tls(each)}."
        for each in recording.of_type("aws:cloudfront/distribution:Distribution")
    ]


def _without_firewall(distribution: Resource) -> str:
    return "" if distribution.inputs.get("webAclId") else ", with no firewall in front (switchyard:waf.mode)"


def _with_old_tls(distribution: Resource) -> str:
    certificate = distribution.inputs.get("viewerCertificate")
    own_name = isinstance(certificate, dict) and certificate.get("cloudfrontDefaultCertificate") is True
    return "; without a domain AWS takes TLS 1.0 from viewers, too" if own_name else ""


def public_load_balancers(recording: Recording) -> list[str]:
    """Balancers with an address on the internet."""
    types = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
    return [
        f"{_named(each)} has an address on the internet: only its security groups decide who gets through."
        for type_ in types
        for each in recording.of_type(type_)
        if each.inputs.get("internal") is not True
    ]


def open_function_urls(recording: Recording) -> list[str]:
    """Function URLs that ask for no signature."""
    return [
        f"{_named(each)} answers whoever finds its address (authorization type NONE)."
        for each in recording.of_type("aws:lambda/functionUrl:FunctionUrl")
        if each.inputs.get("authorizationType") == "NONE"
    ]


def open_api_routes(recording: Recording) -> list[str]:
    """API routes without an authorizer, one line for each API."""
    routes: dict[str, list[str]] = {}
    for each in recording.of_type("aws:apigatewayv2/route:Route"):
        if each.inputs.get("authorizationType", "NONE") == "NONE":
            api = _first_dependency(recording, each, "apiId")
            owner = _named(api) if api else f"API {each.inputs.get('apiId')}"
            routes.setdefault(owner, []).append(str(each.inputs.get("routeKey")))
    for each in recording.of_type("aws:apigatewayv2/api:Api"):
        if "target" in each.inputs:  # the short form makes a route of its own, and can give it no authorizer
            routes.setdefault(_named(each), []).append(str(each.inputs.get("routeKey", "$default")))
    return [
        f"{owner} answers whoever finds its address, also past CloudFront: no authorizer on {', '.join(sorted(keys))}."
        for owner, keys in routes.items()
    ]


def open_security_groups(recording: Recording) -> list[str]:
    """Inbound rules that admit every address there is, wherever the rule is written."""
    lines = []
    for each in recording:
        for rule in _inbound_rules(each):
            addresses = [cidr for cidr in rule["cidrs"] if _is_everyone(cidr)]
            if addresses:
                who = f"the whole internet ({', '.join(addresses)})"
                lines.append(f"{_named(each)} lets {who} in on {_ports(rule)}.")
    return lines


_GROUPS = ("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")


def _inbound_rules(resource: Resource) -> list[dict[str, Any]]:
    """The resource's inbound rules in one shape, of the three that pulumi_aws has for them."""
    inputs = resource.inputs
    if resource.type == "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule":
        cidrs = [inputs[key] for key in ("cidrIpv4", "cidrIpv6") if key in inputs]
        return [{**inputs, "protocol": inputs.get("ipProtocol"), "cidrs": cidrs}]
    rules: Any = []
    if resource.type == "aws:ec2/securityGroupRule:SecurityGroupRule" and inputs.get("type") == "ingress":
        rules = [inputs]
    elif resource.type in _GROUPS:
        rules = inputs.get("ingress")
    if not isinstance(rules, list):  # unknown, or secret
        return []
    return [
        {**rule, "cidrs": [cidr for key in ("cidrBlocks", "ipv6CidrBlocks") for cidr in _list(rule.get(key))]}
        for rule in rules
        if isinstance(rule, dict)
    ]


def _is_everyone(cidr: Any) -> bool:
    """True for 0.0.0.0/0 and ::/0, however they are spelt."""
    try:
        return ip_network(cidr, strict=False).prefixlen == 0
    except ValueError:  # also for an unknown, which is no text
        return False


def _ports(rule: dict[str, Any]) -> str:
    low, high = rule.get("fromPort"), rule.get("toPort")
    if rule.get("protocol") in ("-1", -1, "all") or low is None:
        return "every port"
    return f"port {low}" if low == high else f"ports {low} to {high}"


_DELETED_WITH_CONTENT = {
    "aws:s3/bucket:Bucket": "forceDestroy",
    "aws:s3/bucketV2:BucketV2": "forceDestroy",
    "aws:ecr/repository:Repository": "forceDelete",
}


def lost_data(recording: Recording) -> list[str]:
    """What holds data and is deleted with all of it."""
    names = [
        _named(each)
        for type_, flag in _DELETED_WITH_CONTENT.items()
        for each in recording.of_type(type_)
        if each.inputs.get(flag) is True and not (each.options.protect or each.options.retain_on_delete)
    ]
    if not names:
        return []
    things = ", ".join(names)
    return [f"pulumi destroy deletes these and all that is in them: {things}. switchyard:protect: true keeps them."]


def lost_logs(recording: Recording) -> list[str]:
    """Log groups that go with what writes them."""
    groups = recording.of_type("aws:cloudwatch/logGroup:LogGroup")
    names = [each.name for each in groups if not (each.options.protect or each.options.retain_on_delete)]
    if not names:
        return []
    return [f"Logs go with what writes them, when a half is dropped or the stack destroyed: {', '.join(names)}."]


def plain_http(recording: Recording) -> list[str]:
    """Listeners without TLS, but for one that only sends callers to HTTPS."""
    return [
        f"{_named(each)} speaks HTTP: the way from CloudFront to the app is not encrypted, and an app that insists on "
        "HTTPS would redirect for ever. With a domain it gets a certificate."
        for type_ in ("aws:lb/listener:Listener", "aws:alb/listener:Listener")
        for each in recording.of_type(type_)
        if _is_plain_http(each)
    ]


def _is_plain_http(listener: Resource) -> bool:
    if listener.inputs.get("protocol", "HTTP" if listener.inputs.get("port") == 80 else "") != "HTTP":
        return False
    actions = _list(listener.inputs.get("defaultActions"))
    return not actions or not all(_sends_to_https(each) for each in actions)


def _sends_to_https(action: Any) -> bool:
    redirect = action.get("redirect") if isinstance(action, dict) else None
    return isinstance(redirect, dict) and redirect.get("protocol") == "HTTPS"


def logged(recording: Recording) -> list[str]:
    """The program's own warnings, each on one line."""
    return sorted(" ".join(text.split()) for severity, text in recording.logs if severity in ("warning", "error"))


_LOOKS: tuple[Callable[[Recording], list[str]], ...] = (
    public_distributions,
    public_load_balancers,
    open_function_urls,
    open_api_routes,
    open_security_groups,
    lost_data,
    lost_logs,
    plain_http,
    logged,
)


def _named(resource: Resource) -> str:
    return f"{kind(resource)} {resource.name}"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _first_dependency(recording: Recording, resource: Resource, key: str) -> Resource | None:
    """The recorded resource that this input comes from."""
    urns = resource.options.property_dependencies.get(key, ())
    return next((recording.resources[urn] for urn in urns if urn in recording.resources), None)
