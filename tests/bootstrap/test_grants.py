"""What each role of an account may do, and what it must not: asked of a real evaluator, and linted.

Whom a role lets in is in test_account.py and, to the letter, in test_github_role.py.
"""

import ast
import hashlib
import json
import re
from fnmatch import fnmatchcase
from functools import cache

import pytest
from iam import NEEDS_EVALUATOR, Question, ask, documents, linted
from stacks import ROOT, recorded
from verdicts import SECRETS, every_configuration

from bootstrap.grants import BUCKETS, NAMED, SERVICE_ACTIONS, TRIED_ACTIONS, bucket_of
from components._private_bucket import MADE_UP
from preflight.made_up import ACCOUNT
from preflight.recorder import record_stack
from preflight.recording import Recording, Resource
from preflight.stackfile import load

ATTACHMENT, POLICY = "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "aws:iam/policy:Policy"
REGION = {"aws:RequestedRegion": "us-east-1"}
SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:db-AbCdEf"
ROLE = f"arn:aws:iam::{ACCOUNT}:role"
EVERYTHING = ("prod", "standby=true", "network.nat=instance", "serverless.tracing=true", SECRETS)
CONFIGURATIONS = (EVERYTHING, ("prod", "container.executeCommand=true"))
"""Which have, between them, every role and every bucket."""


@cache
def account() -> Recording:
    return record_stack(load(ROOT / "bootstrap", "main", ("zone=example.com",)))


def grants(role: str) -> tuple[str, ...]:
    """The documents of the policies that are attached to a role."""
    arns = {each.inputs["policyArn"] for each in account().of_type(ATTACHMENT) if each.name.startswith(f"{role}-")}
    found = [each for each in account().of_type(POLICY) if any(arn.endswith(physical(each)) for arn in arns)]
    assert len(found) == len(arns) > 0
    return tuple(each.inputs["policy"] for each in found)


def physical(policy) -> str:
    return f"{policy.name}-{hashlib.sha256(policy.urn.encode()).hexdigest()[:7]}"


def answers(role: str, asked: list[tuple]) -> list[str]:
    mine = grants(role)
    return ask(
        [
            Question(
                f"{ROLE}/{role}",
                action,
                resource,
                context[0] if context else REGION,
                identity=mine,
                guard=key_policy() if action.startswith("kms:") else None,
            )
            for action, resource, *context in asked
        ]
    )


def state(path: str) -> str:
    return f"arn:aws:s3:::{account().outputs['backend_url'][5:].partition('?')[0]}/.pulumi/{path}"


def key(environment: str) -> str:
    return account().one("switchyard:index:SecretsKey", f"secrets-{environment}").outputs["key_arn"]


def key_policy() -> str:
    """Without a word of the key's own policy KMS asks no IAM; all keys have the same."""
    (policy,) = {each.inputs["policy"] for each in account().of_type("aws:kms/key:Key")}
    return policy


def boundary(environment: str) -> dict[str, str]:
    return {"iam:PermissionsBoundary": account().outputs["boundaries"][environment]}


def passed_to(service: str) -> dict[str, str]:
    return {"iam:PassedToService": service}


def tagged(project: str, stack: str) -> dict[str, str]:
    return {**REGION, "aws:ResourceTag/project": project, "aws:ResourceTag/stack": stack}


INSTANCE = f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-0123456789abcdef0"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:serverless-1"
ZONE = "arn:aws:route53:::hostedzone/Z1"


def bucket(name: str, stack: str) -> str:
    """ARN of a bucket as the provider names it."""
    return f"arn:aws:s3:::{name}-{stack}-20261126150000000000000001"


def log_group(name: str) -> str:
    return f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{name}"


def images(name: str) -> str:
    return f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/{name}"


def on_ecs(name: str) -> str:
    return f"arn:aws:ecs:us-east-1:{ACCOUNT}:{name}"


