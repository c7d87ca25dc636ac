"""The stand-in for AWS's provider: what it takes and refuses, and what it can be made to do, over the protocol."""

import time
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from engine.double import sdk, stages
from engine.double.cloud import Cloud, Refused, Thing
from engine.double.outputs import after_update
from engine.double.provider import serve
from engine.double.wire import UNKNOWN, to_python, to_struct
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc


class Client:
    """Speaks to the provider as the engine does."""

    def __init__(self, cloud: Cloud, stub: provider_pb2_grpc.ResourceProviderStub) -> None:
        self.cloud, self.stub = cloud, stub

    @staticmethod
    def urn(type_: str, name: str = "it") -> str:
        return f"urn:pulumi:dev::switchyard::{type_}::{name}"

    def check(self, type_: str, news: dict[str, Any], olds: dict[str, Any] | None = None) -> provider_pb2.CheckResponse:
        return self.stub.Check(
            provider_pb2.CheckRequest(urn=self.urn(type_), news=to_struct(news), olds=to_struct(olds or {}))
        )

    def diff(
        self, type_: str, state: dict[str, Any], old: dict[str, Any], new: dict[str, Any], ignore: tuple[str, ...] = ()
    ):
        return self.stub.Diff(
            provider_pb2.DiffRequest(
                urn=self.urn(type_),
                olds=to_struct(state),
                old_inputs=to_struct(old),
                news=to_struct(new),
                ignoreChanges=ignore,
            )
        )

    def create(self, type_: str, inputs: dict[str, Any], name: str = "it", *, preview: bool = False):
        request = provider_pb2.CreateRequest(urn=self.urn(type_, name), properties=to_struct(inputs), preview=preview)
        answer = self.stub.Create(request)
        return answer.id, to_python(answer.properties)

    def delete(self, type_: str, id_: str, name: str = "it") -> None:
        self.stub.Delete(provider_pb2.DeleteRequest(urn=self.urn(type_, name), id=id_))


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    cloud = Cloud()
    server, ports = serve(cloud)
    with grpc.insecure_channel(f"127.0.0.1:{ports['aws']}") as channel:
        yield Client(cloud, provider_pb2_grpc.ResourceProviderStub(channel))
    server.stop(None)


CLUSTER, VPC, TASK = "aws:ecs/cluster:Cluster", "aws:ec2/vpc:Vpc", "aws:ecs/taskDefinition:TaskDefinition"
SERVICE, LAMBDA = "aws:ecs/service:Service", "aws:lambda/function:Function"


@pytest.mark.parametrize(
    ("type_", "inputs", "property_", "reason"),
    [
        ("aws:ecs/klaster:Klaster", {}, "", "no resource type"),
        (VPC, {"cidrBlok": "10.0.0.0/16"}, "cidrBlok", "no such property"),
        (
            SERVICE,
            {"capacityProviderStrategies": [{"capacity_provider": "FARGATE"}]},
            "[0].capacity_provider",
            "no such",
        ),
        (SERVICE, {"networkConfiguration": {"subnets": ["a"], "assignIp": True}}, "Configuration.assignIp", "no such"),
        (SERVICE, {"networkConfiguration": {}}, "networkConfiguration.subnets", "required"),
        (TASK, {"family": "a"}, "containerDefinitions", "required"),
        (VPC, {"tags": "a"}, "tags", "must be an object"),
        (SERVICE, {"loadBalancers": {}}, "loadBalancers", "must be a list"),
        ("aws:s3/bucketAcl:BucketAcl", {"bucket": "a", "acl": "private"}, "", "no entry"),
    ],
)
def test_what_the_sdk_does_not_know_is_refused(client: Client, type_, inputs, property_, reason):
    failures = [(each.property, each.reason) for each in client.check(type_, inputs).failures]
    assert any(found.endswith(property_) and reason in why for found, why in failures), failures


def test_what_the_sdk_knows_is_taken(client: Client):
    assert not client.check(CLUSTER, {"settings": [{"name": "containerInsights", "value": "disabled"}]}).failures
    assert sdk.problems(VPC, {"cidrBlock": UNKNOWN, "tags": {"Name": "a"}}) == []


