"""Policies about image repositories."""

import re
from collections.abc import Iterator

from policies.graph import Resource, Stack, inner, is_hidden, listed, parsed
from policies.links import security_hub
from policies.registry import resource_policy, stack_policy

REPOSITORY = "aws:ecr/repository:Repository"
_TO_GO_BACK_TO = 10
"""Images of a repository that stay at least: a deployment may run one for weeks while others are pushed."""
_DIGEST = re.compile(r".+@sha256:[0-9a-f]{64}")


def is_by_digest(image: object) -> bool:
    """Whether an image is named by what is in it; true also where its name can't be seen."""
    return is_hidden(image) or bool(_DIGEST.fullmatch(str(image)))


@resource_policy(
    REPOSITORY,
    controls=["ECR.1"],
    severity="high",
    fix="set image_scanning_configuration.scan_on_push to True",
    link=security_hub("ecr", 1),
)
def images_are_scanned_on_push(resource: Resource) -> Iterator[str]:
    """An image is looked through for known weaknesses when it is pushed."""
    if inner(resource.inputs, "imageScanningConfiguration", "scanOnPush") is not True:
        yield "nobody looks through its images"


@resource_policy(
    REPOSITORY,
    controls=["ECR.2"],
    severity="medium",
    fix="set image_tag_mutability to IMMUTABLE",
    link=security_hub("ecr", 2),
)
def tags_never_move(resource: Resource) -> Iterator[str]:
    """A tag means one image, for good."""
    if resource.inputs.get("imageTagMutability") != "IMMUTABLE":
        yield "a tag can be moved to another image"


@stack_policy(
    REPOSITORY,
    controls=["ECR.3"],
    severity="medium",
    fix="give the repository an ecr.LifecyclePolicy that keeps the newest images by count",
    link=security_hub("ecr", 3),
)
def old_images_expire(stack: Stack) -> Iterator[tuple[Resource, str]]:
    """A repository keeps a number of images and no more, and so many that there is one to go back to."""
    for each in stack.of_type(REPOSITORY):
        policies = stack.users(each, "aws:ecr/lifecyclePolicy:LifecyclePolicy", "repository")
        if not policies:
            yield each, "its images stay for ever, and so do their weaknesses"
        for policy in policies:
            document = policy.inputs.get("policy")
            for rule in () if is_hidden(document) else listed(inner(parsed(document), "rules")) or ({},):
                kept = inner(rule, "selection", "countNumber")
                by_count = inner(rule, "selection", "countType") == "imageCountMoreThan"
                if not by_count or not isinstance(kept, int) or kept < _TO_GO_BACK_TO:
                    yield policy, "it removes images by age, or keeps too few to go back to one"


@resource_policy(
    REPOSITORY,
    controls=["ECR.5"],
    severity="low",
    fix="set encryption_type to KMS, with a key of your own",
    link=security_hub("ecr", 5),
)
def images_are_under_a_key_of_ours(resource: Resource) -> Iterator[str]:
    """Images are encrypted with a customer managed key."""
    kinds = [inner(each, "encryptionType") for each in listed(resource.inputs.get("encryptionConfigurations"))]
    if "KMS" not in kinds:
        yield "its images are encrypted with AWS's own key"