CHANGES_OF_MACHINES = (
    "ec2:AssociateIamInstanceProfile",
    "ec2:CreateTags",
    "ec2:ModifyInstanceAttribute",
    "ec2:ReplaceIamInstanceProfileAssociation",
    "ec2:StartInstances",
    "ec2:StopInstances",
    "ec2:TerminateInstances",
)
CHANGES_OF_LOGS = ("logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy")
CHANGES_OF_IMAGES = ("ecr:PutImage", "ecr:SetRepositoryPolicy", "ecr:DeleteRepository", "ecr:PutLifecyclePolicy")
CHANGES_OF_ECS = (
    ("ecs:UpdateCluster", "cluster", ""),
    ("ecs:UpdateService", "service", "/container-1"),
    ("ecs:RegisterTaskDefinition", "task-definition", ":1"),
)


def deploys(environment: str, stack: str) -> list[tuple]:
    """What a deployment of the stack does."""
    return [
        ("ec2:CreateVpc", f"arn:aws:ec2:us-east-1:{ACCOUNT}:vpc/vpc-0123456789abcdef0"),
        ("ec2:TerminateInstances", INSTANCE, tagged("switchyard", stack)),
        *((action, INSTANCE, tagged("switchyard", stack)) for action in CHANGES_OF_MACHINES),
        ("ec2:RunInstances", INSTANCE),
        ("ec2:RunInstances", INSTANCE.partition("instance/")[0] + "subnet/subnet-0123456789abcdef0"),
        ("ec2:CreateTags", INSTANCE, {**REGION, "ec2:CreateAction": "RunInstances"}),
        ("ec2:CreateTags", f"arn:aws:ec2:us-east-1:{ACCOUNT}:security-group/sg-0123456789abcdef0"),
        ("lambda:UpdateFunctionCode", FUNCTION, tagged("switchyard", stack)),
        ("lambda:CreateFunction", FUNCTION),
        *(
            (action, log_group(name))
            for name in ("serverless-logs-1", "aws-waf-logs-waf-1")
            for action in CHANGES_OF_LOGS
        ),
        ("logs:PutDeliverySource", f"arn:aws:logs:us-east-1:{ACCOUNT}:delivery-source:cloudfront-1"),
        ("logs:TagResource", f"arn:aws:logs:us-east-1:{ACCOUNT}:delivery-source:cloudfront-1"),
        *((action, on_ecs(f"{kind}/container-{kind}-1{end}")) for action, kind, end in CHANGES_OF_ECS),
        ("ecs:DeregisterTaskDefinition", "*"),
        *((action, images("repository-1")) for action in CHANGES_OF_IMAGES),
        ("cloudfront:UpdateDistribution", f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"),
        ("s3:PutObject", f"{bucket('site', stack)}/index.html"),
        ("s3:CreateBucket", bucket("logs", stack)),
        ("s3:TagResource", bucket("logs", stack)),
        (
            "cloudfront-keyvaluestore:PutKey",
            f"arn:aws:cloudfront::{ACCOUNT}:key-value-store/1",
            {"aws:RequestedRegion": "*"},
        ),
        ("ecr:PutImage", f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/repository-1"),
        ("iam:CreateRole", f"{ROLE}/switchyard/{environment}/x", boundary(environment)),
        ("iam:PutRolePolicy", f"{ROLE}/switchyard/{environment}/x", boundary(environment)),
        ("iam:DeleteRole", f"{ROLE}/switchyard/{environment}/x"),
        ("iam:PassRole", f"{ROLE}/switchyard/{environment}/x", passed_to("lambda.amazonaws.com")),
        ("iam:PassRole", f"{ROLE}/switchyard/{environment}/x", passed_to("ecs-tasks.amazonaws.com")),
        ("kms:Encrypt", key(environment)),
        ("kms:Decrypt", key(environment)),
        *(("s3:PutObject", state(each)) for each in state_of(stack)),
        *(("s3:GetObject", state(each)) for each in state_of(stack)),
        ("s3:DeleteObject", state(f"locks/organization/switchyard/{stack}/1.json")),
        ("s3:GetObject", state("meta.yaml")),
        ("s3:ListBucket", state("").partition("/")[0]),
    ]


def state_of(stack: str) -> list[str]:
    return [
        f"stacks/switchyard/{stack}.json",
        f"stacks/switchyard/{stack}.json.bak",
        f"stacks/switchyard/{stack}.pulumi-tags",
        f"history/switchyard/{stack}/{stack}-1.history.json",
        f"history/switchyard/{stack}/{stack}-1.checkpoint.json",
        f"backups/switchyard/{stack}/{stack}.1.json",
        f"locks/organization/switchyard/{stack}/1.json",
    ]


WRITES_OF_BUCKETS = (
    ("s3:PutObject", "/index.html"),
    ("s3:DeleteObject", "/index.html"),
    ("s3:DeleteBucket", ""),
    ("s3:PutBucketPolicy", ""),
    ("s3:PutBucketPublicAccessBlock", ""),
    ("s3:PutLifecycleConfiguration", ""),
)


def may_not(environment: str, stack: str, other: str) -> list[tuple]:
    """What nobody who deploys the stack may do."""
    return [
        # More than it is given, through a role
        ("iam:CreateRole", f"{ROLE}/switchyard/{environment}/x", {}),
        ("iam:CreateRole", f"{ROLE}/switchyard/{environment}/x", boundary(other)),
        ("iam:CreateRole", f"{ROLE}/x", boundary(environment)),
        ("iam:PutRolePolicy", f"{ROLE}/deploy-{environment}-1", boundary(environment)),
        ("iam:PutRolePolicy", f"{ROLE}/switchyard/{other}/x", boundary(other)),
        ("iam:AttachRolePolicy", f"{ROLE}/deploy-prod-1"),
        ("iam:DeleteRolePermissionsBoundary", f"{ROLE}/switchyard/{environment}/x"),
        ("iam:UpdateAssumeRolePolicy", f"{ROLE}/deploy-prod-1"),
        ("iam:PassRole", f"{ROLE}/switchyard/{environment}/x", passed_to("cloudformation.amazonaws.com")),
        ("iam:PassRole", f"{ROLE}/switchyard/{other}/x", passed_to("lambda.amazonaws.com")),
        ("iam:PassRole", f"{ROLE}/admin", passed_to("lambda.amazonaws.com")),
        ("iam:CreatePolicyVersion", account().outputs["boundaries"][environment]),
        ("iam:SetDefaultPolicyVersion", account().outputs["boundaries"][environment]),
        ("iam:CreateUser", f"arn:aws:iam::{ACCOUNT}:user/x"),
        ("sts:AssumeRole", f"{ROLE}/deploy-{other}-1"),
        # Another environment
        *(("s3:GetObject", state(each)) for each in state_of(other)),
        *(("s3:PutObject", state(each)) for each in state_of(other)),
        ("s3:PutObject", state(f"stacks/switchyard/{environment}2.json")),
        ("s3:GetObject", state("stacks/switchyard-bootstrap/main.json")),
        ("kms:Decrypt", key(other)),
        ("kms:Encrypt", key(other)),
        *(
            (action, f"{bucket(name, theirs)}{path}")
            for name in ("site", "logs")
            for theirs in (other, f"{stack}-2")
            for action, path in WRITES_OF_BUCKETS
            if not (environment == "review" and theirs == f"{stack}-2")
        ),
        ("ec2:TerminateInstances", INSTANCE, tagged("switchyard", other)),
        ("lambda:UpdateFunctionCode", FUNCTION, tagged("switchyard", other)),
        # What can't be made again
        ("kms:ScheduleKeyDeletion", key(environment)),
        ("kms:PutKeyPolicy", key(environment)),
        ("route53:DeleteHostedZone", ZONE),
        ("s3:DeleteBucket", state("").partition("/")[0]),
        ("s3:PutBucketPolicy", state("").partition("/")[0]),
        ("s3:PutBucketVersioning", state("").partition("/")[0]),
        ("s3:PutLifecycleConfiguration", state("").partition("/")[0]),
        ("s3:DeleteObjectVersion", state(f"stacks/switchyard/{stack}.json")),
        ("s3:PutObject", state("meta.yaml")),
        ("s3:DeleteObject", state("meta.yaml")),
        # Secrets of the service, and other regions
        ("secretsmanager:GetSecretValue", SECRET),
        ("ssm:GetParameter", f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/db"),
        ("ec2:RunInstances", INSTANCE.replace("us-east-1", "ap-south-1"), {"aws:RequestedRegion": "ap-south-1"}),
        ("s3:PutObject", "arn:aws:s3:::somebody-elses/x"),
        # What strangers run, keep or wrote in the same account, and no tag says whose it is
        ("lambda:UpdateFunctionCode", FUNCTION.replace("serverless-1", "somebody-elses")),
        *((action, INSTANCE, tags) for tags in (REGION, tagged("theirs", stack)) for action in CHANGES_OF_MACHINES),
        ("ec2:StopInstances", INSTANCE, {**REGION, "aws:ResourceTag/project": "switchyard"}),
        *((action, images("payments")) for action in CHANGES_OF_IMAGES),
        *((action, log_group("/aws/lambda/payments")) for action in CHANGES_OF_LOGS if action != "logs:CreateLogGroup"),
        *((action, on_ecs(f"{kind}/payments{end}")) for action, kind, end in CHANGES_OF_ECS),
    ]


@NEEDS_EVALUATOR
@pytest.mark.parametrize(("environment", "stack"), [("dev", "dev"), ("prod", "prod"), ("review", "pr-12")])
def test_a_role_that_deploys_may_do_all_that_a_deployment_needs(environment, stack):
    asked = deploys(environment, stack)
    got = answers(f"deploy-{environment}", asked)
    assert [each[:2] for each, answer in zip(asked, got, strict=True) if answer != "Allowed"] == []


@NEEDS_EVALUATOR
@pytest.mark.parametrize(
    ("environment", "stack", "other"), [("dev", "dev", "prod"), ("prod", "prod", "dev"), ("review", "pr-12", "prod")]
)
def test_a_role_that_deploys_may_not_reach_beyond_its_environment_or_undo_what_guards_it(environment, stack, other):
    asked = may_not(environment, stack, other)
    got = answers(f"deploy-{environment}", asked)
    assert [each for each, answer in zip(asked, got, strict=True) if answer == "Allowed"] == []


@NEEDS_EVALUATOR
def test_what_the_delivery_page_says_cannot_be_told_apart_cannot():
    edge = f"arn:aws:cloudfront::{ACCOUNT}"
    asked = [
        ("cloudfront:UpdateFunction", f"{edge}:function/cdn-viewer-request-1"),
        ("cloudfront:UpdateResponseHeadersPolicy", f"{edge}:response-headers-policy/1"),
        ("cloudfront:DeleteOriginAccessControl", f"{edge}:origin-access-control/1"),
        ("cloudfront-keyvaluestore:PutKey", f"{edge}:key-value-store/1"),
        ("logs:PutResourcePolicy", "*"),
        ("ec2:DeleteSubnet", f"arn:aws:ec2:us-east-1:{ACCOUNT}:subnet/subnet-0123456789abcdef0"),
        ("cloudfront:UpdateDistribution", f"{edge}:distribution/E1"),
    ]
    assert set(answers("deploy-review", asked)) == {"Allowed"}


@NEEDS_EVALUATOR
def test_a_name_of_its_own_is_for_dev_and_prod_alone():
    asked = [
        ("route53:ChangeResourceRecordSets", ZONE),
        ("acm:RequestCertificate", "*"),
    ]
    assert answers("deploy-dev", asked) == ["Allowed", "Allowed"]
    assert "Allowed" not in answers("deploy-review", asked)


@NEEDS_EVALUATOR
def test_an_environment_of_a_pull_request_may_not_touch_the_keys_of_dev_and_its_own_are_all_alike():
    assert answers("deploy-review", [("lambda:UpdateFunctionCode", FUNCTION, tagged("switchyard", "pr-7"))]) == [
        "Allowed"
    ]
    assert answers("deploy-review", [("kms:Decrypt", key("dev"))]) == ["ImplicitlyDenied"]


# What a role may be given that a deploying role makes: its boundary, if the role itself may do everything

PARAMETER = f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/db"


def bounded(environment: str, asked: list[tuple]) -> list[str]:
    document = account().one(POLICY, f"boundary-{environment}").inputs["policy"]
    guards = [key_policy() if action.startswith("kms:") else None for action, *_ in asked]
    made = f"{ROLE}/switchyard/{environment}/x"
    return ask(
        [
            Question(made, action, resource, context, identity=(document,), guard=guard)
            for (action, resource, context), guard in zip(asked, guards, strict=True)
        ]
    )


@NEEDS_EVALUATOR
@pytest.mark.parametrize("environment", ["dev", "prod", "review"])
def test_no_role_of_a_stack_may_use_a_key_of_pulumis_or_what_is_tagged_as_another_stacks(environment):
    mine, other = {"dev": ("dev", "prod"), "prod": ("prod", "dev"), "review": ("pr-12", "prod")}[environment]
    assert set(bounded(environment, [("kms:Decrypt", key(each), REGION) for each in ("dev", "prod", "review")])) == {
        "ExplicitlyDenied"
    }
    asked = [("secretsmanager:GetSecretValue", SECRET), ("ssm:GetParameter", PARAMETER)]
    asked.append(("lambda:InvokeFunction", FUNCTION))
    others = [(*each, tagged("switchyard", other)) for each in asked]
    assert "Allowed" not in bounded(environment, others)
    assert bounded(environment, [("lambda:InvokeFunction", FUNCTION, tagged("switchyard", mine))]) == ["Allowed"]


@NEEDS_EVALUATOR
def test_no_role_of_a_pull_request_may_open_a_secret_of_anybody_and_one_of_prod_may():
    asked = [
        ("secretsmanager:GetSecretValue", SECRET, REGION),
        ("ssm:GetParameter", PARAMETER, REGION),
        ("ssm:GetParameters", PARAMETER, REGION),
        ("kms:Decrypt", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555", REGION),
    ]
    assert "Allowed" not in bounded("review", asked)
    assert set(bounded("prod", asked)) == {"Allowed"}


LOOKS = [
    ("lambda:GetFunction", FUNCTION),
    ("ec2:DescribeVpcs", "*"),
    ("iam:GetRole", f"{ROLE}/switchyard/dev/x"),
    ("s3:GetBucketPolicy", "arn:aws:s3:::site-dev-1"),
]
NEVER = [
    ("secretsmanager:GetSecretValue", SECRET),
    ("secretsmanager:BatchGetSecretValue", "*"),
    ("ssm:GetParameter", f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/db"),
    ("ssm:GetParametersByPath", f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/db"),
    ("s3:GetObject", "arn:aws:s3:::somebody-elses/x"),
]


@NEEDS_EVALUATOR
@pytest.mark.parametrize(("environment", "other"), [("dev", "prod"), ("prod", "dev")])
def test_a_role_that_previews_may_look_and_read_its_own_state(environment, other):
    own = [("s3:GetObject", state(each)) for each in ("meta.yaml", *state_of(environment))]
    own.append(("s3:GetObject", f"{bucket('site', environment)}/index.html"))
    asked = [*LOOKS, *own, ("kms:Decrypt", key(environment)), ("s3:ListBucket", state("").partition("/")[0])]
    got = answers(f"preview-{environment}", asked)
    assert [each for each, answer in zip(asked, got, strict=True) if answer != "Allowed"] == []


@NEEDS_EVALUATOR
def test_a_role_that_previews_may_open_what_s3_seals_under_its_own_key_and_only_through_s3():
    s3s = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
    through = [{"kms:ViaService": f"{each}.us-east-1.amazonaws.com"} for each in ("s3", "secretsmanager", "ssm")]
    got = answers("preview-dev", [("kms:Decrypt", s3s, each) for each in (*through, {})])
    assert got[0] != "ExplicitlyDenied"
    assert got[1:] == ["ExplicitlyDenied"] * 3


@NEEDS_EVALUATOR
@pytest.mark.parametrize(("environment", "other"), [("dev", "prod"), ("prod", "dev")])
def test_a_role_that_previews_is_denied_secret_values_by_name_and_can_change_nothing(environment, other):
    denied = [
        *NEVER,
        ("s3:GetObject", f"{bucket('site', other)}/index.html"),
        ("kms:Decrypt", key(other)),
        ("s3:GetObject", state(f"stacks/switchyard/{other}.json")),
    ]
    assert set(answers(f"preview-{environment}", denied)) == {"ExplicitlyDenied"}
    writes = [each for each in deploys(environment, environment) if each[0].partition(":")[2][:3] not in LOOKING]
    writes = [each for each in writes if each[0] != "kms:Decrypt"]
    assert len(writes) > 15
    assert "Allowed" not in answers(f"preview-{environment}", writes)


LOOKING = ("Get", "Lis", "Des")


STAR = ("RESOURCE_STAR", "waived: policies/waivers.yaml")
TOKENS = {
    ("UNKNOWN_FEDERATION_SOURCE", "parliament knows no provider of tokens"),
    ("UNKNOWN_CONDITION_FOR_ACTION", "nor what is in GitHub's"),
}
KNOWN = {
    "deploy-*": TOKENS,
    "preview-*": TOKENS,
    "deploy-*-read": {STAR},
    "preview-*-read": {STAR},
    "boundary-*": {STAR},
    "deploy-*-network": {STAR},
    "deploy-*-serve": {
        STAR,
        ("PERMISSIONS_MANAGEMENT_ACTIONS", "that is what who deploys is for"),
        ("PRIVILEGE_ESCALATION", "functions of a stack get its code, and the roles that they run under are bounded"),
    },
    "deploy-*-guard": {
        ("PERMISSIONS_MANAGEMENT_ACTIONS", "that is what who deploys is for"),
        ("RESOURCE_POLICY_PRIVILEGE_ESCALATION", "it could open the log bucket to itself: its own stack's logs"),
        ("MISMATCHED_TYPE_BUT_USABLE", "a boundary is compared as text in every example of AWS's"),
    },
    "secrets-*": {STAR, ("PERMISSIONS_MANAGEMENT_ACTIONS", "the account, in the policy of a key that is its own")},
}
"""What parliament says of each document, `*` for the environment, and why it may stand."""
GIVES = {
    "deploy-*-serve": {
        "ecr:setrepositorypolicy",
        "lambda:addpermission",
        "lambda:removepermission",
        "lambda:updatefunctioncode",
        "logs:putresourcepolicy",
        "wafv2:createwebacl",
        "wafv2:deletewebacl",
        "wafv2:updatewebacl",
    },
    "deploy-*-guard": {
        "iam:addroletoinstanceprofile",
        "iam:attachrolepolicy",
        "iam:createinstanceprofile",
        "iam:createrole",
        "iam:createservicelinkedrole",
        "iam:deleteinstanceprofile",
        "iam:deleterole",
        "iam:deleterolepolicy",
        "iam:detachrolepolicy",
        "iam:passrole",
        "iam:putrolepermissionsboundary",
        "iam:putrolepolicy",
        "iam:removerolefrominstanceprofile",
        "iam:updateassumerolepolicy",
        "iam:updaterole",
        "iam:updateroledescription",
        "s3:deletebucketpolicy",
        "s3:putbucketpolicy",
        "s3:putbucketpublicaccessblock",
    },
    "secrets-*": {"kms:creategrant", "kms:createkey", "kms:putkeypolicy", "kms:retiregrant", "kms:revokegrant"},
}
"""The actions that give rights, of those documents that have any."""
ENVIRONMENTS = ("dev", "prod", "review")


@pytest.mark.policies_all
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_parliament_has_nothing_against_a_document_but_what_is_named_here_of_it(environment: str):
    others = [f"-{each}" for each in ENVIRONMENTS if each != environment]
    asked = {name: text for name, text in documents(account()).items() if not any(each in name for each in others)}
    said = {name.partition(" ")[0].replace(environment, "*"): linted(text, name) for name, text in asked.items()}
    issues = {name: {each.partition(":")[0] for each in told} for name, told in said.items() if told}
    known = {name: {issue for issue, _ in each} for name, each in KNOWN.items()}
    if environment == "review":  # nobody previews it
        known = {name: each for name, each in known.items() if not name.startswith("preview-")}
    assert issues == known
    gives = {name: {each for one in told for each in actions(one)} for name, told in said.items()}
    assert {name: each for name, each in gives.items() if each} == GIVES


def actions(said: str) -> list[str]:
    issue, _, detail = said.partition(": ")
    return ast.literal_eval(detail) if issue in ("PERMISSIONS_MANAGEMENT_ACTIONS", "PRIVILEGE_ESCALATION") else []


def test_no_action_that_is_allowed_is_a_wildcard():
    for text in (each.inputs["policy"] for each in account().of_type(POLICY)):
        for statement in json.loads(text)["Statement"]:
            if statement["Effect"] == "Allow":
                assert not [each for each in statement["Action"] if "*" in each]


# What the stacks do must fit into what their roles may


def test_a_boundary_leaves_a_stacks_roles_what_the_program_gives_them():
    for configuration in CONFIGURATIONS:
        for text in documents(recorded(*configuration)).items():
            given(*text)


def given(name: str, text: str) -> None:
    if "RolePolicy" in name:
        for statement in json.loads(text)["Statement"]:
            assert set(statement["Action"]) <= set(SERVICE_ACTIONS), name


@pytest.mark.policies_all
@pytest.mark.parametrize("configuration", every_configuration(), ids=" ".join)
def test_a_boundary_leaves_enough_in_every_configuration(configuration):
    for text in documents(recorded(*configuration)).items():
        given(*text)


def test_the_boundary_of_a_pull_request_leaves_what_the_program_gives_its_roles():
    stack = recorded("dev", "topology=serverless", "image=sha256:" + "a" * 64)
    for name, text in documents(stack).items():
        if "RolePolicy" in name:
            for statement in json.loads(text)["Statement"]:
                assert set(statement["Action"]) <= set(TRIED_ACTIONS), name


def test_no_boundary_has_an_action_that_no_role_is_given():
    all_given = set()
    for configuration in CONFIGURATIONS:
        for name, text in documents(recorded(*configuration)).items():
            if "RolePolicy" in name:
                all_given |= {each for statement in json.loads(text)["Statement"] for each in statement["Action"]}
    # A function in a VPC, a parameter instead of a secret, and a secret under a key of its own: of settings to come.
    spare = {"kms:Decrypt", "ssm:GetParameter", "ssm:GetParameters", *(x for x in SERVICE_ACTIONS if x[:4] == "ec2:")}
    assert set(SERVICE_ACTIONS) - all_given <= spare


def test_everything_that_roles_may_write_by_name_gets_such_a_name():
    named = [each for one in CONFIGURATIONS for each in recorded(*one) if each.type in NAME_OF]
    assert {each.type for each in named} == set(NAME_OF)
    for each in named:
        (patterns,) = [names for types, (_, names) in NAMED.items() if each.type.startswith(types)]
        key = NAME_OF[each.type]
        given = each.inputs.get(key) or each.inputs.get(f"{key}Prefix") or f"{each.name}-0123456"
        assert [one for one in patterns if fnmatchcase(given, re.split("[/:]", one, maxsplit=1)[1])], given


NAME_OF = {
    "aws:cloudwatch/logGroup:LogGroup": "name",
    "aws:ecr/repository:Repository": "name",
    "aws:ecs/cluster:Cluster": "name",
    "aws:ecs/service:Service": "name",
    "aws:ecs/taskDefinition:TaskDefinition": "family",
    "aws:lambda/function:Function": "name",
}
"""What is named of these, by the input that would name it; the others are parts of one of them."""


def test_every_bucket_of_a_stack_gets_a_name_that_its_roles_may_use():
    for configuration in CONFIGURATIONS:
        stack = recorded(*configuration)
        found = {each.name: named(each) for each in stack.of_type("aws:s3/bucket:Bucket")}
        assert set(found) == set(BUCKETS)
        for name, arn in found.items():
            assert fnmatchcase(arn, bucket_of(name, configuration[0])), arn
            assert not fnmatchcase(arn, bucket_of(name, "pr-*")), arn
    for each in account().of_type("aws:s3/bucket:Bucket"):
        assert not each.name.startswith(BUCKETS)


def named(made: Resource) -> str:
    return f"arn:aws:s3:::{made.inputs['bucketPrefix']}{'0' * MADE_UP}"
