"""What an account gets: state and keys that stay, a boundary and roles for each environment, and what it tells."""

import json
from functools import cache

import pytest
from stacks import ROOT

from components._bounded import path_of
from components.github_role import LONGEST_POLICY
from preflight.recorder import record_stack
from preflight.recording import Recording
from preflight.stackfile import load

FOLDER = ROOT / "bootstrap"
ROLE, POLICY, ZONE = "aws:iam/role:Role", "aws:iam/policy:Policy", "aws:route53/zone:Zone"


@cache
def account(*overrides: str) -> Recording:
    return record_stack(load(FOLDER, "main", overrides))


def components(recording: Recording) -> set[str]:
    return {f"{each.type.rpartition(':')[2]} {each.name}" for each in recording if not each.custom}


def test_each_environment_gets_a_key_a_boundary_and_two_roles_and_pull_requests_one():
    assert components(account()) == {
        "StateBucket state",
        "GithubOidcProvider github",
        *(f"SecretsKey secrets-{each}" for each in ("dev", "prod", "review")),
        *(f"PermissionsBoundary boundary-{each}" for each in ("dev", "prod", "review")),
        *(f"GithubRole deploy-{each}" for each in ("dev", "prod", "review")),
        *(f"GithubRole preview-{each}" for each in ("dev", "prod")),
    }


def test_without_reviews_nothing_is_there_for_pull_requests():
    assert not [each for each in components(account("review=false")) if each.endswith("-review")]


def test_a_provider_that_the_account_has_is_trusted_and_not_made_again():
    arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    recording = account(f"github.provider={arn}")
    assert not [each for each in components(recording) if each.startswith("GithubOidcProvider")]
    assert arn in recording.one(ROLE, "deploy-dev").inputs["assumeRolePolicy"]


@pytest.mark.parametrize(("name", "environment"), [("deploy-dev", "dev"), ("preview-prod", "preview-prod")])
def test_a_role_is_for_the_environment_of_its_own_name(name, environment):
    (statement,) = json.loads(account().one(ROLE, name).inputs["assumeRolePolicy"])["Statement"]
    assert statement["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"] == [
        f"repo:example/shop:environment:{environment}",
        f"repo:example@1234567/shop@123456789:environment:{environment}",
    ]


def test_a_session_that_deploys_may_last_two_hours_and_one_that_looks_one():
    seconds = {each.name: each.inputs["maxSessionDuration"] for each in account().of_type(ROLE)}
    assert {name for name, each in seconds.items() if each == 7200} == {"deploy-dev", "deploy-prod", "deploy-review"}
    assert {name for name, each in seconds.items() if each == 3600} == {"preview-dev", "preview-prod"}


def test_every_policy_is_of_a_length_that_iam_takes():
    for each in account(f"boundaryActions={json.dumps([f'dynamodb:Action{n}' for n in range(100)])}").of_type(POLICY):
        assert len("".join(each.inputs["policy"].split())) <= LONGEST_POLICY, each.name


def test_what_cant_be_made_again_is_protected_and_stays_after_the_end():
    recording = account("zone=example.com")
    protected = {each.name for each in recording if each.options.protect and each.custom}
    assert {"state", "secrets-dev", "secrets-prod-alias", "zone"} <= protected
    stays = {each.name for each in recording if each.options.retain_on_delete and not each.custom}
    assert stays == {"state", "secrets-dev", "secrets-prod", "secrets-review"}
    assert not any(each.options.protect for each in recording.of_type(ROLE))


def test_protection_can_be_lifted():
    assert not any(each.options.protect for each in account("zone=example.com", "protect=false"))


def test_the_boundary_lies_where_its_roles_will():
    for environment in ("dev", "prod", "review"):
        policy = account("project=shop").one(POLICY, f"boundary-{environment}")
        assert policy.inputs["path"] == f"/shop/{environment}/"
        arn = account("project=shop").outputs["boundaries"][environment]
        assert path_of(arn) == policy.inputs["path"]


def test_a_service_may_be_given_more_where_the_account_says_so_and_a_pull_requests_may_not():
    recording = account("boundaryActions=[dynamodb:GetItem]")
    allowed = {
        each: json.loads(recording.one(POLICY, f"boundary-{each}").inputs["policy"])["Statement"][0]["Action"]
        for each in ("dev", "review")
    }
    assert "dynamodb:GetItem" in allowed["dev"]
    assert "dynamodb:GetItem" not in allowed["review"]


def test_it_tells_what_the_stacks_and_the_workflows_need_to_know():
    outputs = account().outputs
    assert outputs["backend_url"].startswith("s3://state-")
    assert outputs["backend_url"].endswith("?region=us-east-1")
    assert set(outputs["roles"]) == {"dev", "preview-dev", "prod", "preview-prod", "review"}
    assert set(outputs["secrets_providers"]) == set(outputs["boundaries"]) == {"dev", "prod", "review"}
    assert outputs["secrets_providers"]["prod"] == "awskms://alias/switchyard-prod?region=us-east-1"
    assert (outputs["repository"], outputs["region"], outputs["name_servers"]) == ("example/shop", "us-east-1", [])


def test_with_a_zone_the_registrar_comes_first():
    recording = account("zone=example.com")
    assert recording.one(ZONE).inputs["forceDestroy"] is False
    told = recording.outputs["next_step"]
    assert recording.outputs["name_servers"][0] in told
    assert told.index("registrar of example.com") < told.index("ci delegation example.com") < told.index("connect")


def test_the_program_is_short_and_registers_nothing_itself():
    text = (FOLDER / "__main__.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 20
    assert "pulumi_aws" not in text
