"""Who may do what: for each role and each resource with a policy, what must be allowed and what must not.

Asked of a real evaluator, with the conditions that AWS's services send.
"""

import json

import pytest
from iam import NEEDS_EVALUATOR, Question, ask, function_policy, grants, roles
from stacks import DOMAIN, recorded
from verdicts import FEW, SECRETS, URL, every_configuration

from policies.documents import TRUST, statements
from policies.iam import WITHOUT_A_RESOURCE
from preflight import made_up
from preflight.made_up import ACCOUNT
from preflight.recording import Recording

pytestmark = NEEDS_EVALUATOR

OTHER = "999999999999"
EVERYTHING = ("prod", "standby=true", DOMAIN, "network.nat=instance", SECRETS, "serverless.tracing=true")
SHELLS = ("prod", "topology=container", "container.executeCommand=true")
BY_URL = ("prod", "standby=true", *URL)
LOGS = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group"
SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret"

TRUSTED = {
    "container-start-role": "ecs-tasks.amazonaws.com",
    "container-task-role": "ecs-tasks.amazonaws.com",
    "container-vpc-flow-log-role": "vpc-flow-logs.amazonaws.com",
    "container-vpc-nat-role": "ec2.amazonaws.com",
    "serverless-role": "lambda.amazonaws.com",
    "serverless-api-authorizer-role": "lambda.amazonaws.com",
    "serverless-daily-call-role": "scheduler.amazonaws.com",
}
"""Each role, and the one service that may take it on."""
SENDS_NO_SOURCE = {"ec2.amazonaws.com"}

