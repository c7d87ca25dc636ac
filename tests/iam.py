"""IAM: the policy documents of a recording, and a real evaluator of them, to ask what a principal may do.

The evaluator is iam-simulate, which knows the operators of conditions, the keys that each action sends, and the types
of resource that it takes: a question that AWS would not understand is an error, not a denial.
"""

import json
import shutil
import subprocess
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from stacks import ROOT

from policies.documents import ATTACHMENTS, IDENTITY_POLICIES, RESOURCE_POLICIES, ROLE, TRUST
from policies.documents import grants as written
from preflight.made_up import ACCOUNT
from preflight.recording import Recording, Resource

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # parliament imports what setuptools will drop
    import parliament

HOME = ROOT / ".tools/iam"
NEEDS_EVALUATOR = pytest.mark.skipif(
    not ((HOME / "ready").exists() and shutil.which("node")),
    reason="the evaluator of IAM policies is not there: install Node.js 20 or newer, then make test",
)


@dataclass(frozen=True)
class Question:
    """May this principal do this to that? A service is its own name, such as `lambda.amazonaws.com`."""

    principal: str
    action: str
    resource: str
    context: dict[str, str] = field(default_factory=dict)
    identity: tuple[str, ...] = ()
    """Documents of the principal's own policies."""
    guard: str | None = None
    """Document of the resource's policy, or of a role's trust."""


def ask(questions: Sequence[Question]) -> list[str]:
    """`Allowed`, `ImplicitlyDenied` or `ExplicitlyDenied` for each; ValueError for one that makes no sense."""
    asked = json.dumps([_simulation(each) for each in questions])
    run = subprocess.run(["node", "simulate.mjs"], cwd=HOME, input=asked, capture_output=True, text=True, check=True)
    answers = json.loads(run.stdout)
    for question, answer in zip(questions, answers, strict=True):
        if "error" in answer:
            raise ValueError(f"{question}: {answer['error']}")
    return [each["result"] for each in answers]


def _simulation(question: Question) -> dict[str, Any]:
    return {
        "request": {
            "principal": question.principal,
            "action": question.action,
            "resource": {"resource": question.resource, "accountId": ACCOUNT},
            "contextVariables": question.context,
        },
        "identityPolicies": [
            {"name": f"policy-{number}", "policy": json.loads(each)} for number, each in enumerate(question.identity)
        ],
        "serviceControlPolicies": [],
        "resourceControlPolicies": [],
        "resourcePolicy": json.loads(question.guard) if question.guard else None,
    }


def roles(recording: Recording) -> dict[str, Resource]:
    """Every role, by its logical name."""
    return {each.name: each for each in recording.of_type(ROLE)}


def grants(recording: Recording, role: Resource) -> tuple[str, ...]:
    """The documents of all policies that a role has: its own, those inside of it, and those that are attached to it.

    ValueError for a policy that is not in the recording: nobody could tell what it grants.
    """
    found = list(written(role))
    for each in [role, *_about(recording, role, *IDENTITY_POLICIES, *ATTACHMENTS)]:
        if each.type in IDENTITY_POLICIES:
            found += written(each)
        elif given := each.inputs.get(ATTACHMENTS[each.type]):
            urns = each.options.property_dependencies.get(ATTACHMENTS[each.type], ())
            ours = [one for one in recording.of_type("aws:iam/policy:Policy") if one.urn in urns]
            if len(ours) != (len(given) if isinstance(given, list) else 1):
                raise ValueError(f"{each.urn} attaches what is not in the stack: {given}")
            found += [document for one in ours for document in written(one)]
    return tuple(found)


def _about(recording: Recording, role: Resource, *types: str) -> list[Resource]:
    """The resources of these types that name a role."""
    keys = ("role", "roles", "roleName")
    return [
        each
        for each in recording
        if each.type in types and any(role.urn in each.options.property_dependencies.get(key, ()) for key in keys)
    ]


def documents(recording: Recording) -> dict[str, str]:
    """Every policy document there is, by what it belongs to: grants, trusts and resource policies."""
    keys = {**IDENTITY_POLICIES, **RESOURCE_POLICIES, ROLE: TRUST}
    found = {f"{each.name} ({each.type})": each.inputs.get(keys[each.type]) for each in recording if each.type in keys}
    inside = {
        f"{role.name} inside, {i}": text for role in recording.of_type(ROLE) for i, text in enumerate(written(role))
    }
    return {name: text for name, text in {**found, **inside}.items() if text}


def function_policy(recording: Recording, function: str) -> str:
    """The policy that Lambda makes of a function's permissions.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
    """
    (owner,) = [each for each in recording.of_type("aws:lambda/function:Function") if each.name == function]
    statements = []
    for each in recording.of_type("aws:lambda/permission:Permission"):
        if owner.urn not in each.options.property_dependencies["function"]:
            continue
        inputs = each.inputs
        qualifier = f":{inputs['qualifier']}" if "qualifier" in inputs else ""
        conditions: dict[str, dict[str, str]] = {"ArnLike": {"AWS:SourceArn": inputs["sourceArn"]}}
        if "functionUrlAuthType" in inputs:
            conditions["StringEquals"] = {"lambda:FunctionUrlAuthType": inputs["functionUrlAuthType"]}
        if inputs.get("invokedViaFunctionUrl"):
            conditions["Bool"] = {"lambda:InvokedViaFunctionUrl": "true"}
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": inputs["principal"]},
            "Action": inputs["action"],
            "Resource": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{inputs['function']}{qualifier}",
            "Condition": conditions,
        }
        statements.append(statement)
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


ITSELF = {
    "RepositoryPolicy": "arn:aws:ecr:us-east-1:123456789012:repository/a",
    "Role": "arn:aws:iam::123456789012:role/a",
}
"""What a document is about that names no resource: the one that it is on."""


TAKES_A_TOKEN = "CREDENTIALS_EXPOSURE: ['ecr:getauthorizationtoken']"
"""What parliament says of whoever pulls images: there is no other way to."""


def linted(document: str, on: str = "") -> list[str]:
    """What parliament has against it; of what a role is granted also ways to more rights, credentials and data."""
    whole = json.loads(document)
    itself = next(({"Resource": arn} for type_, arn in ITSELF.items() if on.endswith(f":{type_})")), {})
    text = json.dumps({**whole, "Statement": [{**itself, **each} for each in whole["Statement"]]})
    found = parliament.analyze_policy_string(text, include_community_auditors=not itself).findings
    said = [f"{each.issue}: {each.detail or each.location.get('actions', '')}" for each in found]
    return [each for each in said if each != TAKES_A_TOKEN]
