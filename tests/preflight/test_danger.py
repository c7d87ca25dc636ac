"""Danger: each kind of it is named, and a harmless change is not called dangerous."""

from dataclasses import replace

import pytest
from recordings import recording, resource
from stacks import DOMAIN, ROOT, recorded

from preflight.danger import dangers
from preflight.danger_of_loss import DELETION_PROTECTION, KEEPS_DATA, goes_along
from preflight.difference import difference
from preflight.force_new import REPLACED_BY
from preflight.recording import Options
from preflight.stackfile import load
from preflight.switch import only_switched


def told(before, after, **switch) -> str:
    return "\n".join(dangers(difference(before, after), before, after, **switch))


def of_settings(stack, start, to) -> str:
    """As `diff STACK --set start --with to`, or as a pull request that changes the stack file so, says it."""
    before, after = load(ROOT, stack, start).config, load(ROOT, stack, to).config
    changes = only_switched(before, after)
    switched = recorded(stack, *start, *changes) if changes else None
    return told(recorded(stack, *start), recorded(stack, *to), switched=switched, configs=(before, after))


@pytest.mark.parametrize("type_", sorted(KEEPS_DATA))
def test_what_keeps_data_is_named_when_it_goes(type_):
    before, after = recording(resource("it", type_)), recording()
    assert KEEPS_DATA[type_] in told(before, after)
    assert told(after, before) == ""


def test_a_replacement_loses_data_as_a_removal_does_and_says_why():
    before = recording(resource("files", "aws:s3/bucket:Bucket", bucket="a"))
    after = recording(resource("files", "aws:s3/bucket:Bucket", bucket="b"))
    assert "Bucket files is replaced (bucket can't be changed in place), and with it its files" in told(before, after)
    assert "bucket" in REPLACED_BY["aws:s3/bucket:Bucket"]


def test_what_is_protected_is_named_before_the_engine_refuses():
    before = recording(resource("it", options=Options(protect=True)))
    assert "is protected, so the engine will refuse that it is removed" in told(before, recording())


def test_a_new_public_address_is_named():
    assert "The public URL changes from" in told(recorded("prod"), recorded("prod", DOMAIN))


def test_an_address_where_there_was_none_is_no_danger():
    assert told(recorded("dev", "image=none", "site=null"), recorded("dev", "site=null")) == ""


def test_a_function_url_that_gives_way_to_an_api_under_viewers_is_named_and_nothing_like_it():
    behind_url = ("serverless.frontDoor=functionUrl", "service.clientsHashBodies=true")
    url, api = recorded("dev", *behind_url), recorded("dev")
    behind_container = recorded("dev", *behind_url, "topology=container")
    assert "their Authorization is lost" in told(url, api)
    assert "Authorization" not in told(api, url) + told(url, behind_container) + told(behind_container, url)


def test_a_distribution_that_goes_takes_its_address_along():
    found = told(recorded("dev", "site=null"), recorded("dev", "site=null", "image=none"))
    assert "Distribution cdn is removed" in found


def test_nothing_left_behind_the_distribution_is_named():
    assert "Nothing is left behind the distribution: serverless goes" in told(
        recorded("dev"), recorded("dev", "image=none")
    )


def existing(vpc: str) -> str:
    subnets = "[subnet-0123456789abcdef0, subnet-0123456789abcdef1]"
    return f"network={{existing: {{vpcId: {vpc}, privateSubnetIds: {subnets}}}}}"


HERE, THERE = existing("vpc-0123456789abcdef0"), existing("vpc-0123456789abcdef1")


@pytest.mark.parametrize(
    ("start", "to"),
    [((), ("network.cidr=10.9.0.0/16",)), ((), (HERE,)), ((HERE,), ()), ((HERE,), (THERE,))],
    ids=["another block", "to an existing one", "from an existing one", "between existing ones"],
)
def test_another_network_is_named(start, to):
    moves = "TargetGroup container-balancer-app moves to another network, and a load balancer can't"
    assert moves in told(recorded("prod", *start), recorded("prod", *to))
    away = "topology=serverless"
    assert told(recorded("prod", away, *start), recorded("prod", away, *to)) == ""


def test_a_balancer_that_is_made_anew_can_be_in_another_network():
    after = recorded("prod", DOMAIN, "network.cidr=10.9.0.0/16", "container.loadBalancer=public")
    assert "moves to another network" not in told(recorded("prod", DOMAIN), after)


