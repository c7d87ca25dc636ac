"""Policies about rights that lead to more of them: who may say who may do what, and what others run."""

import re
from collections.abc import Iterator

from policies.documents import IDENTITY_POLICIES, ROLE, granted
from policies.graph import Resource
from policies.links import LEAST_PRIVILEGE
from policies.registry import resource_policy

_GRANTING = (*IDENTITY_POLICIES, ROLE)
_WHO_MAY_DO_WHAT = ("iam", "sts", "organizations", "sso", "identitystore")


@resource_policy(
    *_GRANTING,
    controls=["SY.114"],
    severity="high",
    fix="leave it to whoever deploys the stack; for another account, let that account's resource admit the role",
    link="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
)
def a_role_gives_nobody_more_rights(resource: Resource) -> Iterator[str]:
    """No role of a stack may change who may do what, or become somebody else: with that it has every right there is."""
    for statement in granted(resource):
        wide = [each for each in statement.actions if each.lower().partition(":")[0] in _WHO_MAY_DO_WHAT]
        if statement.allows and wide:
            yield f"it allows {', '.join(wide)}"


@resource_policy(
    *_GRANTING,
    controls=["SY.114"],
    severity="high",
    fix="leave it to whoever deploys the stack",
    link=LEAST_PRIVILEGE,
)
def a_role_changes_no_policy_and_no_code(resource: Resource) -> Iterator[str]:
    """No role of a stack may change whom a resource admits, nor what runs with the rights of another role."""
    for statement in granted(resource):
        wide = [each for each in statement.actions if _changes_a_policy(each) or each.lower() in _CHANGES_CODE]
        if statement.allows and wide:
            yield f"it allows {', '.join(wide)}"


def _changes_a_policy(action: str) -> bool:
    service, _, verb = action.lower().partition(":")
    is_policy = bool(_POLICIES.fullmatch(verb)) and not _NOT_OF_ACCESS.search(verb)
    return is_policy and service not in _WHO_MAY_DO_WHAT  # of those, another policy allows nothing at all


_POLICIES = re.compile(
    r"(?:put|set|add|create|delete|remove|update|modify|revoke|retire)\w*"
    r"(?:polic(?:y|ies)|permissions?|grants?|acl|publicaccessblock|policyforobjectlambda)"
)
_NOT_OF_ACCESS = re.compile(
    r"lifecycle|retention|scaling|stickiness|balancer|traffic|cache|request|headers|deployment|networkacl|webacl"
    r"|backup|index|^deletepolicy$"
)
# Source: https://docs.aws.amazon.com/service-authorization/latest/reference/ (what each action does)
_CHANGES_CODE = (
    *("cloudformation:createstack", "cloudformation:updatestack", "cloudformation:executechangeset"),
    *("codebuild:createproject", "codebuild:updateproject", "codebuild:startbuild", "ec2:modifyinstanceattribute"),
    *("ec2:associateiaminstanceprofile", "ec2:replaceiaminstanceprofileassociation", "ec2:runinstances"),
    *("ec2-instance-connect:sendsshpublickey", "ecs:executecommand", "ecs:registertaskdefinition"),
    *("ecs:updateservice", "glue:createjob", "glue:updatejob", "lambda:createfunction", "lambda:publishlayerversion"),
    *("lambda:updatefunctioncode", "lambda:updatefunctionconfiguration", "ssm:sendcommand", "ssm:startsession"),
    *("ssm:startautomationexecution", "states:createstatemachine", "states:updatestatemachine"),
)
