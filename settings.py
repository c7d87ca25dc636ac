"""Settings: one environment's configuration, typed, checked and frozen. The only reader of `pulumi.Config`.

Defaults and limits are the components' own: a default stands in an Args class and nowhere else. Whatever is
wrong is refused together, before any resource is registered, one line each.
"""

import copy
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import pulumi
import pydantic
from pulumi.runtime import config as runtime_config
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

import rules
from aws_keys import AwsKeys, read_aws_keys
from components._fargate import MEMORY_MIB
from components._logs import RETENTION_DAYS
from components.application_load_balancer import ApplicationLoadBalancerArgs
from components.distribution import DistributionArgs
from components.fargate_service import CPU_TARGET_PERCENT, PORT, RESPONSE_TIME_MS, TASKS, FargateServiceArgs
from components.lambda_function import MEMORY_SIZE_MB, LambdaFunctionArgs
from components.vpc import ZONES, VpcArgs
from components.web_acl import REQUESTS_PER_5_MINUTES, WebAclArgs
from config_json import read_json
from parity import FrontDoor, Need, Topology
from refusals import NOT_SHOWN, Refusal, from_pydantic, unwritable

NAMESPACE = "switchyard"
LARGEST = 2**31 - 1
"""No number of AWS's that is set here is larger; beyond, it would not even arrive whole."""


class _Keys(BaseModel):
    """camelCase in YAML, snake_case in Python; unknown keys and wrong types are refused, never converted."""

    # Not `use_attribute_docstrings`: pydantic would read this file once a class, at each start. stack_schema does it.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, alias_generator=to_camel)

    @pydantic.field_validator("*")
    @classmethod
    def _fits(cls, value: Any) -> Any:
        if isinstance(value, int) and abs(value) > LARGEST:
            raise ValueError(f"{LARGEST} or less")
        return value


def _limited(default: Any, limits: tuple[int, int]) -> Any:
    """A whole number; its limits stand in the schema for editors and readers, the component's Args enforce them."""
    return Field(default=default, json_schema_extra={"minimum": limits[0], "maximum": limits[1]})


def _one_of(default: int, allowed: Iterable[int]) -> Any:
    """As _limited, for a number out of a list."""
    return Field(default=default, json_schema_extra={"enum": list(allowed)})


class Domain(_Keys):
    name: str
    """The public name of the service."""
    zone: str
    """The existing public Route 53 zone the name lies in."""


class Service(_Keys):
    port: int = _limited(LambdaFunctionArgs.port, PORT)
    """Port the image listens on."""
    health_check_path: str = LambdaFunctionArgs.health_check_path
    """Path that answers 200..399 when the service is well, without asking its dependencies."""
    paths: tuple[str, ...] = tuple(DistributionArgs.paths)
    """With `site`: the path patterns that go to the service, unchanged."""
    methods: Literal["read", "all"] = DistributionArgs.methods
    """`read`: GET, HEAD and OPTIONS only."""
    environment: dict[str, str] = {}
    """Environment variables of the image."""
    secrets: dict[str, str] = {}
    """Name to Secrets Manager or SSM parameter ARN; the image gets `<NAME>_SECRET_ARN` and the right to read it."""
    needs: tuple[Need, ...] = ()
    """What the service can't do without; refused where a topology lacks it."""
    max_request_seconds: int = Field(default=29, ge=1, le=119)
    """The longest request, in seconds; every timeout on the way is derived from it."""
    max_body_mb: int = Field(default=1, ge=0)
    """The largest request body, in MB."""
    max_response_mb: int = Field(default=4, ge=0)
    """The largest response, in MB."""
    max_headers_kb: int = Field(default=8, ge=1)
    """Request line and headers together, in KB."""
    clients_hash_bodies: bool = False
    """Clients send the SHA-256 of each body in `x-amz-content-sha256`."""


class Serverless(_Keys):
    memory_mb: int = _limited(LambdaFunctionArgs.memory_size_mb, MEMORY_SIZE_MB)
    """Memory of the function in MB; CPU grows with it."""
    front_door: FrontDoor = "httpApi"
    """What CloudFront calls: an HTTP API, or a Function URL (longer requests and streaming, bodies hashed)."""
    provisioned_concurrency: int = LambdaFunctionArgs.provisioned_concurrency
    """Instances kept warm, each paid by the hour."""
    reserved_concurrency: int | None = LambdaFunctionArgs.reserved_concurrency
    """Most instances at once; absent: the account's limit."""
    snap_start: bool = LambdaFunctionArgs.snap_start
    """Start from a snapshot; the image must allow it by a label."""
    tracing: bool = LambdaFunctionArgs.tracing
    """X-Ray traces, $5.00 per million beyond 100,000 a month."""


