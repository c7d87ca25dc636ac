"""build: one environment from its settings. What is shared comes first, then the halves, then the edge."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components._bounded import bounded
from components.alias_record import AliasRecord, AliasRecordArgs
from components.certificate import Certificate, CertificateArgs
from components.container_image import ContainerImage, ContainerImageArgs
from components.distribution import Distribution, DistributionArgs
from components.log_bucket import LogBucket, LogBucketArgs
from components.origin import AUTHORIZATION_HEADER
from components.origin_secret import OriginSecret, OriginSecretArgs
from components.repository import Repository, RepositoryArgs
from components.static_site import StaticSite, StaticSiteArgs
from components.web_acl import WebAcl, WebAclArgs
from provider import aws_provider
from settings import Settings
from topologies import TOPOLOGIES
from topologies.half import Half

KB, MB = 1024, 1024**2
CLOUDFRONT_REGION = "us-east-1"
"""Where CloudFront takes its certificates and firewalls from, wherever the stack is."""


@dataclass(frozen=True, kw_only=True)
class StackOutputs:
    """What a stack exports: the same names in every topology, empty where there is nothing."""

    url: pulumi.Input[str]
    topology: str
    standby: bool
    repository_url: pulumi.Input[str]
    image: pulumi.Input[str]
    distribution_id: pulumi.Input[str]
    log_group: pulumi.Input[str]
    cluster: pulumi.Input[str]
    service: pulumi.Input[str]
    function_name: pulumi.Input[str]
    api_id: pulumi.Input[str]
    smoke_token: pulumi.Input[str]
    next_step: pulumi.Input[str]


def build(settings: Settings) -> StackOutputs:
    """Register everything this environment consists of."""
    provider = aws_provider(settings.aws, settings.tags)
    opts = pulumi.ResourceOptions(providers=[provider])
    kept = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=settings.protect))
    may_empty = not settings.protect

    repository = Repository("repository", RepositoryArgs(force_delete=may_empty), kept)
    log_bucket = None
    if settings.logs.access:
        args = LogBucketArgs(
            retention_days=settings.logs.retention_days, force_destroy=may_empty, named_after=pulumi.get_stack()
        )
        log_bucket = LogBucket("logs", args, kept)
    site = None
    if settings.site:
        args = StaticSiteArgs(
            directory=settings.site.directory,
            force_destroy=may_empty,
            named_after=pulumi.get_stack(),
            access_log_bucket=log_bucket.bucket_name if log_bucket else None,
        )
        site = StaticSite("site", args, kept)

    halves: list[Half] = []
    image: pulumi.Input[str] = ""
    if settings.topologies:
        args = ContainerImageArgs(repository_url=repository.repository_url, source=settings.image)
        image = ContainerImage("image", args, opts).image_uri
        secret = OriginSecret("origin-secret", OriginSecretArgs(generation=settings.origin_secret), opts)
        ours = pulumi.ResourceOptions.merge(
            opts, pulumi.ResourceOptions(transforms=list(bounded(settings.permissions_boundary)))
        )
        halves = [TOPOLOGIES[each](each, settings, image, secret, log_bucket, ours) for each in settings.topologies]

    distribution = _edge(settings, halves, site, log_bucket, provider) if halves or site else None
    active = halves[0] if halves else None
    url = _url(settings, distribution)
    return StackOutputs(
        url=url,
        topology=settings.topology,
        standby=settings.standby,
        repository_url=repository.repository_url,
        image=image,
        distribution_id=distribution.distribution_id if distribution else "",
        log_group=active.log_group if active else "",
        cluster=active.cluster if active else "",
        service=active.service if active else "",
        function_name=active.function_name if active else "",
        api_id=active.api_id if active else "",
        smoke_token=distribution.smoke_token if distribution else "",
        next_step=_next_step(settings, repository.repository_url, url),
    )


def _edge(
    settings: Settings,
    halves: Sequence[Half],
    site: StaticSite | None,
    log_bucket: LogBucket | None,
    provider: aws.Provider,
) -> Distribution:
    """The one distribution that stays, whatever serves behind it, and the name it is known by."""
    opts = pulumi.ResourceOptions(providers=[provider])
    zone_id = certificate_arn = web_acl_arn = None
    if settings.domain:
        through = pulumi.InvokeOutputOptions(provider=provider)
        zone_id = aws.route53.get_zone_output(name=settings.domain.zone, opts=through).zone_id
        args = CertificateArgs(domain_name=settings.domain.name, zone_id=zone_id, region=CLOUDFRONT_REGION)
        certificate_arn = Certificate("certificate", args, opts).certificate_arn
    if settings.waf.mode != "none":
        args = WebAclArgs(
            mode=settings.waf.mode,
            requests_per_5_minutes=settings.waf.requests_per_5_minutes,
            managed_groups=settings.waf.managed_groups,
            log_retention_days=settings.logs.retention_days,
        )
        web_acl_arn = WebAcl("waf", args, opts).web_acl_arn
    args = DistributionArgs(
        service_origins=[half.origin for half in halves],
        active=halves[0].origin.id if halves else None,
        standby_traffic=settings.standby_traffic if halves else 0,
        max_body_bytes=settings.service.max_body_mb * MB,
        max_header_bytes=settings.service.max_headers_kb * KB,
        drain_seconds=settings.service.max_request_seconds,
        site=site.origin if site else None,
        paths=settings.service.paths,
        methods=settings.service.methods,
        # Whatever serves: the function is the first to change, and who leaves a Function URL is still sent there then.
        authorization_source=AUTHORIZATION_HEADER if settings.serverless.front_door == "functionUrl" else None,
        domain_name=settings.domain.name if settings.domain else None,
        certificate_arn=certificate_arn,
        web_acl_arn=web_acl_arn,
        access_log_bucket_arn=log_bucket.bucket_arn if log_bucket else None,
    )
    distribution = Distribution("cdn", args, opts)
    if settings.domain and zone_id:
        args = AliasRecordArgs(
            zone_id=zone_id,
            name=settings.domain.name,
            target_domain_name=distribution.domain_name,
            target_zone_id=distribution.hosted_zone_id,
        )
        AliasRecord("alias", args, opts)
    return distribution


def _url(settings: Settings, distribution: Distribution | None) -> pulumi.Input[str]:
    if not distribution:
        return ""
    return pulumi.Output.concat("https://", settings.domain.name if settings.domain else distribution.domain_name)


def _next_step(settings: Settings, repository_url: pulumi.Output[str], url: pulumi.Input[str]) -> pulumi.Output[str]:
    if not settings.topologies:
        return pulumi.Output.concat(
            "Push an image for linux/arm64 to ",
            repository_url,
            " and name it: pulumi config set switchyard:image sha256:<digest>, then pulumi up",
        )
    return pulumi.Output.concat("Ask it how it is: curl -f ", url, settings.service.health_check_path)
