"""Tags: which resources the provider's default tags reach, so that a change of those is a change of all of these."""

import json
from typing import Any

from preflight.force_new import REPLACED_BY
from preflight.recording import Recording, Resource

# Source: the types whose class in pulumi_aws has no `tags_all`; a test holds the list to the installed one.
UNTAGGED = frozenset(
    {
        "aws:acm/certificateValidation:CertificateValidation",
        "aws:apigatewayv2/authorizer:Authorizer",
        "aws:apigatewayv2/integration:Integration",
        "aws:apigatewayv2/route:Route",
        "aws:appautoscaling/policy:Policy",
        "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey",
        "aws:cloudfront/originAccessControl:OriginAccessControl",
        "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
        "aws:ec2/route:Route",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "aws:ecr/repositoryPolicy:RepositoryPolicy",
        "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:lambda/alias:Alias",
        "aws:lambda/functionUrl:FunctionUrl",
        "aws:lambda/permission:Permission",
        "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig",
        "aws:route53/record:Record",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketLogging:BucketLogging",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:scheduler/schedule:Schedule",
        "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
    }
)


def tags_all(recording: Recording, resource: Resource) -> dict[str, Any]:
    """The tags that AWS will see: the provider's, and the resource's own over them; empty where none reach it."""
    if resource.type not in REPLACED_BY or not resource.type.startswith("aws:") or resource.type in UNTAGGED:
        return {}
    own = resource.inputs.get("tags")
    return {**_default_tags(recording, resource.options.provider), **(own if isinstance(own, dict) else {})}


def _default_tags(recording: Recording, provider: str) -> dict[str, Any]:
    found = recording.resources.get(provider)
    text = found.inputs.get("defaultTags") if found else None  # a provider's inputs are JSON, each in a text
    try:
        tags = json.loads(text)["tags"] if isinstance(text, str) else {}
    except (KeyError, TypeError, ValueError):
        return {}
    return tags if isinstance(tags, dict) else {}