class Scaling(_Keys):
    cpu_percent: int = _limited(FargateServiceArgs.cpu_target_percent, CPU_TARGET_PERCENT)
    """Average CPU to hold, in percent."""
    requests_per_task: int | None = FargateServiceArgs.requests_per_task
    """Requests a minute and task to hold; absent: not a reason to scale."""
    response_time_ms: int | None = _limited(FargateServiceArgs.response_time_ms, RESPONSE_TIME_MS)
    """Response time to hold, in milliseconds; absent: not a reason to scale."""


class Container(_Keys):
    cpu: int = _one_of(FargateServiceArgs.cpu, MEMORY_MIB)
    """CPU units of a task; 1024 are one vCPU."""
    memory_mb: int = FargateServiceArgs.memory_mib
    """Memory of a task in MB; each `cpu` has its own list."""
    min_tasks: int = _limited(FargateServiceArgs.min_tasks, TASKS)
    """Fewest tasks."""
    max_tasks: int = _limited(FargateServiceArgs.max_tasks, TASKS)
    """Most tasks."""
    spot: bool = FargateServiceArgs.spot
    """Fargate Spot: about half the price, and any task may be stopped with two minutes' notice."""
    load_balancer: Literal["internal", "public"] = ApplicationLoadBalancerArgs.scheme
    """`internal`: reached through a CloudFront VPC origin, no public address. `public`: needs `domain`."""
    scaling: Scaling = Scaling()
    """When to add and remove tasks."""
    execute_command: bool = FargateServiceArgs.execute_command
    """Shell access to a task (ECS Exec); it turns the read-only root file system off."""
    insights: bool = FargateServiceArgs.container_insights
    """Container Insights metrics, paid per task."""
    egress_ports: tuple[int, ...] = tuple(FargateServiceArgs.egress_ports)
    """TCP ports tasks may call out on, 443 among them; a database elsewhere needs its port here."""


class Existing(_Keys):
    vpc_id: str
    """The VPC to run in."""
    public_subnet_ids: tuple[str, ...] = ()
    """Subnets with a route to the internet gateway, one in each zone, 6 at most."""
    private_subnet_ids: tuple[str, ...] = ()
    """Subnets without, one in each zone, 6 at most; their way out is the owner's affair."""


class Network(_Keys):
    cidr: str = VpcArgs.cidr_block
    """IPv4 block of the VPC."""
    zones: int = _limited(VpcArgs.zones, ZONES)
    """Availability zones."""
    nat: Literal["none", "endpoints", "instance", "single", "perZone", "regional"] = VpcArgs.nat
    """The way out for tasks, with its price a month. `none`: a public IPv4 each ($3.65), no way in but the balancer.
    `endpoints`: private, AWS only, no internet ($7.30 for each service and zone). `instance`: one small NAT instance
    ($7.36, one zone). `single`: one NAT gateway ($36.50). `perZone`: one in each zone. `regional`: one that spans
    them, priced the same."""
    ipv6: bool = VpcArgs.ipv6
    """IPv6 beside IPv4. Decide before the first deployment: AWS takes no block off a VPC in use."""
    flow_logs: bool = VpcArgs.flow_logs
    """Log who talks to whom."""
    existing: Existing | None = None
    """Run in a VPC that is there already; then none of the other network keys."""


class Waf(_Keys):
    mode: Literal["none", "count", "block"] = "none"
    """`none`: no firewall. `count`: watch only. `block`: refuse. $9 a month, and $0.60 per million."""
    requests_per_5_minutes: int = Field(
        default=WebAclArgs.requests_per_5_minutes,
        alias="requestsPer5Minutes",
        json_schema_extra={"minimum": REQUESTS_PER_5_MINUTES[0], "maximum": REQUESTS_PER_5_MINUTES[1]},
    )
    """Requests an address may make in 5 minutes."""
    managed_groups: tuple[str, ...] = tuple(WebAclArgs.managed_groups)
    """Names of further AWS managed rule groups."""


class Site(_Keys):
    directory: str = "site"
    """Folder with the static front end."""


