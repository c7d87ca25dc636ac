"""Repository: where the service's images are kept."""

import json
import re
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components._checks import between, refuse
from components._policies import document

# Ours, not ECR's: two are the image that runs and the one to go back to; a thousand are a year of three a day.
KEEP_IMAGES = (2, 1000)

# Source: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html (256, less the hyphen and
# seven digits of Pulumi's auto-naming)
NAME = r"(?=.{2,248}$)[a-z0-9]+(?:[._/-][a-z0-9]+)*"


@dataclass(frozen=True, kw_only=True)
class RepositoryArgs:
    """Inputs of Repository."""

    keep_images: int = 30
    """Images kept, the newest by push, 2 to 1000; older ones expire. Default 30: every image that runs, or that
    somebody may go back to, must be among them, or AWS can't start it any more. $0.10 per GB-month stored."""
    force_delete: bool = True
    """Whether destroying the repository destroys its images. Default true; false makes a destroy with images fail."""

    def __post_init__(self) -> None:
        refuse(self, between("keep_images", self.keep_images, *KEEP_IMAGES))


class Repository(pulumi.ComponentResource):
    """A private ECR repository: tags never move, images are scanned on push, Lambda may pull.

    Encrypted with ECR's own key: a KMS key costs $1 a month and needs grants, which deleting it breaks for good.

    Children: `<name>`, `<name>-keep-newest`, `<name>-lambda-pulls`.
    Cost: $0.10 per GB-month stored; pulls from the same region are free.
    Raises ValueError for a number of images out of range, or a `name` that is not 2 to 248 lower-case letters and
    digits with single . _ - / between them, as ECR wants it.
    """

    repository_url: pulumi.Output[str]
    """Where to push, and what an image is named by. Resolves once Lambda may pull: otherwise Lambda, finding no
    permission, would write one of its own into the policy."""
    repository_arn: pulumi.Output[str]
    """ARN, for the policies of those who push."""
    repository_name: pulumi.Output[str]
    """Name, as the AWS CLI takes it."""

    def __init__(self, name: str, args: RepositoryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        if not re.fullmatch(NAME, name):
            raise ValueError(f"Repository: name must be lower-case letters, digits and . _ - / between, got {name!r}")
        super().__init__("switchyard:index:Repository", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        repository = aws.ecr.Repository(
            name,
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration={"scan_on_push": True},
            encryption_configurations=[{"encryption_type": "AES256"}],
            force_delete=args.force_delete,
            opts=child,
        )
        aws.ecr.LifecyclePolicy(
            f"{name}-keep-newest",
            repository=repository.name,
            policy=json.dumps(keep_newest(args.keep_images)),
            # A change of it is a replacement, which protection of the repository must not forbid.
            opts=pulumi.ResourceOptions(parent=self, protect=False),
        )
        lambda_pulls = aws.ecr.RepositoryPolicy(
            f"{name}-lambda-pulls",
            repository=repository.name,
            policy=document(
                {
                    "Sid": "LambdaPulls",
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                    "Condition": {"StringLike": {"aws:sourceArn": repository.arn.apply(functions_beside)}},
                }
            ),
            opts=child,
        )

        ready = pulumi.Output.all(repository.repository_url, lambda_pulls.id)
        self.repository_url = ready.apply(lambda url_and_policy: url_and_policy[0])
        self.repository_arn = repository.arn
        self.repository_name = repository.name
        self.register_outputs(
            {
                "repository_url": self.repository_url,
                "repository_arn": self.repository_arn,
                "repository_name": self.repository_name,
            }
        )


def keep_newest(images: int) -> dict[str, object]:
    """A lifecycle policy that counts images. By age, an image that still runs would expire under it."""
    rule = {
        "rulePriority": 1,
        "description": f"keep the newest {images} images",
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": images},
        "action": {"type": "expire"},
    }
    return {"rules": [rule]}


def functions_beside(repository_arn: str) -> str:
    """Every Lambda function of the repository's own partition, region and account, as a pattern of ARNs.

    The pattern Lambda itself writes; the account in it keeps out functions of others that use the same service.
    """
    _, partition, _, region, account, _ = repository_arn.split(":", 5)
    return f"arn:{partition}:lambda:{region}:{account}:function:*"
