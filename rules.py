"""Rules that look at more than one key, or at what AWS would refuse later.

Each rule is a function from the settings to its refusals, and says which top-level keys it reads: it is left
out when one of those was refused already. Limits of one component are asked of its Args class, not repeated.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from components._bounded import BOUNDARY
from components._checks import InvalidArgs
from components._domains import domain_name
from components.application_load_balancer import ApplicationLoadBalancerArgs
from components.container_image import ContainerImageArgs
from components.distribution import DistributionArgs
from components.fargate_service import SUBNETS, FargateServiceArgs
from components.lambda_function import LambdaFunctionArgs
from components.origin import Origin
from components.static_site import StaticSiteArgs
from components.vpc import ZONES, ExistingVpc, VpcArgs, zones_in
from components.web_acl import WebAclArgs
from parity import Demand, Topology, capability, shortfalls
from refusals import Refusal, from_args, shown

if TYPE_CHECKING:
    from settings import Settings

Rule = Callable[["Settings"], Iterator[Refusal]]
_RULES: list[tuple[frozenset[str], Rule]] = []


def _rule(*keys: str) -> Callable[[Rule], Rule]:
    def add(rule: Rule) -> Rule:
        _RULES.append((frozenset(keys), rule))
        return rule

    return add


def check(settings: "Settings", *, unless: Collection[str] = ()) -> list[Refusal]:
    """What the rules refuse, of the keys that are not in `unless`: those were refused already.

    A rule is left out when a key that it names was refused, or what that lies in. Of a list or a map only the refused
    entries are missing, so the others can be judged.
    """
    found = [
        refusal
        for keys, rule in _RULES
        if not any(_within(key, refused) for key in keys for refused in unless)
        for refusal in rule(settings)
    ]
    for asked in _asked(settings):
        found += asked.refusals(settings, unless)
    return [each for each in found if not any(_within(each.key, refused) for refused in unless)]


def _within(path: str, outer: str) -> bool:
    """Whether one path is the other, or lies inside it."""
    return path == outer or path.startswith((f"{outer}.", f"{outer}["))


def _wanted(settings: "Settings") -> tuple[Topology, ...]:
    """The topologies the configuration is for, also while there is no image."""
    return ("serverless", "container") if settings.standby else (settings.topology,)


@_rule("standby", "standbyTraffic")
def standby_traffic_needs_a_standby(settings: "Settings") -> Iterator[Refusal]:
    if settings.standby_traffic and not settings.standby:
        yield Refusal(
            key="standbyTraffic",
            got=str(settings.standby_traffic),
            allowed="0 while standby is false",
            change="set standby to true first, or standbyTraffic to 0",
        )


@_rule("permissionsBoundary")
def a_boundary_is_a_policy_of_an_account(settings: "Settings") -> Iterator[Refusal]:
    boundary = settings.permissions_boundary
    if boundary is not None and not re.fullmatch(BOUNDARY, boundary):
        allowed = "the ARN of an account's own policy, such as arn:aws:iam::123456789012:policy/switchyard/dev/boundary"
        yield Refusal(key="permissionsBoundary", got=shown(boundary), allowed=allowed)


# Source: https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html (a first name of 64)
_CERTIFICATE_NAME = 64
_ORIGIN_PREFIX = "origin."


@_rule("domain.name", "domain.zone", "topology", "standby")
def domain_lies_in_its_zone_and_fits_a_certificate(settings: "Settings") -> Iterator[Refusal]:
    if not (domain := settings.domain):
        return
    names = {"domain.name": domain.name, "domain.zone": domain.zone}
    if problems := [problem for key, name in names.items() if (problem := domain_name(key, name))]:
        yield from (from_args(each, {key: key for key in names}) for each in problems)
        return
    if domain.name != domain.zone and not domain.name.endswith(f".{domain.zone}"):
        change = f"choose a name that ends in .{domain.zone}, or the zone that the name lies in"
        yield Refusal(
            key="domain.name", got=shown(domain.name), allowed=f"a name in domain.zone {domain.zone}", change=change
        )
    has_origin_name = "container" in _wanted(settings)
    longest = _CERTIFICATE_NAME - (len(_ORIGIN_PREFIX) if has_origin_name else 0)
    if len(domain.name) > longest:
        why = f", since {_ORIGIN_PREFIX}<name> must fit a certificate too" if has_origin_name else ""
        allowed = f"at most {longest} characters{why}"
        yield Refusal(key="domain.name", got=f"{len(domain.name)} characters", allowed=allowed)


@_rule("container.loadBalancer", "domain", "topology", "standby")
def public_balancer_needs_a_domain(settings: "Settings") -> Iterator[Refusal]:
    if "container" in _wanted(settings) and settings.container.load_balancer == "public" and not settings.domain:
        yield Refusal(
            key="container.loadBalancer",
            got="public",
            allowed="internal while there is no domain: a public balancer needs a name for its certificate",
            change="set domain, or container.loadBalancer to internal",
        )


@_rule("serverless.frontDoor", "topology", "standby")  # of what the service asks, a default is never too much
def every_topology_can_do_what_the_service_asks(settings: "Settings") -> Iterator[Refusal]:
    service = settings.service
    demand = Demand(
        needs=service.needs,
        max_request_seconds=service.max_request_seconds,
        max_body_mb=service.max_body_mb,
        max_response_mb=service.max_response_mb,
        max_headers_kb=service.max_headers_kb,
        methods=service.methods,
        clients_hash_bodies=service.clients_hash_bodies,
    )
    for topology in _wanted(settings):
        for each in shortfalls(demand, capability(topology, settings.serverless.front_door)):
            yield Refusal(key=each.key, got=shown(each.got), allowed=each.limit, change=each.ways_out)


# use1-az3 takes no VPC origin. The other zones that don't are closed to new accounts, and not counted by zones_in.
_ZONES_LEFT_OUT = {"us-east-1": 1}


@_rule("network.zones", "network.existing", "aws:region")
def zones_are_there(settings: "Settings") -> Iterator[Refusal]:
    network = settings.network
    if network.existing:
        return
    there = zones_in(settings.aws.region) - _ZONES_LEFT_OUT.get(settings.aws.region, 0)
    if there < network.zones <= ZONES[1]:
        allowed = f"at most {there} in {settings.aws.region}"
        yield Refusal(key="network.zones", got=str(network.zones), allowed=allowed, change="lower network.zones")


@_rule("network.existing", "container.loadBalancer", "topology", "standby")
def an_existing_network_is_enough_and_alone(settings: "Settings") -> Iterator[Refusal]:
    network = settings.network
    if not network.existing:
        return
    for name in sorted(network.model_fields_set - {"existing"}):
        key = f"network.{type(network).model_fields[name].alias}"
        got = shown(getattr(network, name))
        yield Refusal(key=key, got=got, allowed="nothing beside network.existing", change=f"remove {key}")
    if "container" not in _wanted(settings):
        return
    kind = settings.container.load_balancer
    subnets = {
        "privateSubnetIds": network.existing.private_subnet_ids,
        "publicSubnetIds": network.existing.public_subnet_ids,
    }
    balancers = "privateSubnetIds" if kind == "internal" else "publicSubnetIds"
    tasks = "privateSubnetIds" if subnets["privateSubnetIds"] else "publicSubnetIds"
    limits = {
        tasks: (*SUBNETS, "for tasks"),
        balancers: (*ZONES, f"each in another zone, for a balancer that is {kind}"),
    }
    for where, (least, most, why) in limits.items():
        if not least <= len(subnets[where]) <= most:
            yield Refusal(
                key=f"network.existing.{where}",
                got=f"{len(subnets[where])} of them",
                allowed=f"{least} to {most}, {why}",
                change="name those that the balancer and the tasks are to be in",
            )


@_rule("network.nat", "network.existing", "service.secrets", "aws:region", "topology", "standby")
def endpoints_reach_the_secrets(settings: "Settings") -> Iterator[Refusal]:
    """An interface endpoint leads to its own region, and there is no other way out."""
    if "container" not in _wanted(settings) or settings.network.existing or settings.network.nat != "endpoints":
        return
    for name, arn in settings.service.secrets.items():
        region = arn.split(":")[3]
        if region != settings.aws.region:
            yield Refusal(
                key=f"service.secrets.{name}",
                got=f"a secret in {region}",
                allowed=f"one in {settings.aws.region} while network.nat is endpoints, which lead nowhere else",
                change="replicate it to that region, or choose another network.nat",
            )


@_rule("service.paths", "service.healthCheckPath", "site")
def the_health_check_reaches_the_service(settings: "Settings") -> Iterator[Refusal]:
    """Beside a site it would be answered by the site's page, with 200, whether or not the service lives."""
    path, patterns = settings.service.health_check_path, settings.service.paths
    # CloudFront's * and ? are those of fnmatch, whose brackets no pattern may have.
    if settings.site and patterns and not any(fnmatchcase(path.partition("?")[0], each) for each in patterns):
        yield Refusal(
            key="service.healthCheckPath",
            got=shown(path),
            allowed="with site, a path that a pattern in service.paths matches",
            change=f"add {path.partition('?')[0]} to service.paths",
        )


# Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
_TAGS_PER_RESOURCE = 50
_TAG_KEY = r"[\w .:/=+\-@]{1,128}"
_TAG_VALUE = r"[\w .:/=+\-@]{0,256}"
_OWN_TAGS = ("project", "stack")
_NAME_TAG = "Name"


@_rule("tags")
def tags_are_what_aws_takes(settings: "Settings") -> Iterator[Refusal]:
    beside = (*_OWN_TAGS, _NAME_TAG)
    if len({*settings.tags, *beside}) > _TAGS_PER_RESOURCE:
        most = _TAGS_PER_RESOURCE - len(beside)
        allowed = f"at most {most} beside {', '.join(beside[:-1])} and {beside[-1]}, which what is in a network has"
        yield Refusal(key="tags", got=f"{len(settings.tags)} tags", allowed=allowed)
    first = {name.casefold(): name for name in reversed(settings.tags)}
    for name, value in settings.tags.items():
        if name.casefold() in _OWN_TAGS or name.casefold().startswith("aws:"):
            allowed = "any name but project and stack, which the program sets, and aws:*, which is AWS's, in any case"
            yield Refusal(key=f"tags.{name}", got=shown(value), allowed=allowed, change="rename the tag")
        elif name != first[name.casefold()]:
            # Source: TagRole in https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagRole.html
            allowed = f"a name that differs from {first[name.casefold()]} in more than case, as IAM wants it"
            yield Refusal(key=f"tags.{name}", got=shown(value), allowed=allowed, change="remove one of them")
        elif not re.fullmatch(_TAG_KEY, name):
            yield Refusal(key="tags", got=shown(name), allowed="names of 1 to 128 letters, digits, spaces and _.:/=+-@")
        if not re.fullmatch(_TAG_VALUE, value):
            allowed = "at most 256 letters, digits, spaces and _.:/=+-@"
            yield Refusal(key=f"tags.{name}", got=shown(value), allowed=allowed)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """An Args class to ask: the configuration's key for each of its fields, and what else it needs."""

    args: Any
    keys: Mapping[str, str]
    besides: Mapping[str, Any] = field(default_factory=dict)

    def refusals(self, settings: "Settings", unless: Collection[str]) -> Iterator[Refusal]:
        """What the class refuses. A key refused already keeps the class's default, and nothing more is said of it."""
        left_out = {name for name, key in self.keys.items() if any(_within(key, refused) for refused in unless)}
        required = {each.name for each in fields(self.args) if each.default is each.default_factory is MISSING}
        given = self.keys.keys() - (left_out - required)  # what stands in for a required one is in the settings
        try:
            self.args(**{name: _value_at(settings, self.keys[name]) for name in given}, **self.besides)
        except InvalidArgs as error:
            for problem in error.problems:
                if not any(re.search(rf"\b{name}\b", problem) for name in left_out):
                    yield from_args(problem, self.keys)