class Logs(_Keys):
    retention_days: int = _one_of(LambdaFunctionArgs.log_retention_days, RETENTION_DAYS)
    """Days that logs are kept."""
    access: bool = False
    """Access logs of the balancer, the API, and the distribution with its site."""


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """Every timeout in seconds, each derived from the longest request, so that each waits for the one inside it."""

    function: int
    integration: int
    origin_read: int
    balancer_idle: int
    deregistration: int
    stop: int

    @classmethod
    def of(cls, longest_request: int) -> "Timeouts":
        deregistration = max(30, longest_request)
        return cls(
            function=longest_request,
            integration=min(30, longest_request + 1),
            origin_read=longest_request + 1,
            balancer_idle=max(60, longest_request + 5),
            deregistration=deregistration,
            stop=min(120, deregistration + 15),
        )


class Settings(_Keys):
    """One environment, as `Pulumi.<stack>.yaml` describes it."""

    topology: Topology
    """Who serves: `serverless` (Lambda) or `container` (ECS Fargate)."""
    standby: bool = False
    """Keep the other topology deployed too, ready to take over."""
    standby_traffic: int = Field(default=0, ge=0, le=100)
    """Percent of viewers sent to the standby; needs `standby`."""
    image: str
    """`sha256:<64 hex>` that CI pushed, a directory to build and push from here, or `none` while there is no image."""
    domain: Domain | None = None
    """The public name; absent: CloudFront's own name is the URL, and it takes TLS 1.0 and later from viewers."""
    service: Service = Service()
    """The service, and what it asks of a topology."""
    serverless: Serverless = Serverless()
    """The serverless half."""
    container: Container = Container()
    """The container half."""
    network: Network = Network()
    """The network of the container half."""
    waf: Waf = Waf()
    """The web application firewall in front of everything."""
    site: Site | None = None
    """Static front end at `/*`; absent: the service answers every path."""
    logs: Logs = Logs()
    """What is logged, and for how long."""
    origin_secret: int = Field(default=1, ge=1)
    """Generation of the secret that proves a request came through our distribution; raise it by one to rotate."""
    protect: bool = False
    """Refuse to delete what holds data: repository, site bucket and log bucket."""
    permissions_boundary: str | None = None
    """ARN of an IAM policy that bounds every role of the stack, which then lies in the policy's own path."""
    tags: dict[str, str] = {}
    """Tags on everything that can have them, beside `project` and `stack`."""

    _aws: AwsKeys = pydantic.PrivateAttr()

    @property
    def aws(self) -> AwsKeys:
        """The provider's own settings, from the `aws:` keys."""
        return self._aws

    @property
    def timeouts(self) -> Timeouts:
        """Every timeout, derived from `service.maxRequestSeconds`."""
        return Timeouts.of(self.service.max_request_seconds)

    @property
    def topologies(self) -> tuple[Topology, ...]:
        """The topologies that are provisioned, the one that serves first; none while there is no image."""
        if self.image == "none":
            return ()
        other: Topology = "container" if self.topology == "serverless" else "serverless"
        return (self.topology, other) if self.standby else (self.topology,)

    @classmethod
    def load(cls) -> "Settings":
        """Read this stack's configuration. Raises pulumi.RunError that names everything that has to change."""
        # The SDK reads a key whose name is known; an unknown key can only be refused by looking at all of them.
        values = runtime_config.CONFIG.get() or runtime_config.get_config_env()
        secret = {key for key in values if pulumi.runtime.is_config_secret(key)}
        settings, refusals = parse(values, secret_keys=secret, project=pulumi.get_project())
        if refusals:
            lines = "\n".join(f"  {each}" for each in refusals)
            raise pulumi.RunError(
                f"Pulumi.{pulumi.get_stack()}.yaml can't be deployed as it is:\n{lines}\n"
                f"Edit the file, or use: pulumi config set --path {NAMESPACE}:<key> <value>"
            )
        return settings


def parse(
    values: Mapping[str, str], *, secret_keys: Collection[str] = (), project: str = NAMESPACE
) -> tuple[Settings, list[Refusal]]:
    """The settings in a stack's configuration, and everything that is wrong with it, in the order of the keys.

    Where a key is refused its default stands in, so that the others are checked too.
    """
    given = _read(values)
    refusals = [*_misplaced(values, project), *_sealed(secret_keys), *unwritable(given)]
    for each in refusals:
        if each.key in given:
            _leave_out(given, [each.key])
    settings, found = _validate(given)
    settings._aws, unusable = read_aws_keys(values, secret_keys)
    refusals += [*found, *unusable]
    refusals += rules.check(settings, unless={each.key for each in refusals})
    order = {field.alias: index for index, field in enumerate(Settings.model_fields.values())}
    return settings, sorted(dict.fromkeys(refusals), key=lambda each: order.get(each.top_level_key, -1))


