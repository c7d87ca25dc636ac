"""PermissionsBoundary: the most that the roles of one environment's stacks may ever be given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components._checks import matches, refuse, require
from components._policies import allow, document

# Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
PATH = r"/(?:[\w.-]+/)+"
ACTION = r"[a-z0-9-]+:[A-Za-z0-9]+"


@dataclass(frozen=True, kw_only=True)
class PermissionsBoundaryArgs:
    """Inputs of PermissionsBoundary. ValueError names each field whose value can't be used."""

    path: str
    """Where the policy and the roles that it bounds lie, such as `/switchyard/dev/`."""
    actions: Sequence[str]
    """What those roles may be allowed to do, such as `logs:PutLogEvents`; no wildcards."""
    denied: Sequence[Mapping[str, Any]] = ()
    """Statements that take from those roles what `actions` would leave them, such as the key of another environment.
    Default none."""

    def __post_init__(self) -> None:
        refuse(
            self,
            matches("path", self.path, PATH, "a path such as /switchyard/dev/"),
            require(bool(self.actions), "actions must not be empty: a boundary that allows nothing stops every role"),
            require(
                all(each["Effect"] == "Deny" for each in self.denied), "denied must hold statements that deny alone"
            ),
            *(matches("actions", each, ACTION, "service:Action without a wildcard") for each in self.actions),
        )


class PermissionsBoundary(pulumi.ComponentResource):
    """A policy that gives nothing by itself. A role that has it as its boundary may do what both allow.

    Who may create roles could otherwise create one that may do everything, and hand it to a function: with this, a
    deploying role may create roles only inside of the boundary, so it can't reach beyond its own purpose.

    Children: `<name>`.
    Cost: none.
    Raises ValueError (PermissionsBoundaryArgs).
    """

    boundary_arn: pulumi.Output[str]
    """ARN, for the setting `permissionsBoundary` of the stacks."""

    def __init__(self, name: str, args: PermissionsBoundaryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:PermissionsBoundary", name, {}, opts)
        policy = aws.iam.Policy(
            name,
            path=args.path,
            description="The most that a role in this path may do",
            policy=document(allow(sorted(set(args.actions)), ["*"]), *args.denied),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.boundary_arn = policy.arn
        self.register_outputs({"boundary_arn": self.boundary_arn})
