"""Certificate: what it refuses, how it proves the name, and that nobody gets the ARN before ACM has issued it."""

import re

import botocore.session
import pulumi_aws as aws
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components._domains import domain_name
from components.certificate import KEY_ALGORITHM, Certificate, CertificateArgs

CERTIFICATE = "aws:acm/certificate:Certificate"
RECORD = "aws:route53/record:Record"
VALIDATION = "aws:acm/certificateValidation:CertificateValidation"
ARGS = {"domain_name": "app.example.com", "zone_id": "Z1EXAMPLE"}
ACM = botocore.session.get_session().get_service_model("acm")


def made(record, **changes):
    return record(lambda: Certificate("tls", CertificateArgs(**{**ARGS, **changes})), region="eu-west-1")


def test_it_makes_the_certificate_its_proof_and_the_wait_and_nothing_else(record):
    recording = made(record)
    children = recording.children(recording.one("switchyard:index:Certificate").urn)
    assert {(each.type, each.name) for each in children} == {
        (CERTIFICATE, "tls"),
        (RECORD, "tls-validation-record"),
        (VALIDATION, "tls-validation"),
    }


def test_the_certificate_is_validated_by_dns_and_logged_in_public(record):
    inputs = made(record).one(CERTIFICATE).inputs
    assert inputs["domainName"] == "app.example.com"
    assert inputs["validationMethod"] == "DNS"
    assert inputs["options"] == {"certificateTransparencyLoggingPreference": "ENABLED"}
    assert inputs["keyAlgorithm"] == "RSA_2048"


def test_the_key_algorithm_is_one_acm_issues():
    assert KEY_ALGORITHM in ACM.shape_for("KeyAlgorithm").enum


def test_the_record_in_the_zone_says_what_acm_asked_for(record):
    inputs = made(record, zone_id="Z9OTHER").one(RECORD).inputs
    assert inputs["zoneId"] == "Z9OTHER"
    assert re.fullmatch(r"_[0-9a-f]{32}\.app\.example\.com\.", inputs["name"])
    assert inputs["type"] == "CNAME"
    (value,) = inputs["records"]
    assert value.endswith(".acm-validations.aws.")
    assert inputs["ttl"] == 60


def test_a_second_certificate_of_the_same_name_may_share_the_record(record):
    assert made(record).one(RECORD).inputs["allowOverwrite"] is True


def test_the_wait_is_for_this_record_and_this_certificate_and_ends_after_45_minutes(record):
    recording = made(record)
    wait, proof = recording.one(VALIDATION), recording.one(RECORD)
    assert wait.inputs["validationRecordFqdns"] == [proof.inputs["name"]]
    dependencies = wait.options.property_dependencies
    assert dependencies["certificateArn"] == (recording.one(CERTIFICATE).urn,)
    assert proof.urn in dependencies["validationRecordFqdns"]
    assert wait.options.custom_timeouts["create"] == "45m"


def test_the_arn_it_hands_back_waits_for_acm(record):
    users = []

    def program():
        arn = Certificate("tls", CertificateArgs(**ARGS)).certificate_arn
        users.append(aws.lb.ListenerCertificate("user", listener_arn="arn", certificate_arn=arn))

    recording = record(program)
    user = recording.one("aws:lb/listenerCertificate:ListenerCertificate")
    assert user.options.property_dependencies["certificateArn"] == (recording.one(VALIDATION).urn,)


def test_it_hands_back_the_certificates_arn(record):
    recording = made(record)
    assert recording.one("switchyard:index:Certificate").outputs == {
        "certificate_arn": recording.one(VALIDATION).inputs["certificateArn"]
    }


def test_the_region_is_the_certificates_and_the_waits(record):
    recording = made(record, region="us-east-1")
    assert [recording.one(type_).inputs["region"] for type_ in (CERTIFICATE, VALIDATION)] == ["us-east-1"] * 2
    assert ":us-east-1:" in recording.one("switchyard:index:Certificate").outputs["certificate_arn"]


def test_without_a_region_the_providers_applies(record):
    recording = made(record)
    assert all("region" not in recording.one(type_).inputs for type_ in (CERTIFICATE, VALIDATION))


@pytest.mark.parametrize("name", ["example", "App.example.com", "app.example.com.", "*.example.com", ""])
def test_what_is_no_single_name_is_refused(name):
    with pytest.raises(ValueError, match=rf"domain_name must be a DNS name .*, got '{re.escape(name)}'$"):
        CertificateArgs(**{**ARGS, "domain_name": name})


def test_a_name_is_refused_just_past_the_common_names_limit_and_allowed_on_it():
    longest = "a" * 52 + ".example.com"
    assert len(longest) == 64
    assert CertificateArgs(**{**ARGS, "domain_name": longest})
    with pytest.raises(ValueError, match=f"of at most 64 characters .*, got 'a{longest}'$"):
        CertificateArgs(**{**ARGS, "domain_name": f"a{longest}"})


@pytest.mark.parametrize("region", ["", "us-east-1a", "virginia"])
def test_what_is_no_region_is_refused(region):
    with pytest.raises(ValueError, match=f"region must be a region such as us-east-1, got '{region}'$"):
        CertificateArgs(**ARGS, region=region)


@given(st.lists(st.from_regex(r"[a-z0-9-]{1,64}", fullmatch=True), min_size=1, max_size=4).map(".".join))
def test_every_name_that_passes_is_one_acm_takes(name):
    if domain_name("name", name) is None:
        assert re.fullmatch(ACM.shape_for("DomainNameString").metadata["pattern"], name)
