"""The watch itself: it sees what it is there to see, in a program that was broken on purpose and in a broken cloud."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from engine.double.cloud import Cloud
from engine.double.faults import How
from engine.double.wire import plain
from engine.edges import DISTRIBUTION, Edges
from engine.needs import unordered
from engine.readiness import why_not_ready
from engine.walk import Build, Walker, walker

pytestmark = pytest.mark.needs_cli


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """One change of the program that breaks the promise, and where a viewer then ends up."""

    file: str
    line: str
    instead: str
    also: tuple[str, str] = ("", "")
    """What else stands in that file and would save it, and what stands there instead."""
    way: tuple[str, ...]
    """The settings that the stack moves through."""
    fails: str = ""
    """An operation that fails on the first move; its next one mends that."""
    how: How = "refused"
    pace: float = 0
    """Seconds that pass for each that the program waits for."""
    last: str = ""
    """What is created after all that does not wait for it."""
    seen: str
    front_door: str = "httpApi"
    nat: str = "none"


MISTAKES = {
    "the distribution waits for nothing": Mistake(
        file="components/distribution.py",
        line="depends_on=[each for origin in origins for each in origin.ready]",
        instead="depends_on=[]",
        way=("serverless None", "container None"),
        seen="viewers may be sent to container, and there is no service in the target group that is ready",
    ),
    "a half does not say that its tasks must be there": Mistake(
        file="topologies/container.py",
        line="[balancer, service]",
        instead="[balancer]",
        way=("serverless None", "container None"),
        seen="viewers may be sent to container, and there is no service in the target group that is ready",
    ),
    "a half does not say that its API must answer": Mistake(
        file="topologies/serverless.py",
        line="ready=(function, api)",
        instead="ready=()",
        way=("container None", "serverless None"),
        seen="viewers may be sent to serverless, and there is no stage of the API that is ready",
    ),
    "nobody waits for the edges": Mistake(
        file="components/_waits.py",
        line="if leaving := await origins_that_leave(args.old_inputs, args.new_inputs):",
        instead="if leaving := []:",
        way=("serverless 30", "container None"),
        seen="viewers may be sent to serverless, which the distribution does not know",
    ),
    "a share that is left over counts": Mistake(
        file="components/two_origins.js",
        line="split.epoch !== EPOCH || ",
        instead="",
        way=("serverless 30", "serverless None", "serverless 30"),
        fails="delete .*cdn-split-weight$",
        seen="viewers may be sent to container, which the distribution does not know",
    ),
    "the share does not wait for the distribution": Mistake(
        file="components/distribution.py",
        line="after=deployed)",
        instead="after=None)",
        way=("serverless None", "serverless 30"),
        seen="viewers may be sent to container, which the distribution does not know",
    ),
    "Authorization is copied only while a half asks for it": Mistake(
        file="stack.py",
        line='if settings.serverless.front_door == "functionUrl" else None',
        instead="if any(half.origin.origin_access_control_id is not None for half in halves) else None",
        front_door="functionUrl",
        way=("serverless None", "container None"),
        seen="viewers may be sent to serverless, and it does not get their Authorization",
    ),
    "nobody asks whether an earlier change still deploys": Mistake(
        file="components/_waits.py",
        line="if status == DEPLOYED:\n        return\n    pulumi",
        instead="if True:\n        return\n    pulumi",
        way=("serverless None", "container None", "container None"),
        fails="update .*Distribution::cdn$",
        how="unready",
        seen="viewers may be sent to serverless, and there is no stage of the API that is ready",
    ),
    "the share does not wait for an earlier change that still deploys": Mistake(
        file="components/distribution.py",
        line="after=deployed)",
        instead="after=distribution.id)",
        way=("serverless None", "serverless 30", "serverless 30"),
        fails="update .*Distribution::cdn$",
        how="unready",
        pace=0.1,
        seen="viewers may be sent to container, which the distribution does not know",
    ),
    "nobody asks whether the edges run the function's code": Mistake(
        file="components/_published.py",
        line="if pulumi.runtime.is_dry_run():",
        instead="if True:",
        way=("serverless 30", "container None", "container None"),
        fails="update .*cdn-viewer-request$",
        how="unpublished",
        seen="viewers may be sent to serverless, which the distribution does not know",
    ),
    "nobody asks whether CloudFront has what is asked for": Mistake(
        file="components/_waits.py",
        line="if live != version and (other := await compare()):",
        instead="if other := []:",
        way=("serverless None", "container None", "serverless None"),
        fails="update .*Distribution::cdn$",
        how="lost",
        seen="viewers may be sent to container, and there is no service in the target group that is ready",
    ),
    "nobody compares what serves which path": Mistake(
        file="components/_live_distribution.py",
        line="return sorted(each for each in {*asked, *live} if asked.get(each) != live.get(each))",
        instead="return []",
        way=("serverless None", "container None", "serverless None"),
        fails="update .*Distribution::cdn$",
        how="lost",
        seen="viewers may be sent to container, and there is no service in the target group that is ready",
    ),
    "nobody waits until the distribution is deployed": Mistake(
        file="components/distribution.py",
        line="wait_for_deployment=True",
        instead="wait_for_deployment=False",
        also=(
            "deployed = when_deployed(distribution, settings, drain_seconds=args.drain_seconds, parent=self)",
            "deployed = distribution.id",
        ),
        way=("serverless None", "container None"),
        seen="viewers may be sent to serverless, and there is no stage of the API that is ready",
    ),
    "nobody waits until the tasks are steady": Mistake(
        file="components/fargate_service.py",
        line="wait_for_steady_state=True",
        instead="wait_for_steady_state=False",
        way=("serverless None", "container None"),
        seen="viewers may be sent to container, and there is no service in the target group that is ready",
    ),
}


FORGETFUL = {
    "tasks start before their image may be pulled": Mistake(
        file="components/fargate_service.py",
        line="*start_policies, *app_policies]",
        instead="*app_policies]",
        way=("serverless None", "container None"),
        last="container-start-policy",
        seen="no task starts: the execution role may not ecr:BatchGetImage",
    ),
    "tasks start before they may read their secrets": Mistake(
        file="components/fargate_service.py",
        line="*start_policies, *app_policies]",
        instead="*start_policies]",
        way=("serverless None", "container None"),
        last="container-task-policy",
        seen="no task starts: the task's role may not read arn:aws:secretsmanager",
    ),
    "tasks start before the endpoints that lead to the registry": Mistake(
        file="topologies/container.py",
        line="pulumi.ResourceOptions(parent=self, depends_on=[vpc, balancer])",
        instead="pulumi.ResourceOptions(parent=self, depends_on=[balancer])",
        also=("pulumi.ResourceOptions(parent=self, depends_on=[vpc]),  # a public", "child,  # a public"),
        way=("serverless None", "container None"),
        last="container-vpc-endpoints-ecr.dkr",
        seen="no task starts: tasks in container-vpc-private-us-east-1a have no way to the registry",
        nat="endpoints",
    ),
    "an API has its route before it may call the function": Mistake(
        file="components/http_api.py",
        line="depends_on=[authorizer, invoke]",
        instead="depends_on=[authorizer]",
        way=("container None", "serverless None"),
        last="serverless-api-invoke",
        seen="create serverless-api-route: NotPermitted",
    ),
}
"""Mistakes that only show when something takes longer than usual."""


FAST = ("nobody waits for the edges",)


@contextmanager
def broken(walker: Walker, mistake: Mistake) -> Iterator[None]:
    """The stack's own copy of the program with this mistake in it."""
    path = walker.bench.folder / "work" / mistake.file
    right = wrong = path.read_text()
    for line, instead in ((mistake.line, mistake.instead), mistake.also):
        assert not line or right.count(line) == 1, f"{mistake.file} no longer says {line}"
        wrong = wrong.replace(line, instead) if line else wrong
    path.write_text(wrong)
    try:
        yield
    finally:
        path.write_text(right)