@pytest.mark.parametrize(
    ("start", "to"),
    [("none", "single"), ("single", "none"), ("single", "perZone"), ("single", "regional"), ("single", "endpoints")],
)
def test_another_way_out_of_tasks_that_serve_is_named(start, to):
    before, after = f"network.nat={start}", f"network.nat={to}"
    words = "The tasks call out by another way"
    assert words in told(recorded("prod", before), recorded("prod", after))
    standing_by = "standby=true", "topology=serverless"
    assert words not in told(recorded("prod", *standing_by, before), recorded("prod", *standing_by, after))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (DOMAIN, "Listener container-balancer-listener changes its certificateArn, port, protocol"),
        ("service.port=9090", "TargetGroup container-balancer-app changes its port"),
    ],
)
def test_another_way_into_a_balancer_that_serves_is_named(change, words):
    assert words in told(recorded("prod"), recorded("prod", change))
    standing_by = "standby=true", "topology=serverless"
    assert words not in told(recorded("prod", *standing_by), recorded("prod", *standing_by, change))


def test_a_health_check_that_the_tasks_may_not_answer_is_named():
    words = "TargetGroup container-balancer-app asks at /up at once"
    change = "service.healthCheckPath=/up", "service.paths=[/api/*, /up]"
    assert words in told(recorded("prod"), recorded("prod", *change))
    assert words not in told(recorded("prod", "topology=serverless"), recorded("prod", "topology=serverless", *change))


def test_another_domain_is_named_for_the_certificate_that_cloudfront_is_shown_meanwhile():
    words = "Listener container-balancer-listener changes its certificateArn while viewers come in by it"
    assert words in told(recorded("prod", DOMAIN), recorded("prod", DOMAIN.replace("shop", "store")))


def test_a_switch_together_with_another_setting_is_named():
    both = ("topology=container", "originSecret=2")
    assert "The switch comes together with other changes (originSecret): make" in of_settings("dev", (), both)
    assert of_settings("dev", (), ("topology=container", "standby=true")) == ""


def test_each_step_of_a_cautious_switch_should_stand_alone_too():
    both = ("standby=true",)
    shifted = (*both, "standbyTraffic=10")
    assert of_settings("dev", both, shifted) == ""
    assert "comes together with other changes (container)" in of_settings(
        "dev", both, (*shifted, "container.cpu=512", "container.memoryMb=1024")
    )
    assert "comes together with other changes (serverless)" in of_settings("dev", both, ("serverless.memoryMb=2048",))


def test_a_switch_together_with_another_program_is_named_by_what_that_changes():
    before, after = recorded("dev"), recorded("dev", "topology=container")
    function = "aws:lambda/function:Function"
    more = replace(after, resources={**after.resources, "x": resource("more", function)})
    configs = tuple(load(ROOT, "dev", each).config for each in ((), ("topology=container",)))
    assert "with other changes (more): make" in told(before, more, switched=after, configs=configs)


def test_a_new_stack_is_no_danger():
    nothing = replace(recording(), stack="dev")
    assert told(nothing, recorded("dev"), configs=({}, load(ROOT, "dev").config)) == ""


@pytest.mark.parametrize(("type_", "name"), DELETION_PROTECTION.items())
def test_what_aws_will_not_delete_is_named_by_what_was_set_before(type_, name):
    guarded, free = (recording(resource("it", type_, **{name: each})) for each in (True, False))
    assert f"is removed, but its {name} is on: AWS will refuse that" in told(guarded, recording())
    assert "will refuse" not in told(free, recording())
    assert "will refuse" not in told(guarded, free)


def test_the_shipped_prod_cannot_drop_its_balancer_at_once():
    found = of_settings("prod", (), ("topology=serverless",))
    assert "LoadBalancer container-balancer is removed, but its enableDeletionProtection is on" in found
    assert "LoadBalancer" in of_settings("prod", (), ("topology=serverless", "protect=false"))
    assert "LoadBalancer" not in of_settings("prod", ("standby=true", "topology=serverless"), ("topology=serverless",))


def test_what_is_kept_on_delete_is_not_lost():
    kept = Options(retain_on_delete=True)
    assert told(recording(resource("it", "aws:s3/bucket:Bucket", options=kept)), recording()) == ""


def test_many_that_are_protected_are_one_line():
    before = recording(*(resource(f"r{n}", options=Options(protect=True)) for n in range(15)))
    found = told(before, recording()).splitlines()
    assert found[0] == (
        "15 resources are protected, so the engine will refuse that they are removed: "
        "LogGroup r0, LogGroup r1, LogGroup r10 and 12 more."
    )


