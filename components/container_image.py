"""ContainerImage: the one image both topologies run, named by its digest."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import pulumi

from components._build_context import DOCKERFILE, content_tag
from components._checks import one_of, refuse, require

Platform = Literal["linux/arm64", "linux/amd64"]

# Source: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageIdentifier.html
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class ContainerImageArgs:
    """Inputs of ContainerImage."""

    repository_url: pulumi.Input[str]
    """The repository the image is in, or is pushed to."""
    source: str
    """`sha256:` and 64 hex digits, for an image that is in the repository already; or a directory with a Dockerfile,
    to build here, with this machine's Docker, and push."""
    platform: Platform = "linux/arm64"
    """What the image is built for: `linux/arm64` or `linux/amd64`. Default `linux/arm64`, which costs a fifth less to
    run on Lambda and on Fargate. Says nothing where `source` is a digest."""

    def __post_init__(self) -> None:
        known = self.is_digest or _has_dockerfile(self.source)
        allowed = f"sha256:<64 hex digits> or a directory with a {DOCKERFILE}"
        refuse(
            self,
            require(known, f"source must be {allowed}, got {self.source!r}"),
            one_of("platform", self.platform, get_args(Platform)),
        )

    @property
    def is_digest(self) -> bool:
        """Whether the image is in the repository already."""
        return bool(DIGEST.fullmatch(self.source))


class ContainerImage(pulumi.ComponentResource):
    """An image, pushed by CI or built here; either way it is named by digest, which nobody can move.

    What is built here is kept in the repository when its content changes, until the repository's own policy expires
    it: a running version, or the one to go back to, may still be pinned to it.

    Children: none for a digest; `<name>`, of awsx, for a directory.
    Cost: none of its own; the repository charges what it stores.
    Raises ValueError for a source that is neither a digest nor a directory with a Dockerfile.
    """

    image_uri: pulumi.Output[str]
    """`<repository url>@sha256:<digest>`, for Lambda and ECS alike."""

    def __init__(self, name: str, args: ContainerImageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:ContainerImage", name, {}, opts)

        digest = args.source if args.is_digest else self._build(name, args)

        self.image_uri = pulumi.Output.concat(args.repository_url, "@", digest)
        self.register_outputs({"image_uri": self.image_uri})

    def _build(self, name: str, args: ContainerImageArgs) -> pulumi.Output[str]:
        """Build and push, and return the digest."""
        import pulumi_awsx as awsx  # noqa: PLC0415 - half a second that a digest doesn't have to pay

        # awsx builds without provenance attestations, which make an index of the image that Lambda refuses.
        image = awsx.ecr.Image(
            name,
            repository_url=args.repository_url,
            context=args.source,
            platform=args.platform,
            # awsx's own tag is a hash of the directory's name: an immutable repository takes it once, never again.
            image_tag=content_tag(Path(args.source), args.platform),
            opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
        )
        return image.image_uri.apply(digest_of)


def digest_of(image_uri: str) -> str:
    """The digest an image's name ends in. ValueError for a name without: a tag alone would not pin the image."""
    digest = image_uri.rpartition("@")[2]
    if not DIGEST.fullmatch(digest):
        raise ValueError(f"the image that was built has no digest: {image_uri!r}")
    return digest


def _has_dockerfile(directory: str) -> bool:
    try:
        return bool(directory) and Path(directory, DOCKERFILE).is_file()
    except OSError:  # a text that is too long for a path, as only a mistake is
        return False
