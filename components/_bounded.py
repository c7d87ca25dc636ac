"""bounded: every role below a component within a permissions boundary, whoever makes it."""

from collections.abc import Sequence

import pulumi

# Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
BOUNDARY = r"arn:aws:iam::\d{12}:policy(?P<path>/(?:[\w.-]+/)*)[\w+=,.@-]{1,128}"
_ROLE, _PROFILE = "aws:iam/role:Role", "aws:iam/instanceProfile:InstanceProfile"


def bounded(boundary_arn: str | None) -> Sequence[pulumi.ResourceTransform]:
    """Transforms for a component's `opts`: its roles get the boundary, and lie in the boundary's own path.

    So whoever deploys needs to be trusted with roles of that path and that boundary only. None without a boundary.
    """
    if boundary_arn is None:
        return []
    path = path_of(boundary_arn)

    def within(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        if args.type_ == _ROLE:
            added = {"path": path, "permissionsBoundary": boundary_arn}
        elif args.type_ == _PROFILE:
            added = {"path": path}
        else:
            return None
        return pulumi.ResourceTransformResult(props={**args.props, **added}, opts=args.opts)

    return [within]


def path_of(boundary_arn: str) -> str:
    """The path of a policy, from its ARN: `/switchyard/dev/`."""
    return boundary_arn.partition(":policy")[2].rpartition("/")[0] + "/"
