"""Rules of what is watched: logs, alarms, dashboards."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from preflight.cost.graph import KB_PER_GB, Graph
from preflight.cost.rule import Charge, Finding, Rule, free, priced, used
from preflight.cost.serverless import FUNCTION
from preflight.recording import Resource

_KEPT_FOR_EVER_DAYS = 365
"""A group without a retention grows for ever; what a year of it holds is what is counted."""


def log_group(graph: Graph, group: Resource) -> Iterator[Finding]:
    """What comes in, what is kept (as long as the retention says, uncompressed), and what queries scan."""
    given = graph.given(group, "aws_cloudwatch_log_group")
    written = given.get("monthly_data_ingested_gb", _written(graph, group))
    days = Decimal(group.inputs.get("retentionInDays") or _KEPT_FOR_EVER_DAYS)
    kept = given.get("storage_gb", written / graph.hours * days * 24)
    scanned = given.get("monthly_data_scanned_gb", Decimal(0))
    yield Charge(price="cloudwatch.logs.ingest_gb", quantity=written, what="logs written")
    yield Charge(price="cloudwatch.logs.storage_gb_month", quantity=kept * graph.months, what="logs kept")
    if scanned:
        yield Charge(price="cloudwatch.logs.scan_gb", quantity=scanned, what="logs scanned")


def _written(graph: Graph, group: Resource) -> Decimal:
    """What the service writes for its requests; flow, firewall and other logs only as the usage file says."""
    requests = graph.requests_to(group)
    by_service = [
        each
        for each in graph.users(group, FUNCTION, "loggingConfig")
        if not graph.users(each, "aws:apigatewayv2/authorizer:Authorizer", "authorizerUri")
    ] + graph.users(group, "aws:ecs/taskDefinition:TaskDefinition", "containerDefinitions")
    if by_service:
        return requests * graph.workload.log_kb / KB_PER_GB
    if graph.users(group, "aws:apigatewayv2/stage:Stage", "accessLogSettings"):
        return requests * graph.workload.access_log_kb / KB_PER_GB
    return Decimal(0)


def alarm(graph: Graph, _alarm: Resource) -> Iterator[Finding]:
    """By the month."""
    yield Charge(price="cloudwatch.alarm_month", quantity=graph.months, what="alarm")


def dashboard(graph: Graph, _dashboard: Resource) -> Iterator[Finding]:
    """By the month."""
    yield Charge(price="cloudwatch.dashboard_month", quantity=graph.months, what="dashboard")


_DELIVERY = "CloudFront's logs reach S3 as JSON for free"
RULES: Mapping[str, Rule] = {
    "aws:cloudwatch/logGroup:LogGroup": used(log_group),
    "aws:cloudwatch/metricAlarm:MetricAlarm": priced(alarm),
    "aws:cloudwatch/dashboard:Dashboard": priced(dashboard),
    "aws:cloudwatch/logDelivery:LogDelivery": free(_DELIVERY),
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": free(_DELIVERY),
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": free(_DELIVERY),
}