@pytest.mark.parametrize(
    "what", [pytest.param(each, marks=() if each in FAST else pytest.mark.engine_all) for each in MISTAKES]
)
def test_a_program_that_breaks_the_promise_is_caught(what: str):
    mistake = MISTAKES[what]
    names = dict.fromkeys(mistake.way)
    build = Build(mistake.front_door, "internal", "none", "no site")
    with walker(build, *names) as stack, broken(stack, mistake):
        stack.start_at(mistake.way[0])
        faults = stack.bench.cloud.faults
        stack.bench.host.pace = mistake.pace
        # What others would have to wait for takes its time.
        faults.slow("create .*(Service::container|Stage::serverless-api-stage)$", 1)
        if mistake.fails:
            faults.strike(mistake.fails, mistake.how, times=1)
        for name in mistake.way[1:]:
            stack.set(name)
            stack.bench.up()
        assert any(mistake.seen in each for each in stack.edges.problems), stack.edges.problems


@pytest.mark.engine_all
@pytest.mark.parametrize("what", FORGETFUL)
def test_a_program_that_forgets_to_wait_is_caught_when_that_comes_last_and_by_what_it_waits_for(what: str):
    mistake = FORGETFUL[what]
    before, after = mistake.way
    with walker(Build(mistake.front_door, "internal", mistake.nat, "no site"), before) as stack, broken(stack, mistake):
        stack.set(after)
        stack.bench.up().must_succeed()
        forgotten = unordered(stack.bench.cloud, stack.bench.state())
        assert any(each.endswith(f" does not wait for {mistake.last}") for each in forgotten), forgotten

        stack.start_at(before)
        stack.set(after)
        stack.bench.cloud.faults.come_last(f"create .*::{re.escape(mistake.last)}$")
        assert not stack.bench.up().ok
        assert any(mistake.seen in each for each in stack.bench.cloud.refusals), stack.bench.cloud.refusals


