"""FunctionUrl: an endpoint for signed requests of this account's distributions, and for nobody else."""

import re

import botocore.session
import pulumi
import pulumi_aws as aws
import pytest

from components.function_url import FunctionUrl, FunctionUrlArgs

DISTRIBUTIONS = "arn:aws:cloudfront::123456789012:distribution/*"


@pytest.fixture
def make(record):
    return lambda **changes: record(
        lambda: FunctionUrl("url", FunctionUrlArgs(**{"function_name": "web-1", **changes})) and None
    )


def test_an_unknown_mode_is_refused():
    with pytest.raises(
        ValueError, match="FunctionUrlArgs: invoke_mode must be one of buffered, response_stream, got 'BUFFERED'"
    ):
        FunctionUrlArgs(function_name="web-1", invoke_mode="BUFFERED")


def test_it_creates_these_children_and_no_others(make):
    recording = make()
    component = recording.one("switchyard:index:FunctionUrl")
    assert {(child.type, child.name) for child in recording.children(component.urn)} == {
        ("aws:lambda/functionUrl:FunctionUrl", "url"),
        ("aws:lambda/permission:Permission", "url-call-url"),
        ("aws:lambda/permission:Permission", "url-invoke"),
        ("aws:cloudfront/originAccessControl:OriginAccessControl", "url-access-control"),
    }
    assert len([each for each in recording if each.is_ours]) == 5


@pytest.mark.parametrize(("mode", "word"), [("buffered", "BUFFERED"), ("response_stream", "RESPONSE_STREAM")])
def test_the_url_is_the_aliass_takes_signed_requests_only_and_answers_as_asked(make, mode, word):
    assert make(alias_name="canary", invoke_mode=mode).one("aws:lambda/functionUrl:FunctionUrl").inputs == {
        "functionName": "web-1",
        "qualifier": "canary",
        "authorizationType": "AWS_IAM",
        "invokeMode": word,
    }


def test_distributions_of_this_account_may_call_the_url_of_the_alias(make):
    assert make().one("aws:lambda/permission:Permission", "url-call-url").inputs == {
        "action": "lambda:InvokeFunctionUrl",
        "function": "web-1",
        "qualifier": "live",
        "principal": "cloudfront.amazonaws.com",
        "functionUrlAuthType": "AWS_IAM",
        "sourceArn": DISTRIBUTIONS,
    }


def test_and_they_may_invoke_the_function_but_only_through_its_url(make):
    assert make().one("aws:lambda/permission:Permission", "url-invoke").inputs == {
        "action": "lambda:InvokeFunction",
        "function": "web-1",
        "qualifier": "live",
        "principal": "cloudfront.amazonaws.com",
        "invokedViaFunctionUrl": True,
        "sourceArn": DISTRIBUTIONS,
    }


def test_both_permissions_are_on_the_alias_that_was_named(make):
    permissions = make(alias_name="canary").of_type("aws:lambda/permission:Permission")
    assert [each.inputs["qualifier"] for each in permissions] == ["canary", "canary"]


def test_account_and_partition_are_looked_up_with_the_components_own_provider(record):
    def program() -> None:
        provider = aws.Provider("elsewhere", region="eu-west-1")
        FunctionUrl("url", FunctionUrlArgs(function_name="web-1"), pulumi.ResourceOptions(provider=provider))

    recording = record(program)
    assert {lookup.token for lookup in recording.lookups} == {
        "aws:index/getPartition:getPartition",
        "aws:index/getCallerIdentity:getCallerIdentity",
    }
    assert all(lookup.provider.endswith("::elsewhere") for lookup in recording.lookups)


def test_cloudfront_signs_every_request(make):
    control = make().one("aws:cloudfront/originAccessControl:OriginAccessControl").inputs
    assert control.pop("description")
    assert control == {
        "originAccessControlOriginType": "lambda",
        "signingBehavior": "always",
        "signingProtocol": "sigv4",
    }


def test_it_hands_back_the_host_name_and_the_access_control(make):
    outputs = make().one("switchyard:index:FunctionUrl").outputs
    assert outputs.keys() == {"domain_name", "origin_access_control_id"}
    assert re.fullmatch(r"[0-9a-f]{32}\.lambda-url\.us-east-1\.on\.aws", outputs["domain_name"])
    assert re.fullmatch(r"E[0-9A-F]{13}", outputs["origin_access_control_id"])


def test_the_words_are_the_apis_own():
    session = botocore.session.Session()
    add = session.get_service_model("lambda").operation_model("AddPermission").input_shape.members
    assert re.fullmatch(add["SourceArn"].metadata["pattern"], DISTRIBUTIONS)
    assert "AWS_IAM" in add["FunctionUrlAuthType"].enum
    assert "InvokedViaFunctionUrl" in add
    model = session.get_service_model("cloudfront")
    assert "lambda" in model.shape_for("OriginAccessControlOriginTypes").enum
    assert "always" in model.shape_for("OriginAccessControlSigningBehaviors").enum
    assert "sigv4" in model.shape_for("OriginAccessControlSigningProtocols").enum
