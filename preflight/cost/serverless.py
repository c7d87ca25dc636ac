"""Rules of the serverless half: functions, and the HTTP API in front of them."""

from collections.abc import Iterator, Mapping
from decimal import ROUND_CEILING, Decimal

from preflight.cost.graph import KB_PER_GB, Graph
from preflight.cost.rule import Charge, Finding, Free, Rule, Unpriced, free, priced, used
from preflight.recording import Resource
from preflight.usage import DEFAULT_MS

FUNCTION = "aws:lambda/function:Function"
_ALIAS = "aws:lambda/alias:Alias"
# Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html ("At 1,769 MB, one vCPU")
_MB_OF_ONE_VCPU = 1769
# Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html
_FREE_DISK_MB = 512
# Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html
_FREE_STREAM_KB = 6 * 1024
# Source: https://aws.amazon.com/api-gateway/pricing/ ("metered in 512 KB increments")
_API_STEP_KB = 512
_AUTHORIZER_MS = Decimal(5)
_SECONDS = 3600


def function(graph: Graph, function: Resource) -> Iterator[Finding]:
    """Requests, and the GB-seconds they take; starting an instance is billed too."""
    given = graph.given(function, "aws_lambda_function")
    calls = given.get("monthly_requests", _calls(graph, function))
    memory = _gb(function)
    kind = _architecture(function)
    seconds = _duration_ms(graph, function, given) / 1000
    yield Charge(price="lambda.request", quantity=calls, what="Lambda requests")
    yield Charge(
        price=f"lambda.{kind}.gb_second",
        quantity=calls * seconds * memory,
        what=f"Lambda GB-seconds, {'arm64' if kind == 'arm' else 'x86'}",
    )
    disk = Decimal(function.inputs.get("ephemeralStorage", {}).get("size", _FREE_DISK_MB)) - _FREE_DISK_MB
    if disk > 0:
        quantity = calls * seconds * disk / 1024
        yield Charge(price="lambda.ephemeral_gb_second", quantity=quantity, what="Lambda disk")
    if function.inputs.get("tracingConfig", {}).get("mode") == "Active":
        yield Charge(price="xray.trace_recorded", quantity=calls, what="X-Ray traces, if all are sampled")
    if function.inputs.get("snapStart", {}).get("applyOn") == "PublishedVersions":
        cached = memory * graph.hours * _SECONDS
        restored = calls * graph.workload.cold_share * memory
        yield Charge(price="lambda.snap_start.cache_gb_second", quantity=cached, what="SnapStart snapshot, one version")
        yield Charge(price="lambda.snap_start.restored_gb", quantity=restored, what="SnapStart restores")


def _calls(graph: Graph, function: Resource) -> Decimal:
    """The requests that end here: the service's, an authorizer's (one for each time its answer expires), or none."""
    authorizers = _authorizers(graph, function)
    if authorizers:
        kept = Decimal(authorizers[0].inputs.get("authorizerResultTtlInSeconds", 0))
        requests = graph.requests_to(function)
        return min(requests, graph.hours * _SECONDS / kept) if kept else requests
    fronts = [function, *graph.users(function, _ALIAS, "functionName")]
    serves = any(
        graph.users(each, "aws:apigatewayv2/integration:Integration", "integrationUri")
        or graph.users(each, "aws:lambda/functionUrl:FunctionUrl", "functionName")
        for each in fronts
    )
    return graph.requests_to(function) if serves else Decimal(0)


def _duration_ms(graph: Graph, function: Resource, given: Mapping[str, Decimal]) -> Decimal:
    """Mean billed time of a call, never shorter than its CPU time takes with this memory."""
    if "request_duration_ms" in given:
        return given["request_duration_ms"]
    if _authorizers(graph, function):
        return _AUTHORIZER_MS
    workload = graph.workload
    wall = DEFAULT_MS if workload.duration_ms is None else workload.duration_ms
    return max(wall, shortest_ms(graph, function)) + workload.cold_share * workload.init_ms


def shortest_ms(graph: Graph, function: Resource) -> Decimal:
    """What a request's CPU time takes with the share of a vCPU that comes with the function's memory."""
    memory = Decimal(function.inputs.get("memorySize", 128))
    return graph.workload.cpu_ms * max(Decimal(1), _MB_OF_ONE_VCPU / memory)