@pytest.mark.engine_all
def test_a_program_whose_viewers_do_not_move_has_not_arrived():
    mistake = Mistake(
        file="components/origin_split.py",
        line="opts=pulumi.ResourceOptions(parent=self),\n        )\n\n\ndef weight_of",
        instead='opts=pulumi.ResourceOptions(parent=self, ignore_changes=["value"]),\n        )\n\n\ndef weight_of',
        way=("serverless 0", "serverless 100"),
        seen="not as serverless 100 has it: .*, viewers of",
    )
    before, after = mistake.way
    with walker(Build("httpApi", "internal", "none", "no site"), *mistake.way) as stack, broken(stack, mistake):
        stack.start_at(before)
        stack.set(after)
        stack.up().must_succeed()
        with pytest.raises(AssertionError, match=mistake.seen):
            stack.must_be_at(after)


# A cloud in which one thing is missing

WAYS = {
    ("httpApi", "internal", "serverless"): (
        "aws:apigatewayv2/api:Api",
        "aws:apigatewayv2/stage:Stage",
        "aws:apigatewayv2/route:Route",
        "aws:apigatewayv2/integration:Integration",
        "aws:apigatewayv2/authorizer:Authorizer",
        "aws:lambda/alias:Alias",
        "aws:lambda/function:Function",
        "aws:lambda/permission:Permission",
    ),
    ("functionUrl", "internal", "serverless"): (
        "aws:lambda/functionUrl:FunctionUrl",
        "aws:lambda/alias:Alias",
        "aws:lambda/function:Function",
        "aws:lambda/permission:Permission",
        "aws:cloudfront/originAccessControl:OriginAccessControl",
    ),
    ("httpApi", "internal", "container"): (
        "aws:cloudfront/vpcOrigin:VpcOrigin",
        "aws:lb/loadBalancer:LoadBalancer",
        "aws:lb/listener:Listener",
        "aws:lb/listenerRule:ListenerRule",
        "aws:lb/targetGroup:TargetGroup",
        "aws:ecs/service:Service",
        "aws:ecs/cluster:Cluster",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    ),
    ("httpApi", "public", "container"): (
        "aws:route53/record:Record",
        "aws:acm/certificate:Certificate",
        "aws:lb/loadBalancer:LoadBalancer",
        "aws:lb/listener:Listener",
        "aws:lb/listenerRule:ListenerRule",
        "aws:ecs/service:Service",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    ),
}


@pytest.mark.engine_all
@pytest.mark.parametrize("way", WAYS, ids=" ".join)
def test_whatever_is_missing_between_the_distribution_and_the_service_is_seen(way: tuple[str, str, str]):
    front_door, balancer, topology = way
    with walker(Build(front_door, balancer, "none", "site"), f"{topology} None") as stack:
        cloud, whole = stack.bench.cloud, stack.bench.moment()
        assert problems(cloud) == []
        for type_ in WAYS[way]:
            for name in [each.name for each in cloud.of_type(type_) if "cdn" not in each.name]:
                if is_on_the_way(name):
                    cloud.remove(next(each for each in cloud.of_type(type_) if each.name == name))
                    assert problems(cloud), f"{type_} {name} is gone, and nobody notices"
                    stack.bench.return_to(whole)


def is_on_the_way(name: str) -> bool:
    """Not the site's, not the distribution's own name, and not what only proves who owns a name; over IPv4."""
    return not (name.startswith(("site", "alias", "certificate")) or "validation" in name or name.endswith("ipv6"))


@pytest.mark.engine_all
def test_a_secret_that_is_not_accepted_is_seen():
    with walker(Build("httpApi", "internal", "none", "site"), "serverless None") as stack:
        cloud = stack.bench.cloud
        origins = cloud.one(DISTRIBUTION).outputs["origins"]
        for each in plain(origins):
            each["customHeaders"] = [{"name": "x-origin-secret", "value": "stolen"}] if each["customHeaders"] else []
            expected = ["the authorizer does not take the secret that the distribution sends"]
            assert why_not_ready(cloud, each) == (expected if each["customHeaders"] else [])


def problems(cloud: Cloud) -> list[str]:
    return Edges(cloud).problems
