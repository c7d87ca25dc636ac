"""Environment and secrets: which names and ARNs are taken, what the app is told, and what its role may read."""

import re

import botocore.session
import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components._secrets import NAME, SECRET_ARN, problems, read_statements, secret_environment

SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf"
PARAMETER = "arn:aws:ssm:eu-west-1:123456789012:parameter/prod/db"


def found(environment=None, secrets=None) -> list[str]:
    return [each for each in problems(environment or {}, secrets or {}) if each]


@pytest.mark.parametrize("name", ["A", "_", "_a1", "DB_URL", "port", "AWS", "AWSOME", "PORT_2", "MY_AWS_KEY"])
def test_a_name_of_letters_digits_and_underscores_is_taken(name):
    assert found(environment={name: "x"}) == []
    assert found(secrets={name: SECRET}) == []


@pytest.mark.parametrize("name", ["", "1A", "A-B", "A B", "Ä", "A\n", "A=B"])
def test_any_other_name_is_refused(name):
    said = f"a name must be letters, digits and _, and not start with a digit, got {name!r}"
    assert found(environment={name: "x"}) == [f"environment: {said}"]
    assert found(secrets={name: SECRET}) == [f"secrets: {said}"]


@pytest.mark.parametrize("name", ["PORT", "AWS_", "AWS_REGION", "AWS_LWA_PORT"])
def test_a_reserved_name_is_refused(name):
    assert found(environment={name: "x"}) == [f"environment: PORT and AWS_* are reserved, got {name!r}"]
    assert found(secrets={name: SECRET}) == [f"secrets: PORT and AWS_* are reserved, got {name!r}"]


@given(st.text(alphabet=st.characters(max_codepoint=0x17F), max_size=8))
def test_only_what_a_shell_can_export_is_taken_as_a_name(name):
    if not found(environment={name: "x"}):
        assert re.fullmatch(NAME, name)
        assert name.isascii()
        assert name.replace("_", "a").isalnum()
        assert not name[0].isdigit()


def test_a_variable_cannot_be_set_twice():
    assert found({"DB": "x"}, {"DB": SECRET}) == ["environment must be free of the names that secrets sets, got 'DB'"]
    assert found({"DB_SECRET_ARN": "x"}, {"DB": SECRET}) == [
        "environment must be free of the names that secrets sets, got 'DB_SECRET_ARN'"
    ]
    assert found({}, {"DB": SECRET, "DB_SECRET_ARN": SECRET}) == ["secrets: 'DB_SECRET_ARN' holds the ARN of another"]
    assert found({"DB_URL": "x"}, {"DB": SECRET}) == []


@pytest.mark.parametrize(
    "arn",
    [
        SECRET,
        PARAMETER,
        f"{SECRET}:url::",
        SECRET.replace("arn:aws:", "arn:aws-cn:"),
        PARAMETER.replace("arn:aws:", "arn:aws-us-gov:"),
        SECRET.replace("prod/db", "rds!cluster-1_a+b=c.d@e"),
        PARAMETER.replace("parameter/prod/db", "parameter/plain"),
    ],
)
def test_the_arn_of_a_secret_or_a_parameter_is_taken(arn):
    assert found(secrets={"DB": arn}) == []


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "prod/db",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod-*",
        "arn:aws:secretsmanager:*:123456789012:secret:prod-AbCdEf",
        f"{SECRET}:",
        f"{SECRET}:url",
        f"{SECRET}:url:AWSPREVIOUS:",
        f"{PARAMETER}:3",
        f"{PARAMETER}/*",
        PARAMETER.replace("parameter/prod/db", "parameter/"),
        PARAMETER.replace("123456789012", "12345678901"),
        SECRET.replace("arn:aws:", "arn:aws-iso:"),
        "arn:aws:s3:::bucket",
        f"{SECRET}\n",
    ],
)
def test_any_other_text_is_refused_and_quoted_if_it_may_not_be_the_secret_itself(arn):
    (problem,) = found(secrets={"DB": arn})
    assert problem.startswith("secrets['DB'] must be the full ARN of a Secrets Manager secret")
    shown = repr(arn) if arn.startswith("arn:") else "a text that is no ARN, and is not shown"
    assert problem.endswith(f"got {shown}")


def test_every_problem_is_reported_at_once():
    assert len(found({"PORT": "1", "a-b": ""}, {"AWS_X": "no", "DB": SECRET})) == 4


def test_an_output_is_taken_as_a_value(record):
    seen = []
    record(lambda: seen.append(found(environment={"A": pulumi.Output.from_input("x")})))
    assert seen == [[]]


def test_the_longest_arn_there_is_fits_what_the_api_takes():
    api = botocore.session.get_session().get_service_model("secretsmanager")
    assert len(SECRET) <= api.shape_for("SecretARNType").metadata["max"]


def test_the_app_is_told_where_each_secret_is():
    assert secret_environment({"DB_URL": SECRET, "KEY": PARAMETER}) == {
        "DB_URL_SECRET_ARN": SECRET,
        "KEY_SECRET_ARN": PARAMETER,
    }
    assert secret_environment({}) == {}


def test_the_role_may_read_each_by_its_own_service_and_nothing_else():
    assert read_statements({"KEY": PARAMETER, "DB": SECRET}) == [
        {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": [SECRET]},
        {"Effect": "Allow", "Action": ["ssm:GetParameter"], "Resource": [PARAMETER]},
    ]
    assert read_statements({}) == []
    assert [each["Resource"] for each in read_statements({"KEY": PARAMETER})] == [[PARAMETER]]


def test_the_json_key_is_for_the_app_and_not_for_iam():
    (statement,) = read_statements({"A": f"{SECRET}:a::", "B": f"{SECRET}:b::", "C": SECRET})
    assert statement["Resource"] == [SECRET]


_NAMES = st.from_regex(r"[A-Za-z0-9/_+=.@!-]{1,20}", fullmatch=True)


@given(st.dictionaries(st.from_regex(r"[A-Z][A-Z0-9]{0,5}", fullmatch=True), _NAMES, max_size=6))
def test_iam_never_sees_a_wildcard_a_key_or_an_arn_nobody_asked_for(names):
    secrets = {
        name: f"arn:aws:secretsmanager:us-east-1:123456789012:secret:{each}-AbCdEf:key::"
        for name, each in names.items()
    }
    assert all(re.fullmatch(SECRET_ARN, arn) for arn in secrets.values())
    allowed = [arn for each in read_statements(secrets) for arn in each["Resource"]]
    assert allowed == sorted({arn.removesuffix(":key::") for arn in secrets.values()})