def duration_problems(graph: Graph) -> list[str]:
    """What is wrong with the duration given: a request can't take less time than its CPU time."""
    workload = graph.workload
    if workload.duration_ms is None:
        return []
    functions = [each for each in graph.recording.of_type(FUNCTION) if not _authorizers(graph, each)]
    return [
        f"workload.duration_ms: must be {shortest:.1f} or more, got {workload.duration_ms}: {workload.cpu_ms} ms of "
        f"CPU take that long with the memory of {each.name}; raise it, or lower workload.cpu_ms"
        for each in functions
        if workload.duration_ms < (shortest := shortest_ms(graph, each))
    ]


def _authorizers(graph: Graph, function: Resource) -> list[Resource]:
    return graph.users(function, "aws:apigatewayv2/authorizer:Authorizer", "authorizerUri")


def _gb(function: Resource) -> Decimal:
    return Decimal(function.inputs.get("memorySize", 128)) / 1024


def _architecture(function: Resource) -> str:
    return "arm" if function.inputs.get("architectures") == ["arm64"] else "x86"


def provisioned(graph: Graph, config: Resource) -> Iterator[Finding]:
    """Instances kept warm, by the GB-second; what runs on them is cheaper, as far as the usage file says so."""
    functions = graph.behind(config, "functionName", FUNCTION)
    if not functions:
        yield Unpriced(what="provisioned concurrency", reason="its function is not part of the stack")
        return
    given = graph.given(config, "aws_lambda_provisioned_concurrency_config")
    memory, kind = _gb(functions[0]), _architecture(functions[0])
    instances = Decimal(config.inputs.get("provisionedConcurrentExecutions", 0))
    seconds = graph.hours_of(given.get("monthly_duration_hrs")) * _SECONDS
    run = given.get("monthly_requests", Decimal(0)) * given.get("request_duration_ms", DEFAULT_MS) / 1000
    what = f"provisioned concurrency, {instances} instances"
    yield Charge(
        price=f"lambda.{kind}.provisioned_gb_second", quantity=instances * memory * seconds, what=f"{what} kept warm"
    )
    yield Charge(
        price=f"lambda.{kind}.provisioned_duration_gb_second", quantity=run * memory, what=f"{what}, requests on them"
    )


def function_url(graph: Graph, url: Resource) -> Iterator[Finding]:
    """Free, but for what it streams beyond the first 6 MB of a response."""
    if url.inputs.get("invokeMode") != "RESPONSE_STREAM":
        yield Free(reason="a Function URL is free")
        return
    streamed = max(Decimal(0), graph.workload.response_kb - _FREE_STREAM_KB) / KB_PER_GB * graph.requests_to(url)
    yield Charge(price="lambda.response_stream_gb", quantity=streamed, what="streamed beyond 6 MB a response")


def api(graph: Graph, api: Resource) -> Iterator[Finding]:
    """Requests, each begun 512 KB of one counting as another."""
    if api.inputs.get("protocolType") != "HTTP":
        yield Unpriced(what="API Gateway", reason="only HTTP APIs have a rule")
        return
    given = graph.given(api, "aws_apigatewayv2_api")
    requests = given.get("monthly_requests", graph.requests_to(api))
    size = given.get("request_size_kb", graph.workload.request_kb)
    steps = max(Decimal(1), (size / _API_STEP_KB).to_integral_value(ROUND_CEILING))
    yield Charge(price="apigw.http.request", quantity=requests * steps, what="HTTP API requests")


def daily_call(graph: Graph, _schedule: Resource) -> Iterator[Finding]:
    """One call a day, of what the scheduler does for free."""
    yield Charge(price="eventbridge_scheduler.invocation", quantity=graph.hours / 24, what="scheduled calls")


_API = "part of the HTTP API, which is paid for by the request"
RULES: Mapping[str, Rule] = {
    FUNCTION: used(function),
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": priced(provisioned),
    "aws:lambda/functionUrl:FunctionUrl": used(function_url),
    _ALIAS: free("a name for the function"),
    "aws:lambda/permission:Permission": free("permissions are free"),
    "aws:apigatewayv2/api:Api": used(api),
    "aws:apigatewayv2/authorizer:Authorizer": free(_API),
    "aws:apigatewayv2/integration:Integration": free(_API),
    "aws:apigatewayv2/route:Route": free(_API),
    "aws:apigatewayv2/stage:Stage": free(_API),
    "aws:scheduler/schedule:Schedule": used(daily_call),
}
