"""What a provider adds to the inputs of its resources: its default tags and its region.

So a change of those is a change of every resource that they reach.
"""

import json
from dataclasses import replace
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


# Source: the types whose class in pulumi_aws takes no `region`; the same test holds it.
GLOBAL = frozenset(
    {
        "aws:cloudfront/distribution:Distribution",
        "aws:cloudfront/function:Function",
        "aws:cloudfront/keyValueStore:KeyValueStore",
        "aws:cloudfront/keyvaluestoreKey:KeyvaluestoreKey",
        "aws:cloudfront/originAccessControl:OriginAccessControl",
        "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
        "aws:cloudfront/vpcOrigin:VpcOrigin",
        "aws:iam/instanceProfile:InstanceProfile",
        "aws:iam/role:Role",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:route53/record:Record",
    }
)


def provided(recording: Recording, resource: Resource) -> Resource:
    """The resource with the tags and the region that AWS will see; itself where none of them reach it.

    Source: https://hashicorp.github.io/terraform-provider-aws/enhanced-region-support: the region that counts is the
    resource's own, else its provider's.
    """
    if resource.type not in REPLACED_BY or not resource.type.startswith("aws:"):
        return resource
    provider = recording.resources.get(resource.options.provider)
    added: dict[str, Any] = {}
    if resource.type not in UNTAGGED:
        own = resource.inputs.get("tags")
        tags = {**_default_tags(provider), **(own if isinstance(own, dict) else {})}
        added |= {"tagsAll": tags} if tags else {}
    if provider and resource.type not in GLOBAL and "region" in provider.inputs:
        added["region"] = provider.inputs["region"]
    return replace(resource, inputs={**added, **resource.inputs}) if added else resource


def _default_tags(provider: Resource | None) -> dict[str, Any]:
    text = provider.inputs.get("defaultTags") if provider else None  # a provider's inputs are JSON, each in a text
    try:
        tags = json.loads(text)["tags"] if isinstance(text, str) else {}
    except (KeyError, TypeError, ValueError):
        return {}
    return tags if isinstance(tags, dict) else {}
