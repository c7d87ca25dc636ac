"""Wiring: every key of the configuration reaches the resource, and the property, that it is for."""
# ruff: noqa: E501 - a table is read along its lines

import pytest
from stacks import DOMAIN, recorded

from preflight.difference import difference
from settings import KEYS_AT

SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-a1b2c3"
SUBNETS = "[subnet-0123456789abcdef0, subnet-0123456789abcdef1]"
OTHERS = "[subnet-0123456789abcdef2, subnet-0123456789abcdef3]"
EXISTING = f"network={{existing: {{vpcId: vpc-0123456789abcdef0, privateSubnetIds: {SUBNETS}}}}}"
ADOPTED = (
    f"network={{existing: {{vpcId: vpc-0123456789abcdef0, publicSubnetIds: {SUBNETS}, privateSubnetIds: {SUBNETS}}}}}"
)
URL = ("serverless.frontDoor=functionUrl", "service.methods=read")
BOTH = ("standby=true",)
WAF = ("waf.mode=count",)

# key -> (settings it takes effect with, the key's new value, {resource: property} that has to change)
REACHES = {
    "domain.name": ((DOMAIN,), "other.example.com", {"cdn": "aliases", "alias": "name", "certificate": "domainName"}),
    "domain.zone": (("domain={name: shop.eu.example.com, zone: example.com}",), "eu.example.com", {"alias": "zoneId"}),
    "service.port": (BOTH, "9090", {"serverless": "environment", "container-task": "containerDefinitions", "container-balancer-app": "port"}),
    "service.healthCheckPath": (BOTH, "/api/up", {"serverless": "environment", "container-balancer-app": "healthCheck"}),
    "service.paths": ((), "[/v1/*, /healthz]", {"cdn": "orderedCacheBehaviors"}),
    "service.methods": ((), "read", {"cdn": "orderedCacheBehaviors"}),
    "service.environment": (BOTH, "{LEVEL: debug}", {"serverless": "environment", "container-task": "containerDefinitions"}),
    "service.secrets": (BOTH, f"{{DB: '{SECRET}'}}", {"serverless": "environment", "serverless-permissions": "policy", "container-task": "containerDefinitions"}),
    "service.needs": (URL, "[streaming]", {"serverless": "environment", "serverless-url": "invokeMode"}),
    "service.maxRequestSeconds": (BOTH, "20", {"serverless": "timeout", "cdn": "origins", "serverless-api-integration": "timeoutMilliseconds"}),
    "serverless.memoryMb": ((), "2048", {"serverless": "memorySize"}),
    "serverless.frontDoor": (("service.methods=read",), "functionUrl", {"cdn": "origins", "serverless": "environment"}),
    "serverless.reservedConcurrency": ((), "5", {"serverless": "reservedConcurrentExecutions"}),
    "serverless.snapStart": ((), "true", {"serverless": "snapStart"}),
    "serverless.tracing": ((), "true", {"serverless": "tracingConfig", "serverless-permissions": "policy"}),
    "container.cpu": ((*BOTH, "container.memoryMb=2048"), "512", {"container-task": "cpu"}),
    "container.memoryMb": (BOTH, "1024", {"container-task": "memory"}),
    "container.minTasks": (BOTH, "2", {"container-scaling": "minCapacity"}),
    "container.maxTasks": (BOTH, "7", {"container-scaling": "maxCapacity"}),
    "container.spot": (BOTH, "false", {"container": "capacityProviderStrategies"}),
    "container.loadBalancer": ((*BOTH, DOMAIN), "public", {"container-balancer": "internal", "cdn": "origins"}),
    "container.scaling.cpuPercent": (BOTH, "50", {"container-by-cpu": "targetTrackingScalingPolicyConfiguration"}),
    "container.executeCommand": (BOTH, "true", {"container": "enableExecuteCommand", "container-task": "containerDefinitions"}),
    "container.insights": (BOTH, "true", {"container-cluster": "settings"}),
    "network.cidr": (BOTH, "10.7.0.0/16", {"container-vpc": "cidrBlock"}),
    "network.ipv6": (BOTH, "false", {"container-vpc": "assignGeneratedIpv6CidrBlock"}),
    "network.nat": (BOTH, "single", {"container": "networkConfiguration"}),
    "network.existing.vpcId": ((*BOTH, EXISTING), "vpc-0123456789abcdef9", {"container-tasks": "vpcId"}),
    "network.existing.publicSubnetIds": ((*BOTH, ADOPTED, DOMAIN, "container.loadBalancer=public"), OTHERS, {"container-balancer": "subnets"}),
    "network.existing.privateSubnetIds": ((*BOTH, EXISTING), OTHERS, {"container": "networkConfiguration", "container-balancer": "subnets"}),
    "waf.mode": (WAF, "block", {"waf": "rules"}),
    "waf.requestsPer5Minutes": (WAF, "500", {"waf": "rules"}),
    "waf.managedGroups": (WAF, "[AWSManagedRulesSQLiRuleSet]", {"waf": "rules"}),
    "logs.retentionDays": ((*BOTH, *WAF, "network.flowLogs=true", "logs.access=true"), "30", {
        "serverless-logs": "retentionInDays",
        "serverless-api-authorizer-logs": "retentionInDays",
        "serverless-api-access-logs": "retentionInDays",
        "container-logs": "retentionInDays",
        "container-vpc-flow-log-records": "retentionInDays",
        "waf-logs": "retentionInDays",
        "logs-lifecycle": "rules",
    }),
    "image": (BOTH, f"sha256:{'ab' * 32}", {"serverless": "imageUri", "container-task": "containerDefinitions"}),
    "topology": (BOTH, "container", {"cdn": "orderedCacheBehaviors"}),
    "protect": ((), "true", {"repository": "forceDelete", "site": "forceDestroy"}),
    "tags": ((), "{team: shop}", {"aws": "defaultTags"}),
}  # fmt: skip
# key -> (settings it takes effect with, the key's new value, a resource that is there only then)
BRINGS = {
    "standby": ((), "true", "container"),
    "standbyTraffic": (BOTH, "30", None),
    "domain": ((), "{name: shop.example.com, zone: example.com}", "certificate"),
    "serverless.provisionedConcurrency": ((), "2", "serverless-warm"),
    "container.scaling.requestsPerTask": (BOTH, "300", "container-by-requests"),
    "container.scaling.responseTimeMs": (BOTH, "300", "container-by-response-time"),
    "container.egressPorts": (BOTH, "[443, 5432]", "container-out-5432-ipv4"),
    "network.zones": (BOTH, "3", "container-vpc-public-us-east-1d"),
    "network.flowLogs": (BOTH, "true", "container-vpc-flow-log"),
    "logs.access": (BOTH, "true", "logs"),
    "originSecret": ((), "2", "origin-secret-2"),
}
# Only checked against what a topology can do, or objects whose keys are above.
ELSEWHERE = {
    *("service.maxBodyMb", "service.maxResponseMb", "service.maxHeadersKb", "service.clientsHashBodies"),
    *("service", "serverless", "container", "container.scaling", "network", "network.existing", "waf", "logs"),
    *("site", "site.directory"),
}


