"""PermissionsBoundary: one policy, in a path, of named actions."""

import json

import botocore.session
import pytest

from components.permissions_boundary import PermissionsBoundary, PermissionsBoundaryArgs

IAM = botocore.session.get_session().get_service_model("iam")


def args(**changes):
    return PermissionsBoundaryArgs(**{"path": "/switchyard/dev/", "actions": ["logs:PutLogEvents"], **changes})


def test_it_makes_one_policy_in_the_path_that_roles_are_held_to(record):
    recording = record(lambda: PermissionsBoundary("boundary", args(actions=["xray:B", "logs:A", "logs:A"])))
    (policy,) = recording.children(recording.one("switchyard:index:PermissionsBoundary").urn)
    assert (policy.type, policy.name, policy.inputs["path"]) == (
        "aws:iam/policy:Policy",
        "boundary",
        "/switchyard/dev/",
    )
    (statement,) = json.loads(policy.inputs["policy"])["Statement"]
    assert statement == {"Effect": "Allow", "Action": ["logs:A", "xray:B"], "Resource": ["*"]}


def test_it_hands_back_an_arn_that_tells_the_path(record):
    recording = record(lambda: PermissionsBoundary("boundary", args()))
    arn = recording.one("switchyard:index:PermissionsBoundary").outputs["boundary_arn"]
    assert arn.startswith("arn:aws:iam::123456789012:policy/switchyard/dev/boundary-")


@pytest.mark.parametrize("path", ["", "/", "dev", "/dev", "dev/", "/a*/", "//"])
def test_what_is_no_path_of_its_own_is_refused(path):
    with pytest.raises(ValueError, match="PermissionsBoundaryArgs: path must be a path such as /switchyard/dev/, got"):
        args(path=path)


@pytest.mark.parametrize("action", ["*", "logs:*", "logs:Put*", "logs", "logs:Put?vents"])
def test_a_wildcard_is_refused(action):
    with pytest.raises(ValueError, match="actions must be service:Action without a wildcard, got"):
        args(actions=[action])


def test_a_boundary_that_allows_nothing_is_refused():
    with pytest.raises(ValueError, match="actions must not be empty"):
        args(actions=[])


def test_a_path_is_one_that_iam_takes():
    assert 1 <= len(args().path) <= IAM.shape_for("policyPathType").metadata["max"]


def test_what_it_denies_is_denied_whatever_else_it_leaves_and_nothing_is_let_in_that_way(record):
    deny = {"Effect": "Deny", "Action": ["kms:*"], "Resource": ["arn:aws:kms:us-east-1:123456789012:key/1"]}
    recording = record(lambda: PermissionsBoundary("boundary", args(denied=[deny])))
    assert json.loads(recording.one("aws:iam/policy:Policy").inputs["policy"])["Statement"][1:] == [deny]
    with pytest.raises(ValueError, match="denied must hold statements that deny alone"):
        args(denied=[{**deny, "Effect": "Allow"}])
