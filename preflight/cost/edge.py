"""Rules of the edge: distribution, its functions, firewall, names and certificates."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from preflight.cost.graph import KB_PER_GB, Graph
from preflight.cost.rule import Charge, Finding, Free, Rule, Unpriced, free, priced, used
from preflight.recording import Resource

_DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
_FUNCTION = "aws:cloudfront/function:Function"
# Managed groups with a fee of their own besides the rule's, and the price of it.
# Source: https://aws.amazon.com/waf/pricing/
_GROUPS_WITH_A_FEE = {
    "AWSManagedRulesBotControlRuleSet": ("waf.bot_control_month", "waf.bot_control_common_request"),
}
_GROUPS_WITHOUT_A_PRICE = ("AWSManagedRulesACFPRuleSet", "AWSManagedRulesATPRuleSet", "AWSManagedRulesAntiDDoSRuleSet")


def distribution(graph: Graph, distribution: Resource) -> Iterator[Finding]:
    """Requests and what they carry, both ways; what comes from the origin is free.

    Default: every request is an HTTPS one of the service, and is from Europe if the stack is there, else from the US.
    """
    given = graph.given(distribution, "aws_cloudfront_distribution")
    workload = graph.workload
    home = "europe" if graph.region.startswith("eu-") else "us"

    def by_place(key: str, default: Decimal) -> Mapping[str, Decimal]:
        found = {name.partition(".")[2]: value for name, value in given.items() if name.partition(".")[0] == key}
        return found or {home: default}

    for place, requests in by_place("monthly_https_requests", workload.requests).items():
        yield _requests(place, "https", requests)
    for place, requests in by_place("monthly_http_requests", Decimal(0)).items():
        if requests:
            yield _requests(place, "http", requests)
    # These cost the same in the US and in Europe.
    for key, each_kb, price, what in (
        ("monthly_data_transfer_to_internet_gb", workload.response_kb, "us_eu.internet_out_gb", "to the internet"),
        ("monthly_data_transfer_to_origin_gb", workload.request_kb, "us.to_origin_gb", "to the origin"),
    ):
        quantity = sum(by_place(key, workload.requests * each_kb / KB_PER_GB).values(), Decimal(0))
        yield Charge(price=f"cloudfront.{price}", quantity=quantity, what=f"CloudFront {what}")
    invalidations = given.get("monthly_invalidation_requests")
    if invalidations:
        what = "CloudFront invalidated paths"
        yield Charge(price="cloudfront.invalidation_path", quantity=invalidations, what=what)


def _requests(place: str, scheme: str, quantity: Decimal) -> Charge:
    where, code = ("", "us") if place == "us" else (", Europe", "eu")
    what = f"CloudFront requests, {scheme.upper()}{where}"
    return Charge(price=f"cloudfront.{code}.{scheme}_request", quantity=quantity, what=what)


def edge_function(graph: Graph, function: Resource) -> Iterator[Finding]:
    """Invocations: every request to the service runs its function, and reads its store if it has one."""
    given = graph.given(function, "aws_cloudfront_function")
    calls = given.get("monthly_requests", graph.workload.requests if _serves(graph, function) else Decimal(0))
    yield Charge(price="cloudfront.function_invocation", quantity=calls, what="CloudFront Function calls")
    if function.inputs.get("keyValueStoreAssociations"):
        yield Charge(price="cloudfront.key_value_store_read", quantity=calls, what="KeyValueStore reads")


def _serves(graph: Graph, function: Resource) -> bool:
    """Whether it runs on the service's requests: on a behaviour whose origin is no bucket with static files."""
    for distribution in graph.recording.of_type(_DISTRIBUTION):
        if function.urn not in _all_dependencies(distribution):
            continue
        stores = {each["originId"] for each in distribution.inputs.get("origins", ()) if _is_bucket(each)}
        default = distribution.inputs.get("defaultCacheBehavior", {})
        behaviors = [default, *distribution.inputs.get("orderedCacheBehaviors", ())]
        for behavior in behaviors:
            names = [each.get("functionArn", "") for each in behavior.get("functionAssociations", ())]
            is_own = any(isinstance(name, str) and f"/{function.name}-" in name for name in names)
            if is_own and behavior.get("targetOriginId") not in stores:
                return True
    return False


def _is_bucket(origin: Mapping[str, object]) -> bool:
    return ".s3." in str(origin.get("domainName"))


def _all_dependencies(resource: Resource) -> set[str]:
    return {urn for urns in resource.options.property_dependencies.values() for urn in urns}


def web_acl(graph: Graph, acl: Resource) -> Iterator[Finding]:
    """A fee for the list, for each rule, for each managed group that has one, and for requests."""
    given = graph.given(acl, "aws_wafv2_web_acl")
    rules = acl.inputs.get("rules", [])
    requests = given.get("monthly_requests", graph.workload.requests)
    count = len(rules) + given.get("rule_group_rules", Decimal(0))
    yield Charge(price="waf.web_acl_month", quantity=graph.months, what="web ACL")
    yield Charge(price="waf.rule_month", quantity=count * graph.months, what=f"web ACL, {count} rules")
    yield Charge(price="waf.request", quantity=requests, what="web ACL requests")
    for rule in rules:
        group = rule.get("statement", {}).get("managedRuleGroupStatement", {}).get("name")
        if group in _GROUPS_WITH_A_FEE:
            fee, request = _GROUPS_WITH_A_FEE[group]
            yield Charge(price=fee, quantity=graph.months, what=group)
            yield Charge(price=request, quantity=requests, what=f"{group}, requests")
        elif group in _GROUPS_WITHOUT_A_PRICE:
            yield Unpriced(what=group, reason="it has a fee that the price list lacks")


def zone(graph: Graph, _zone: Resource) -> Iterator[Finding]:
    """A month's fee; queries are the records'."""
    yield Charge(price="route53.zone_month", quantity=graph.months, what="hosted zone")


def record(graph: Graph, record: Resource) -> Iterator[Finding]:
    """Queries, but for aliases of AWS resources."""
    if record.inputs.get("aliases"):
        yield Free(reason="queries for aliases of AWS resources are free")
        return
    queries = graph.given(record, "aws_route53_record").get("monthly_standard_queries", Decimal(0))
    yield Charge(price="route53.query", quantity=queries, what="DNS queries")


_PART = "part of the distribution, which is paid for by use"
_CERTIFICATE = "public certificates are free"
RULES: Mapping[str, Rule] = {
    _DISTRIBUTION: used(distribution),
    _FUNCTION: used(edge_function),
    "aws:cloudfront/keyValueStore:KeyValueStore": free("charged to the function that reads it"),
    "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey": free("charged to the function that reads it"),
    "aws:cloudfront/vpcOrigin:VpcOrigin": free("VPC origins are free"),
    "aws:cloudfront/originAccessControl:OriginAccessControl": free(_PART),
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": free(_PART),
    "aws:wafv2/webAcl:WebAcl": priced(web_acl),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": free("its records are charged to the log group"),
    "aws:route53/zone:Zone": priced(zone),
    "aws:route53/record:Record": used(record),
    "aws:acm/certificate:Certificate": free(_CERTIFICATE),
    "aws:acm/certificateValidation:CertificateValidation": free(_CERTIFICATE),
}