def every_key() -> set[str]:
    return {f"{at}.{key}" if at else key for at, keys in KEYS_AT.items() for key in keys}


def test_every_key_has_its_case_here():
    assert every_key() == {*REACHES, *BRINGS, *ELSEWHERE}


@pytest.mark.parametrize("key", sorted(REACHES))
def test_a_key_changes_the_properties_it_is_for(key):
    besides, value, wanted = REACHES[key]
    before, after = recorded("dev", *besides), recorded("dev", *besides, f"{key}={value}")
    changed = {(each.name, change.property) for each in difference(before, after).changes for change in each.properties}
    changed |= {
        (each.name, key)
        for each in after.of_type("pulumi:providers:aws")
        for key in each.inputs
        if each.inputs[key] != before.resources[each.urn].inputs.get(key)
    }
    assert set(wanted.items()) <= changed


@pytest.mark.parametrize("key", sorted(BRINGS))
def test_a_key_brings_the_resource_it_is_for(key):
    besides, value, name = BRINGS[key]
    before, after = recorded("dev", *besides), recorded("dev", *besides, f"{key}={value}")
    assert before.resources != after.resources
    if name:
        names = [{each.name for each in recording} for recording in (before, after)]
        assert name not in names[0]
        assert name in names[1]


def test_the_folder_of_the_site_is_the_one_that_is_uploaded(tmp_path):
    (tmp_path / "index.html").write_text("hello")
    (tmp_path / "only-here.txt").write_text("hello")
    names = {each.name for each in recorded("dev", f"site.directory={tmp_path}")}
    assert "site-only-here.txt" in names
    assert "site-app.js" not in names


def test_a_nat_instance_forwards_the_ports_that_tasks_may_call_out_on():
    recording = recorded("dev", *BOTH, "network.nat=instance", "container.egressPorts=[443, 5432]")
    names = {each.name for each in recording}
    for port in (443, 5432):
        assert {f"container-out-{port}-ipv4", f"container-vpc-nat-to-internet-{port}"} <= names