def _value_at(settings: "Settings", key: str) -> Any:
    """The value at a camelCase path such as `container.scaling.cpuPercent`."""
    value: Any = settings
    for step in key.split("."):
        name = next(name for name, each in type(value).model_fields.items() if each.alias == step)
        value = getattr(value, name)
    return value


_ID: Any = object()  # stands for what only AWS knows; as with an Output, the Args classes don't look into it
_RUN = {"environment": "service.environment", "secrets": "service.secrets"}
_HEALTH = {"health_check_path": "service.healthCheckPath"}
_ALWAYS = (
    _Asked(
        args=LambdaFunctionArgs,
        keys={
            "memory_size_mb": "serverless.memoryMb",
            "provisioned_concurrency": "serverless.provisionedConcurrency",
            "reserved_concurrency": "serverless.reservedConcurrency",
            "snap_start": "serverless.snapStart",
            "log_retention_days": "logs.retentionDays",
        },
        besides={"image_uri": _ID},
    ),
    _Asked(
        args=FargateServiceArgs,
        keys={
            "container_port": "service.port",
            "cpu": "container.cpu",
            "memory_mib": "container.memoryMb",
            "min_tasks": "container.minTasks",
            "max_tasks": "container.maxTasks",
            "cpu_target_percent": "container.scaling.cpuPercent",
            "requests_per_task": "container.scaling.requestsPerTask",
            "response_time_ms": "container.scaling.responseTimeMs",
            "egress_ports": "container.egressPorts",
            "log_retention_days": "logs.retentionDays",
            **_RUN,
        },
        besides={
            "image_uri": _ID,
            "vpc_id": _ID,
            "subnet_ids": (_ID, _ID),
            "target_group_arn": _ID,
            "load_balancer_security_group_id": _ID,
            "load_balancer_arn_suffix": _ID,
            "target_group_arn_suffix": _ID,
        },
    ),
    _Asked(
        args=ApplicationLoadBalancerArgs,
        keys=_HEALTH,
        besides={"vpc_id": _ID, "subnet_ids": (_ID, _ID), "origin_secrets": (_ID,)},
    ),
    _Asked(
        args=WebAclArgs,
        keys={"requests_per_5_minutes": "waf.requestsPer5Minutes", "managed_groups": "waf.managedGroups"},
    ),
    _Asked(
        args=DistributionArgs,
        keys={"paths": "service.paths"},
        besides={
            "service_origins": (Origin(id="service", domain_name=_ID),),
            "active": "service",
            "site": Origin(id="site", domain_name=_ID),
        },
    ),
)
# What only Lambda refuses of the service: its runtime's own port, more than 4 KB of environment.
_SERVERLESS = _Asked(
    args=LambdaFunctionArgs, keys={"port": "service.port", **_RUN, **_HEALTH}, besides={"image_uri": _ID}
)
_OWN_NETWORK = _Asked(args=VpcArgs, keys={"cidr_block": "network.cidr", "zones": "network.zones"})
_EXISTING_NETWORK = _Asked(
    args=ExistingVpc,
    keys={
        "vpc_id": "network.existing.vpcId",
        "public_subnet_ids": "network.existing.publicSubnetIds",
        "private_subnet_ids": "network.existing.privateSubnetIds",
    },
)
_IMAGE = _Asked(args=ContainerImageArgs, keys={"source": "image"}, besides={"repository_url": _ID})
_SITE = _Asked(args=StaticSiteArgs, keys={"directory": "site.directory"})


def _asked(settings: "Settings") -> Iterator[_Asked]:
    """The Args classes to ask. What a half is made of is asked also while it is not deployed: it may be tomorrow."""
    yield from _ALWAYS
    if "serverless" in _wanted(settings):
        yield _SERVERLESS
    yield _EXISTING_NETWORK if settings.network.existing else _OWN_NETWORK
    if settings.image != "none":
        yield _IMAGE
    if settings.site:
        yield _SITE