def test_names_are_made_up_once_kept_over_updates_and_left_alone_where_they_are_given(client: Client):
    made = to_python(client.check(CLUSTER, {}).inputs)
    assert made["name"].startswith("it-")
    assert to_python(client.check(CLUSTER, {}, made).inputs)["name"] == made["name"]
    assert to_python(client.check(CLUSTER, {"name": "mine"}, made).inputs)["name"] == "mine"
    prefixed = to_python(client.check("aws:cloudwatch/logGroup:LogGroup", {"namePrefix": "aws-waf-logs-"}).inputs)
    assert prefixed["name"].startswith("aws-waf-logs-")


def test_in_a_preview_nothing_is_known_but_what_was_given(client: Client):
    id_, outputs = client.create(VPC, {"cidrBlock": "10.0.0.0/16"}, preview=True)
    assert id_ == ""
    assert outputs["cidrBlock"] == "10.0.0.0/16"
    assert outputs["arn"] == outputs["ipv6CidrBlock"] == UNKNOWN
    assert not client.cloud.of_type(VPC)


def test_no_id_is_ever_used_twice(client: Client):
    seen = set()
    for _ in range(4):
        id_, outputs = client.create(VPC, {"cidrBlock": "10.0.0.0/16"})
        assert not seen & {id_, outputs["arn"]}
        seen |= {id_, outputs["arn"]}
        client.delete(VPC, id_)


def test_a_difference_is_to_what_was_last_read_not_to_what_was_asked_for(client: Client):
    asked = {"enableDnsSupport": True}
    assert client.diff(VPC, {"enableDnsSupport": True}, asked, asked).changes == 1
    drifted = client.diff(VPC, {"enableDnsSupport": False}, asked, asked)
    assert (drifted.changes, list(drifted.diffs)) == (2, ["enableDnsSupport"])
    assert client.diff(VPC, {"enableDnsSupport": False}, asked, asked, ignore=("enableDnsSupport",)).changes == 1


@pytest.mark.parametrize(
    ("type_", "property_", "new", "replaced", "delete_first"),
    [
        (VPC, "cidrBlock", {}, True, False),
        (VPC, "enableDnsSupport", {}, False, False),
        (TASK, "cpu", {}, True, False),
        (TASK, "tags", {}, False, False),
        (SERVICE, "capacityProviderStrategies", {"forceNewDeployment": True}, False, False),
        ("aws:lb/loadBalancer:LoadBalancer", "internal", {"name": "a", "__defaults": ["name"]}, True, False),
        ("aws:lb/loadBalancer:LoadBalancer", "internal", {"name": "a"}, True, True),
    ],
)
def test_what_cannot_change_in_place_is_replaced_and_what_has_a_name_of_the_programs_goes_first(
    client: Client, type_, property_, new, replaced, delete_first
):
    answer = client.diff(type_, {property_: "old", **new}, {property_: "old", **new}, {property_: "new", **new})
    assert (list(answer.replaces) == [property_]) is replaced
    assert answer.deleteBeforeReplace is delete_first


def test_other_capacity_providers_are_refused_unless_a_deployment_is_forced(client: Client):
    one, other = ({"capacityProviderStrategies": [{"capacityProvider": each}]} for each in ("FARGATE", "FARGATE_SPOT"))
    with pytest.raises(grpc.RpcError, match="force_new_deployment should be true"):
        client.diff(SERVICE, one, one, other)


def test_tags_and_reserved_concurrency_make_no_version_of_a_function():
    function = {"publish": True, "version": "1", "arn": "a"}
    unversioned = {"tags", "tagsAll", "reservedConcurrentExecutions"}
    assert after_update(LAMBDA, function, unversioned, preview=False) == {}
    assert after_update(LAMBDA, function, {*unversioned, "memorySize"}, preview=False)["version"] == "2"


def test_a_published_function_has_the_next_version_after_an_update_and_an_unknown_one_in_its_preview(client: Client):
    id_, outputs = client.create("aws:iam/role:Role", {"name": "role", "assumeRolePolicy": "{}"}, "role")
    inputs = {"name": "it", "role": outputs["arn"], "publish": True, "memorySize": 128}
    id_, outputs = client.create(LAMBDA, inputs)
    assert outputs["version"] == "1"
    for preview, version in ((True, UNKNOWN), (False, "2")):
        answer = client.stub.Update(
            provider_pb2.UpdateRequest(
                urn=client.urn(LAMBDA),
                id=id_,
                olds=to_struct(outputs),
                old_inputs=to_struct(inputs),
                news=to_struct({**inputs, "memorySize": 256}),
                preview=preview,
            )
        )
        assert to_python(answer.properties)["version"] == version