_TEXTS = {"true": True, "false": False}
_DECIMAL = re.compile(r"0|-?[1-9]\d*")


def _read(values: Mapping[str, str]) -> dict[str, Any]:
    """The values under our namespace. The CLI hands every value over as text, objects as JSON."""
    given: dict[str, Any] = {}
    for full, text in values.items():
        namespace, _, key = full.partition(":")
        if namespace != NAMESPACE:
            continue
        field = _FIELDS.get(key)
        if field is None or field.annotation in (str, Topology):
            given[key] = text
        elif field.annotation is bool:
            given[key] = _TEXTS.get(text, text)
        elif field.annotation is int:
            given[key] = read_json(text) if _DECIMAL.fullmatch(text) else text
        else:
            try:
                given[key] = read_json(text)
            except ValueError:
                given[key] = text
    return given


_FIELDS = {field.alias: field for field in Settings.model_fields.values()}
_STAND_INS = {
    "topology": "serverless",
    "image": "none",
    "domain.name": "refused.example",
    "domain.zone": "refused.example",
    "network.existing.vpcId": "vpc-00000000",
}
"""For what is required and was refused; whatever reads one of these knows that it was."""


def _validate(given: Mapping[str, Any]) -> tuple[Settings, list[Refusal]]:
    """The settings, and what is wrong with single values. Of what is wrong only that is left out, to its last entry."""
    try:
        return Settings.model_validate_json(json.dumps(given)), []
    except pydantic.ValidationError as error:
        errors = error.errors()
    rest = copy.deepcopy(dict(given))
    # From the last to the first, or the entries of a list would move.
    for steps in sorted({each["loc"] for each in errors}, key=lambda loc: tuple(map(_sortable, loc)), reverse=True):
        _leave_out(rest, [step for step in steps if step != "[key]"])
    settings, _ = _validate(rest)
    return settings, [from_pydantic(each, KEYS_AT) for each in errors]


def _sortable(step: str | int) -> tuple[bool, int, str]:
    return (True, step, "") if isinstance(step, int) else (False, 0, step)


def _leave_out(given: Any, loc: Sequence[str | int]) -> None:
    """Take out what is at these steps, or put in what stands for it."""
    *above, last = loc
    for step in above:
        given = given[step]
    stand_in = _STAND_INS.get(".".join(map(str, loc)))
    if stand_in is not None:
        given[last] = stand_in
    elif isinstance(given, list) or last in given:
        del given[last]


def _misplaced(values: Mapping[str, str], project: str) -> list[Refusal]:
    """Keys of ours that stand under the project's own name, where nothing reads them."""
    return [
        Refusal(
            key=key,
            got=NOT_SHOWN,
            allowed=f"{NAMESPACE}:{name}",
            change=f"rename it to {NAMESPACE}:{name}",
        )
        for key in values
        for namespace, _, name in [key.partition(":")]
        if namespace == project != NAMESPACE and name in _FIELDS
    ]


def _sealed(secret_keys: Collection[str]) -> list[Refusal]:
    return [
        Refusal(
            key=key.removeprefix(f"{NAMESPACE}:"),
            got="a secure: value",
            allowed="plain values: the program puts them into environment variables and policies",
            change="keep the secret in Secrets Manager and name its ARN in service.secrets",
        )
        for key in secret_keys
        if key.startswith(f"{NAMESPACE}:")
    ]


def _keys_at(model: type[BaseModel], at: str = "") -> dict[str, list[str]]:
    """The keys allowed at each path into the configuration."""
    found = {at: [str(field.alias) for field in model.model_fields.values()]}
    for field in model.model_fields.values():
        for type_ in (field.annotation, *get_args(field.annotation)):
            if isinstance(type_, type) and issubclass(type_, BaseModel):
                found |= _keys_at(type_, f"{at}.{field.alias}" if at else str(field.alias))
    return found


KEYS_AT = _keys_at(Settings)
"""Every key of the configuration, by the path of the object it is in; `''` is the top."""