def losses(before, after) -> tuple[str, ...]:
    return goes_along(difference(before, after), before)


def test_logs_that_go_are_told_and_are_a_danger_only_where_they_are_protected():
    before = recording(resource("a"), resource("b"))
    assert losses(before, recording()) == ("the logs of a, b",)
    assert told(before, recording()) == ""
    guarded = recording(resource("a", options=Options(protect=True)))
    assert "Deleted for good, though it is protected: the logs of a." in told(guarded, recording())
    assert losses(guarded, recording()) == ()
    kept = recording(resource("a", options=Options(retain_on_delete=True)))
    assert losses(kept, recording()) == ()


@pytest.mark.parametrize(
    ("was", "now", "line"),
    [
        (
            {"retentionInDays": 90},
            {"retentionInDays": 1},
            "what is older than a day in a (until now 90 days were kept)",
        ),
        ({}, {"retentionInDays": 7}, "what is older than 7 days in a (until now all was kept)"),
        ({"retentionInDays": 7}, {"retentionInDays": 90}, None),
        ({"retentionInDays": 7}, {}, None),
        ({"retentionInDays": 7}, {"retentionInDays": 0}, None),
    ],
)
def test_logs_that_are_kept_for_less_long_are_told(was, now, line):
    assert losses(recording(resource("a", **was)), recording(resource("a", **now))) == ((line,) if line else ())


def test_of_the_shipped_stacks_all_places_that_keep_logs_for_less_long_are_told():
    before, after = recorded("prod"), recorded("prod", "logs.retentionDays=1")
    (line,) = losses(before, after)
    assert line.startswith("what is older than a day in container-logs, container-vpc-flow-log-records, waf-logs (")
    assert "it is protected: what is older than a day in logs-lifecycle (" in told(before, after)
    assert "serverless-logs" in losses(recorded("dev"), recorded("dev", "topology=container"))[0]


def test_an_address_that_aws_keeps_is_named():
    assert "gives up its IPv6 addresses" in told(recorded("prod"), recorded("prod", "network.ipv6=false"))
    assert told(recorded("prod", "network.ipv6=false"), recorded("prod")) == ""


@pytest.mark.parametrize(("was", "now"), [(1, 3), (2, 1), (3, 1)])
def test_a_secret_that_is_still_sent_but_no_longer_accepted_is_named(was, now):
    found = told(*(recorded("dev", f"originSecret={each}") for each in (was, now)))
    assert f"the secret that CloudFront still sends (number {was}, and they take" in found


def test_another_capacity_provider_is_refused_without_a_new_deployment():
    def service(name, **more):
        strategies = [{"capacityProvider": name, "weight": 1}]
        return recording(resource("app", "aws:ecs/service:Service", capacityProviderStrategies=strategies, **more))

    assert "Service app changes its capacity providers, which is refused" in told(service("FARGATE"), service("SPOT"))
    assert told(service("FARGATE"), service("SPOT", forceNewDeployment=True)) == ""


def provider(**inputs):
    return recording(resource("aws", "pulumi:providers:aws", **inputs))


ROLE = '[{"roleArn": "arn:aws:iam::111111111111:role/deploy"}]'


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        ({"allowedAccountIds": '["1"]'}, {"allowedAccountIds": '["2"]'}, "The account changes from 1 to 2"),
        ({"assumeRoles": ROLE}, {"assumeRoles": ROLE.replace("1", "2")}, "account changes from 111111111111 to 2222"),
        ({"profile": "a"}, {"profile": "b"}, "The provider changes its profile. If that leads to another account"),
        ({}, {"assumeRoles": ROLE}, "The provider changes its assumeRoles"),
        ({"assumeRoles": ROLE}, {"assumeRoles": ROLE.replace("deploy", "other")}, ""),
        ({"profile": "a", "allowedAccountIds": '["1"]'}, {"profile": "b", "allowedAccountIds": '["1"]'}, ""),
        ({}, {"allowedAccountIds": '["1"]'}, ""),
        ({"region": "a"}, {"region": "b"}, ""),
    ],
)
def test_another_account_is_named(was, now, words):
    found = told(provider(**was), provider(**now))
    assert words in found
    assert bool(words) == bool(found)


@pytest.mark.parametrize(
    "change", ["topology=container", "standby=true", "container.maxTasks=3", "logs.retentionDays=30", "originSecret=2"]
)
def test_an_everyday_change_is_not_dangerous(change):
    assert of_settings("dev", (), (change,)) == ""
