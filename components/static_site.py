"""StaticSite: a folder of files in a private bucket, for a distribution to serve."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components._checks import refuse
from components._distributions import own_distributions
from components._private_bucket import bucket_policy, let_service, private_bucket
from components._site_files import SiteFile, site_files
from components.log_bucket import SITE_PREFIX
from components.origin import Origin

NONCURRENT_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class StaticSiteArgs:
    """Inputs of StaticSite. ValueError says what is wrong with the folder."""

    directory: str
    """Folder with the files, relative to the project, so that a plan is the same on every machine. It must hold an
    index.html and no symbolic links; hidden files are left out, except those in `.well-known`."""
    force_destroy: bool = True
    """Whether destroying the stack may delete the files and their versions. Default True: they come from the folder."""
    access_log_bucket: pulumi.Input[str] | None = None
    """Name of the LogBucket for the bucket's own access log. Default none."""
    named_after: str = ""
    """What the bucket's name goes on with after the component's, such as the stack: a role can be held to it. Default
    nothing; letters that S3 refuses become `-`."""

    def __post_init__(self) -> None:
        refuse(self, _problem(self.directory))


class StaticSite(pulumi.ComponentResource):
    """The files of a folder, readable by the distributions of this account and nobody else.

    A missing file answers 404, since CloudFront may also list the bucket: without that S3 says 403. Pages are uploaded
    after everything they may refer to, and with `no-cache`; other files are kept for five minutes, and for a year when
    their name carries a hash of their content. So no cache has to be invalidated.

    Children: `<name>`, `<name>-ownership`, `<name>-public-access`, `<name>-encryption`, `<name>-lifecycle`,
    `<name>-versioning`, `<name>-access-control`, `<name>-policy`, `<name>-<key>` for every file, and `<name>-logging`
    with `access_log_bucket`.
    Cost: $0.023 per GB and month, $0.005 per 1,000 uploads, $0.0004 per 1,000 reads; none from S3 to CloudFront.
    Raises ValueError (StaticSiteArgs).
    """

    bucket_name: pulumi.Output[str]
    """Name of the bucket."""
    bucket_arn: pulumi.Output[str]
    """ARN of the bucket."""
    bucket_regional_domain_name: pulumi.Output[str]
    """Host name under which CloudFront reads it."""
    origin: Origin
    """The site as an origin of a distribution; ready once it may be read and the pages are uploaded."""

    def __init__(self, name: str, args: StaticSiteArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:StaticSite", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        self._private = private_bucket(
            name,
            force_destroy=args.force_destroy,
            named_after=args.named_after,
            # A bad upload can be taken back for a month; a deleted file's marker goes with its last version.
            lifecycle={
                "noncurrent_version_expiration": {"noncurrent_days": NONCURRENT_DAYS},
                "expiration": {"expired_object_delete_marker": True},
            },
            parent=self,
        )
        bucket = self._private.bucket
        versioning = aws.s3.BucketVersioning(
            f"{name}-versioning", bucket=bucket.id, versioning_configuration={"status": "Enabled"}, opts=child
        )
        if args.access_log_bucket is not None:
            aws.s3.BucketLogging(
                f"{name}-logging",
                bucket=bucket.id,
                target_bucket=args.access_log_bucket,
                target_prefix=f"{SITE_PREFIX}/",
                opts=self._replaceable(),
            )
        access = aws.cloudfront.OriginAccessControl(
            f"{name}-access-control",
            origin_access_control_origin_type="s3",
            signing_behavior="always",
            signing_protocol="sigv4",
            opts=child,
        )
        policy = self._let_distributions_read()
        pages = self._upload(name, site_files(args.directory), versioning)

        self.bucket_name = bucket.bucket
        self.bucket_arn = bucket.arn
        self.bucket_regional_domain_name = bucket.bucket_regional_domain_name
        self.origin = Origin(
            id="site",
            domain_name=bucket.bucket_regional_domain_name,
            ready=[policy, *pages],
            origin_access_control_id=access.id,
            is_bucket=True,
        )
        self.register_outputs(
            {
                "bucket_name": self.bucket_name,
                "bucket_arn": self.bucket_arn,
                "bucket_regional_domain_name": self.bucket_regional_domain_name,
            }
        )

    def _let_distributions_read(self) -> pulumi.Resource:
        """Let distributions of this account read, so that it holds before the one that serves the site is there.

        Listing makes a missing file a 404; without it S3 answers 403, as it does to anybody who may not know.
        """
        bucket = self._private.bucket
        ours = {"StringLike": {"aws:SourceArn": own_distributions(self)}}
        return bucket_policy(
            self._private,
            let_service(
                "cloudfront.amazonaws.com", "s3:GetObject", pulumi.Output.concat(bucket.arn, "/*"), condition=ours
            ),
            let_service("cloudfront.amazonaws.com", "s3:ListBucket", bucket.arn, condition=ours),
            parent=self,
        )

    def _upload(self, name: str, files: list[SiteFile], versioning: pulumi.Resource) -> list[pulumi.Resource]:
        """Upload all and return the pages. Versioning comes first, or the first versions would have no id."""
        assets = [self._object(name, each, [versioning]) for each in files if not each.is_page]
        return [self._object(name, each, [versioning, *assets]) for each in files if each.is_page]

    def _object(self, name: str, file: SiteFile, after: list[pulumi.Resource]) -> pulumi.Resource:
        return aws.s3.BucketObjectv2(
            f"{name}-{file.key}",
            bucket=self._private.bucket.id,
            key=file.key,
            source=pulumi.FileAsset(file.path),
            # The engine hashes the asset as well; this one also shows in a plan made without the engine.
            source_hash=file.sha256,
            content_type=file.content_type,
            cache_control=file.cache_control,
            # An object takes 10 tags at most, a stack may have 50: the bucket's own are enough.
            # Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
            override_provider={"default_tags": {"tags": {}}},
            opts=self._replaceable(after),
        )

    def _replaceable(self, after: list[pulumi.Resource] | None = None) -> pulumi.ResourceOptions:
        """Of what comes and goes: it is not protected even where the site is, or no file could ever be removed."""
        return pulumi.ResourceOptions(parent=self, depends_on=after, protect=False)


def _problem(directory: str) -> str | None:
    try:
        site_files(directory)
    except ValueError as error:
        return f"directory {error}"
    return None