def test_a_second_push_of_a_tag_is_refused_but_for_the_very_same_image(client: Client):
    image = "docker-build:index:Image"
    _, outputs = client.create("aws:ecr/repository:Repository", {"name": "shop", "imageTagMutability": "IMMUTABLE"})
    pushed = {"tags": [f"{outputs['repositoryUrl']}:one"], "push": True}
    _, first = client.create(image, pushed, "first")
    _, second = client.create(image, pushed, "second")
    assert first["ref"] == second["ref"]
    client.cloud.builds_are_cached = False
    with pytest.raises(grpc.RpcError, match="ImageTagAlreadyExistsException"):
        client.create(image, pushed, "third")
    client.cloud.builds_are_cached = True
    with pytest.raises(grpc.RpcError, match="RepositoryNotFoundException"):
        client.create(image, {"tags": ["elsewhere:one"]}, "fourth")


@pytest.mark.parametrize(("how", "happened"), [("refused", False), ("lost", True), ("unready", True)])
def test_operations_go_wrong_where_a_test_says_so_as_often_as_it_says(client: Client, how, happened):
    client.cloud.faults.strike(f"create .*{how}$", how, times=1)
    with pytest.raises(grpc.RpcError):
        client.create(CLUSTER, {"name": how}, how)
    assert (len([each for each in client.cloud.of_type(CLUSTER) if each.name == how]) == 1) is happened
    client.create(CLUSTER, {"name": f"{how}-again"}, how)
    client.cloud.faults.clear()


def test_every_operation_is_logged_with_its_times_and_watched_when_it_takes_effect_and_when_it_ends(client: Client):
    seen = []
    client.cloud.watchers.append(
        lambda operation, cloud: seen.append((operation.end is None, len(cloud.of_type(CLUSTER))))
    )
    before, mark = len(client.cloud.of_type(CLUSTER)), len(client.cloud.operations)
    client.cloud.faults.slow("create .*slow$", 0.05)
    id_, _ = client.create(CLUSTER, {"name": "slow"}, "slow")
    client.cloud.watchers.clear()
    client.cloud.faults.clear()
    (operation,) = client.cloud.since(mark)
    assert (operation.kind, operation.name, operation.id, operation.did_it) == ("create", "slow", id_, True)
    assert operation.end
    assert operation.end - operation.begin >= 0.05
    assert seen == [(True, before + 1), (False, before + 1)]


def test_what_comes_last_is_done_when_nothing_else_goes_on(client: Client):
    client.cloud.faults.come_last("create .*last$")
    mark = len(client.cloud.operations)
    request = provider_pb2.CreateRequest(urn=client.urn(CLUSTER, "last"), properties=to_struct({"name": "last"}))
    waiting = client.stub.Create.future(request)
    while len(client.cloud.operations) == mark:
        time.sleep(0.001)
    for name in ("first", "second"):
        client.create(CLUSTER, {"name": name}, name)
    assert [each.end is None for each in client.cloud.since(mark)] == [True, False, False]
    waiting.result()
    client.cloud.faults.clear()
    assert all(each.did_it for each in client.cloud.since(mark))


def test_a_look_up_nobody_thought_of_is_refused(client: Client):
    answer = client.stub.Invoke(provider_pb2.InvokeRequest(tok="aws:ec2/getVpc:getVpc", args=to_struct({})))
    assert "no made-up answer" in answer.failures[0].reason


def test_a_function_at_the_edge_takes_only_the_newest_version_and_no_change_of_tags_alone():
    function = Thing(type=stages.FUNCTION, id="fn", urn="a::b::c::fn", inputs={}, outputs={"etag": "2", "code": "new"})
    stages.check_update(function, "2", {"code", "tagsAll"})
    stages.check_delete(function, "2")
    for refused in (
        lambda: stages.check_update(function, "1", {"code"}),
        lambda: stages.check_update(function, "2", {"tagsAll"}),
        lambda: stages.check_delete(function, "1"),
        lambda: stages.publish(Cloud(), function, "1"),
    ):
        with pytest.raises(Refused, match=r"^PreconditionFailed: "):
            refused()
    assert stages.published(function) is None
    stages.publish(Cloud(), function, "2")
    assert stages.published(function) == dict.fromkeys(stages.OF_A_STAGE) | {"code": "new"}