MAY = {
    "container-start-role": [
        ("ecr:GetAuthorizationToken", "*"),
        ("ecr:BatchCheckLayerAvailability", "{repository}"),
        ("ecr:BatchGetImage", "{repository}"),
        ("ecr:GetDownloadUrlForLayer", "{repository}"),
        ("logs:CreateLogStream", LOGS + ":{container-logs}:log-stream:a"),
        ("logs:PutLogEvents", LOGS + ":{container-logs}:log-stream:a"),
    ],
    "container-task-role": [("secretsmanager:GetSecretValue", SECRET + ":db-AbCdEf")],
    "container-vpc-flow-log-role": [
        ("logs:CreateLogStream", LOGS + ":{container-vpc-flow-log-records}:log-stream:a"),
        ("logs:DescribeLogStreams", LOGS + ":{container-vpc-flow-log-records}:*"),
        ("logs:PutLogEvents", LOGS + ":{container-vpc-flow-log-records}:log-stream:a"),
    ],
    "container-vpc-nat-role": [
        ("ssm:UpdateInstanceInformation", f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-0123456789abcdef0"),
        ("ssmmessages:CreateControlChannel", "*"),
        ("ssmmessages:CreateDataChannel", "*"),
        ("ssmmessages:OpenControlChannel", "*"),
        ("ssmmessages:OpenDataChannel", "*"),
    ],
    "serverless-role": [
        ("logs:CreateLogStream", LOGS + ":{serverless-logs}:log-stream:a"),
        ("logs:PutLogEvents", LOGS + ":{serverless-logs}:log-stream:a"),
        ("secretsmanager:GetSecretValue", SECRET + ":db-AbCdEf"),
        ("xray:PutTraceSegments", "*"),
        ("xray:PutTelemetryRecords", "*"),
    ],
    "serverless-api-authorizer-role": [
        ("logs:CreateLogStream", LOGS + ":{serverless-api-authorizer-logs}:log-stream:a"),
        ("logs:PutLogEvents", LOGS + ":{serverless-api-authorizer-logs}:log-stream:a"),
    ],
    "serverless-daily-call-role": [
        ("lambda:InvokeFunction", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{{serverless}}:{{serverless-live}}"),
    ],
}
"""What each role is for, and must be allowed. It is denied to every role that does not list it.

CloudWatch Logs asks for a group with `:*` behind its name.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
"""

WITH_SHELLS = {
    *(
        ("container-task-role", f"ssmmessages:{how}{what}Channel", "*")
        for how in ("Create", "Open")
        for what in ("Control", "Data")
    ),
    ("container-task-role", "logs:CreateLogStream", LOGS + ":{container-logs}:*"),
    ("container-task-role", "logs:DescribeLogGroups", "*"),
    ("container-task-role", "logs:DescribeLogStreams", LOGS + ":{container-logs}:*"),
    ("container-task-role", "logs:PutLogEvents", LOGS + ":{container-logs}:*"),
}
"""What the app's role may do besides where container.executeCommand is true."""

NOBODY_MAY = [
    ("ecr:PutImage", "{repository}"),
    ("ecr:BatchDeleteImage", "{repository}"),
    ("ecr:BatchGetImage", f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/other"),
    ("logs:CreateLogGroup", LOGS + ":new"),
    ("logs:PutLogEvents", LOGS + ":other:log-stream:a"),
    ("logs:DeleteLogGroup", LOGS + ":{container-logs}"),
    ("logs:GetLogEvents", LOGS + ":{serverless-logs}:log-stream:a"),
    ("secretsmanager:GetSecretValue", SECRET + ":db-AbCdEx"),
    ("secretsmanager:GetSecretValue", SECRET + ":other-AbCdEf"),
    ("secretsmanager:PutSecretValue", SECRET + ":db-AbCdEf"),
    ("ssm:GetParameter", f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/db"),
    ("ssm:SendCommand", f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-0123456789abcdef0"),
    ("lambda:InvokeFunction", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{{serverless}}"),
    ("lambda:InvokeFunction", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:other:live"),
    ("lambda:UpdateFunctionCode", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{{serverless}}"),
    ("s3:GetObject", "arn:aws:s3:::{site}/index.html"),
    ("s3:PutObject", "arn:aws:s3:::{site}/index.html"),
    ("s3:GetObject", "arn:aws:s3:::{logs}/balancer/a"),
    ("kms:Decrypt", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/a"),
    ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/{{container-task-role}}"),
    ("iam:AttachRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/{{container-task-role}}"),
    ("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/{{container-start-role}}"),
    ("ecs:RunTask", f"arn:aws:ecs:us-east-1:{ACCOUNT}:task-definition/a:1"),
    ("ecs:ExecuteCommand", f"arn:aws:ecs:us-east-1:{ACCOUNT}:cluster/a"),
    ("ec2:RunInstances", f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/*"),
    ("cloudfront:UpdateDistribution", f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"),
]


@pytest.fixture(scope="module")
def everything() -> Recording:
    return recorded(*EVERYTHING)


def names(recording: Recording) -> dict[str, str]:
    """What `{...}` stands for: a resource's physical name, or a repository's ARN, found in the documents."""
    found = {}
    for each in recording:
        if each.custom and each.type.startswith("aws:"):
            outputs = made_up.outputs(each, "us-east-1")
            physical = {"aws:ecr/repository:Repository": "arn", "aws:s3/bucket:Bucket": "bucket"}.get(each.type, "name")
            found[each.name] = str(each.inputs.get(physical, outputs.get(physical, "")))
    return found


def of_role(recording: Recording, name: str, action: str, resource: str) -> Question:
    role = roles(recording)[name]
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    return Question(arn, action, resource.format_map(names(recording)), identity=grants(recording, role))


def test_every_role_that_any_configuration_makes_is_in_the_table(everything):
    made = {name for each in (EVERYTHING, SHELLS, BY_URL) for name in roles(recorded(*each))}
    assert made == set(TRUSTED) == set(MAY) == set(roles(everything))


def granted(recording: Recording) -> set[tuple[str, str, str]]:
    """Each (role, action, resource) that any document grants, with names as the table has them."""
    known = {text: f"{{{name}}}" for name, text in names(recording).items() if text}
    found = set()
    for name, role in roles(recording).items():
        for each in (one for text in grants(recording, role) for one in statements(text)):
            assert each.allows
            assert not each.inverted
            assert not each.conditions
            found |= {(name, action, resource) for action in each.actions for resource in each.resources}
    return {(name, action, _as_the_table_says(resource, known)) for name, action, resource in found}


def _as_the_table_says(resource: str, known: dict[str, str]) -> str:
    if resource in known:
        return known[resource]
    return ":".join(known.get(part, part) for part in resource.split(":"))


def in_the_table() -> set[tuple[str, str, str]]:
    """Each (role, action, resource) of the table as a document spells it."""
    return {
        (name, action, "*" if action in WITHOUT_A_RESOURCE else resource.replace(":log-stream:a", ":*"))
        for name, wanted in MAY.items()
        for action, resource in wanted
    }


def test_the_roles_are_granted_what_the_table_says_and_nothing_else(everything):
    assert granted(everything) == in_the_table()
    for configuration in (SHELLS, BY_URL, *FEW):
        assert granted(recorded(*configuration)) <= in_the_table() | WITH_SHELLS, configuration
    assert granted(recorded(*SHELLS)) >= WITH_SHELLS


@pytest.mark.policies_all
def test_no_configuration_grants_a_role_more_than_the_table_says():
    for configuration in every_configuration():
        assert granted(recorded(*configuration)) <= in_the_table(), configuration


def test_every_role_may_do_what_it_is_for(everything):
    questions = [of_role(everything, name, *each) for name, wanted in MAY.items() for each in wanted]
    assert {q.principal + q.action: a for q, a in zip(questions, ask(questions), strict=True) if a != "Allowed"} == {}


def test_no_role_may_do_what_another_is_for_or_what_nobody_is_for(everything):
    all_of_it = {each for wanted in MAY.values() for each in wanted} | set(NOBODY_MAY)
    questions = [
        of_role(everything, name, *each) for name, wanted in MAY.items() for each in sorted(all_of_it - set(wanted))
    ]
    assert len(questions) > 200
    answers = zip(questions, ask(questions), strict=True)
    assert [f"{q.principal} {q.action} {q.resource}" for q, a in answers if a != "ImplicitlyDenied"] == []


def trusts(recording: Recording, context: dict[str, str]) -> dict[tuple[str, str], str]:
    questions = {
        (name, service): Question(
            service, "sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/{name}", context, guard=role.inputs[TRUST]
        )
        for name, role in roles(recording).items()
        for service in sorted(set(TRUSTED.values()))
    }
    return dict(zip(questions, ask(list(questions.values())), strict=True))


def test_a_role_is_taken_on_by_its_service_and_no_other(everything):
    for (name, service), answer in trusts(everything, {"aws:SourceAccount": ACCOUNT}).items():
        assert (answer == "Allowed") == (service == TRUSTED[name]), (name, service)


def test_no_service_takes_a_role_on_for_another_account(everything):
    for context in ({"aws:SourceAccount": OTHER}, {}):
        for (name, service), answer in trusts(everything, context).items():
            allowed = service == TRUSTED[name] and service in SENDS_NO_SOURCE
            assert (answer == "Allowed") == allowed, (name, service, context)


def test_nobody_else_takes_a_role_on(everything):
    principals = [f"arn:aws:iam::{OTHER}:role/a", f"arn:aws:iam::{ACCOUNT}:role/serverless-role"]
    questions = [
        Question(each, "sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/{name}", guard=role.inputs[TRUST])
        for name, role in roles(everything).items()
        for each in principals
    ]
    assert set(ask(questions)) == {"ImplicitlyDenied"}


def test_the_start_role_reads_no_secret_and_the_app_cannot_write_logs(everything):
    known = names(everything)
    questions = [
        of_role(everything, "container-start-role", "secretsmanager:GetSecretValue", SECRET + ":db-AbCdEf"),
        of_role(
            everything, "container-task-role", "logs:PutLogEvents", f"{LOGS}:{known['container-logs']}:log-stream:a"
        ),
    ]
    assert set(ask(questions)) == {"ImplicitlyDenied"}


def test_a_session_is_opened_only_where_shells_are_allowed():
    channel = ("ssmmessages:OpenDataChannel", "*")
    questions = [of_role(recorded(*each), "container-task-role", *channel) for each in (SHELLS, ("prod",))]
    assert ask(questions) == ["Allowed", "ImplicitlyDenied"]


def policy_of(recording: Recording, type_: str, name: str) -> str:
    return recording.one(type_, name).inputs["policy"]


def test_lambda_pulls_the_image_for_this_accounts_functions_and_does_nothing_else(everything):
    arn = names(everything)["repository"]
    guard = policy_of(everything, "aws:ecr/repositoryPolicy:RepositoryPolicy", "repository-lambda-pulls")
    ours = {"aws:SourceArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:a"}
    theirs = {"aws:SourceArn": f"arn:aws:lambda:us-east-1:{OTHER}:function:a"}

    def by(principal: str, action: str, context: dict[str, str]) -> Question:
        return Question(principal, action, arn, context, guard=with_resource(guard, arn))

    assert ask(
        [
            by("lambda.amazonaws.com", "ecr:BatchGetImage", ours),
            by("lambda.amazonaws.com", "ecr:GetDownloadUrlForLayer", ours),
            by("lambda.amazonaws.com", "ecr:BatchGetImage", theirs),
            by("lambda.amazonaws.com", "ecr:BatchGetImage", {}),
            by("lambda.amazonaws.com", "ecr:PutImage", ours),
            by("ecs-tasks.amazonaws.com", "ecr:BatchGetImage", ours),
            by(f"arn:aws:iam::{OTHER}:role/a", "ecr:BatchGetImage", {}),
        ]
    ) == ["Allowed", "Allowed", *["ImplicitlyDenied"] * 5]


def with_resource(document: str, arn: str) -> str:
    """A repository's policy names no resource: it is the repository."""
    whole = json.loads(document)
    return json.dumps({**whole, "Statement": [{"Resource": arn, **each} for each in whole["Statement"]]})


def test_the_site_is_read_by_this_accounts_distributions_over_tls_and_by_nobody_else(everything):
    bucket = f"arn:aws:s3:::{names(everything)['site']}"
    guard = policy_of(everything, "aws:s3/bucketPolicy:BucketPolicy", "site-policy")
    secure = {"aws:SecureTransport": "true"}
    ours = {**secure, "aws:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"}
    theirs = {**secure, "aws:SourceArn": f"arn:aws:cloudfront::{OTHER}:distribution/E1"}

    def by(principal: str, action: str, resource: str, context: dict[str, str]) -> Question:
        return Question(principal, action, resource, context, guard=guard)

    answers = ask(
        [
            by("cloudfront.amazonaws.com", "s3:GetObject", f"{bucket}/index.html", ours),
            by("cloudfront.amazonaws.com", "s3:ListBucket", bucket, ours),
            by("cloudfront.amazonaws.com", "s3:GetObject", f"{bucket}/index.html", theirs),
            by("cloudfront.amazonaws.com", "s3:GetObject", f"{bucket}/index.html", secure),
            by("cloudfront.amazonaws.com", "s3:PutObject", f"{bucket}/index.html", ours),
            by("cloudfront.amazonaws.com", "s3:DeleteObject", f"{bucket}/index.html", ours),
            by(f"arn:aws:iam::{OTHER}:role/a", "s3:GetObject", f"{bucket}/index.html", secure),
            by(
                "cloudfront.amazonaws.com",
                "s3:GetObject",
                f"{bucket}/index.html",
                {**ours, "aws:SecureTransport": "false"},
            ),
        ]
    )
    assert answers == ["Allowed", "Allowed", *["ImplicitlyDenied"] * 5, "ExplicitlyDenied"]


def test_each_log_delivery_writes_into_its_own_folder_for_this_account_and_reads_nothing(everything):
    bucket = f"arn:aws:s3:::{names(everything)['logs']}"
    guard = policy_of(everything, "aws:s3/bucketPolicy:BucketPolicy", "logs-policy")
    elb, cdn, s3 = (
        "logdelivery.elasticloadbalancing.amazonaws.com",
        "delivery.logs.amazonaws.com",
        "logging.s3.amazonaws.com",
    )
    base = {"aws:SecureTransport": "true", "aws:SourceAccount": ACCOUNT, "s3:x-amz-acl": "bucket-owner-full-control"}
    source = {**base, "aws:SourceArn": f"arn:aws:logs:us-east-1:{ACCOUNT}:delivery-source:cloudfront-E1"}
    foreign = {**source, "aws:SourceAccount": OTHER}

    def put(service: str, path: str, context: dict[str, str], action: str = "s3:PutObject") -> Question:
        return Question(service, action, f"{bucket}/{path}", context, guard=guard)

    answers = ask(
        [
            put(elb, f"balancer/AWSLogs/{ACCOUNT}/a", base),
            put(cdn, "cdn/a", source),
            put(s3, "site/a", base),
            put(elb, f"balancer/AWSLogs/{OTHER}/a", base),
            put(elb, "cdn/a", base),
            put(cdn, "cdn/a", foreign),
            put(cdn, "cdn/a", {**source, "aws:SourceArn": f"arn:aws:logs:us-east-1:{OTHER}:delivery-source:a"}),
            put(cdn, "site/a", source),
            put(s3, "site/a", {**base, "aws:SourceAccount": OTHER}),
            put(s3, "cdn/a", base),
            put(elb, f"balancer/AWSLogs/{ACCOUNT}/a", base, "s3:GetObject"),
            put(cdn, "cdn/a", source, "s3:DeleteObject"),
        ]
    )
    assert answers == ["Allowed"] * 3 + ["ImplicitlyDenied"] * 9


def alias_of(recording: Recording, function: str) -> str:
    return f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{names(recording)[function]}"


def test_the_function_is_called_by_its_own_api_and_no_other(everything):
    guard, arn = function_policy(everything, "serverless"), alias_of(everything, "serverless")
    (api,) = {
        each.inputs["sourceArn"].split("/")[0]
        for each in everything.of_type("aws:lambda/permission:Permission")
        if each.name == "serverless-api-invoke"
    }

    def by(service: str, resource: str, source: str, action: str = "lambda:InvokeFunction") -> Question:
        return Question(service, action, resource, {"aws:SourceArn": source}, guard=guard)

    answers = ask(
        [
            by("apigateway.amazonaws.com", f"{arn}:live", f"{api}/$default/$default"),
            by("apigateway.amazonaws.com", f"{arn}:live", f"arn:aws:execute-api:us-east-1:{ACCOUNT}:other/a/b"),
            by("apigateway.amazonaws.com", f"{arn}:live", f"arn:aws:execute-api:us-east-1:{OTHER}:a1/a/b"),
            by("apigateway.amazonaws.com", arn, f"{api}/$default/$default"),
            by("s3.amazonaws.com", f"{arn}:live", f"{api}/$default/$default"),
            by("apigateway.amazonaws.com", f"{arn}:live", f"{api}/a/b", "lambda:UpdateFunctionCode"),
        ]
    )
    assert answers == ["Allowed", *["ImplicitlyDenied"] * 5]


def test_a_function_url_is_called_by_this_accounts_distributions_and_the_function_not_past_it():
    recording = recorded(*BY_URL)
    guard, arn = function_policy(recording, "serverless"), alias_of(recording, "serverless")
    ours = {"aws:SourceArn": f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1", "lambda:FunctionUrlAuthType": "AWS_IAM"}
    by_url = {**ours, "lambda:InvokedViaFunctionUrl": "true"}
    theirs = {**by_url, "aws:SourceArn": f"arn:aws:cloudfront::{OTHER}:distribution/E1"}

    def by(principal: str, action: str, context: dict[str, str], qualifier: str = ":live") -> Question:
        return Question(principal, action, f"{arn}{qualifier}", context, guard=guard)

    answers = ask(
        [
            by("cloudfront.amazonaws.com", "lambda:InvokeFunctionUrl", ours),
            by("cloudfront.amazonaws.com", "lambda:InvokeFunction", by_url),
            by("cloudfront.amazonaws.com", "lambda:InvokeFunction", ours),
            by("cloudfront.amazonaws.com", "lambda:InvokeFunctionUrl", theirs),
            by("cloudfront.amazonaws.com", "lambda:InvokeFunction", theirs),
            by("cloudfront.amazonaws.com", "lambda:InvokeFunction", by_url, ""),
            by(f"arn:aws:iam::{OTHER}:role/a", "lambda:InvokeFunctionUrl", {"lambda:FunctionUrlAuthType": "AWS_IAM"}),
        ]
    )
    assert answers == ["Allowed", "Allowed", *["ImplicitlyDenied"] * 5]


@pytest.mark.policies_all
def test_in_every_configuration_a_role_may_do_nothing_but_what_it_is_for():
    absent = dict.fromkeys(names(recorded(*EVERYTHING)), "absent")
    assert {name for each in every_configuration() for name in roles(recorded(*each))} == set(MAY)
    questions = set()
    for configuration in every_configuration():
        recording = recorded(*configuration)
        known = {**absent, **names(recording)}
        for name, role in roles(recording).items():
            principal, identity = f"arn:aws:iam::{ACCOUNT}:role/{name}", grants(recording, role)
            questions |= {(principal, action, resource.format_map(known), identity) for action, resource in NOBODY_MAY}
    every = [
        Question(who, action, resource, identity=identity) for who, action, resource, identity in sorted(questions)
    ]
    answers = zip(every, ask(every), strict=True)
    assert [f"{q.principal} {q.action} {q.resource}" for q, a in answers if a != "ImplicitlyDenied"] == []
