"""Distribution: the one public address, in front of whichever topology serves and of the static site."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import pulumi
import pulumi_aws as aws

from components._access_logs import deliver_access_logs
from components._checks import between, count, matches, one_of, refuse, require
from components._distribution_parts import (
    ALL_METHODS,
    CONTENT_SECURITY_POLICY,
    READ_METHODS,
    for_paths,
    origin_input,
    security_headers,
    service_behavior,
    site_behavior,
)
from components._domains import domain_name
from components._hooks import bind
from components._published import when_published
from components._viewer_request import FORGEABLE, RUNTIME, Split, service_code, site_code
from components._waits import waits, when_deployed
from components.origin import Origin
from components.origin_split import KEY, PERCENT, OriginSplit, OriginSplitArgs

Methods = Literal["all", "read"]
PriceClass = Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"]

# Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html
MINIMUM_PROTOCOL_VERSION = "TLSv1.2_2025"
# Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-web-distributions
# (75 behaviours, and the default one may count)
PATHS_MAX = 74
# Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html#DownloadDistValuesPathPattern
_PATH = r"(?=[/*])[A-Za-z0-9_\-.*?$/~\"'@:+&]{1,255}"
# A path like these would take everything from the site.
_EVERYTHING = r"/?\*+"
# Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
_HEADER = r"(?!x-(amz|amzn|edge|accel)-|x-(cache|real-ip|forwarded-proto)$)x-[a-z0-9-]{1,62}"
_CERTIFICATE = r"arn:aws:acm:us-east-1:\d{12}:certificate/.+"
_WEB_ACL = r"arn:aws:wafv2:us-east-1:\d{12}:global/webacl/.+"
WAIT_SECONDS = (0, 600)


@dataclass(frozen=True, kw_only=True)
class DistributionArgs:
    """Inputs of Distribution. ValueError names each field that CloudFront would refuse or that makes no sense."""

    service_origins: Sequence[Origin] = ()
    """The service's origin in each topology that is deployed, at most two. Default none: there is only the site."""
    active: str | None = None
    """Id of the service origin that serves. Required exactly when there are service origins."""
    standby_traffic: int = 0
    """Percent of viewers sent to the service origin that isn't active, 0 to 100. Default 0. Needs two of them."""
    edge_seconds: int = 60
    """Seconds to wait for the edges to forget an origin, before it leaves; 0 to 600. Default 60: AWS gives no number,
    and seconds to tens of seconds are what people see."""
    drain_seconds: int = 30
    """Seconds to wait for requests under way, after an origin left or traffic moved; 0 to 600. Default 30, as long as
    CloudFront waits for an origin; the longest request of the service, where that is known."""
    site: Origin | None = None
    """Static front end, which answers whatever `paths` doesn't cover. Default none: the service answers everything."""
    paths: Sequence[str] = ("/api/*", "/healthz")
    """With a site, the path patterns that go to the service, 1 to 74; without one not used."""
    methods: Methods = "all"
    """What the service may be sent: `all`, or `read` (GET, HEAD, OPTIONS). Default all."""
    authorization_source: str | None = None
    """Header that gets a copy of the viewer's Authorization, for an origin whose access control overwrites that one.
    Lower case, beginning with x-. Other origins may get it too, and it does them no harm. Keep it until the update
    after the one in which that origin leaves, since the function changes before the distribution. Default none."""
    max_body_bytes: int | None = None
    """Largest body that the service takes, in bytes, 0 or more; the edge answers 413 to one that says it is larger.
    Default none: each origin has its own limit."""
    max_header_bytes: int | None = None
    """Longest request line, headers and cookies together, in bytes, 1 or more; the edge answers 431 to longer ones.
    Default none."""
    domain_name: str | None = None
    """Public name, with `certificate_arn`. Default none: CloudFront's own name and certificate."""
    certificate_arn: pulumi.Input[str] | None = None
    """Validated certificate for `domain_name`, in us-east-1."""
    web_acl_arn: pulumi.Input[str] | None = None
    """Web ACL with scope CLOUDFRONT. Default none."""
    access_log_bucket_arn: pulumi.Input[str] | None = None
    """ARN of the LogBucket for access logs. Default none."""
    price_class: PriceClass = "PriceClass_100"
    """Where viewers are answered from: `PriceClass_100` North America, Europe and Israel, `200` most of the world,
    `All` everywhere. Default 100, the cheapest; all viewers are served by each of them."""
    content_security_policy: str = CONTENT_SECURITY_POLICY
    """Content-Security-Policy of the site's responses. Default: everything from the site's own address."""

    def __post_init__(self) -> None:
        refuse(self, *self._origin_problems(), *self._path_problems(), *self._name_problems())

    def _origin_problems(self) -> list[str | None]:
        services = [each.id for each in self.service_origins]
        ids = [*services, *([self.site.id] if self.site else [])]
        return [
            require(bool(ids), "service_origins or site must be given, got neither: there is nothing to serve"),
            require(len(set(ids)) == len(ids), f"service_origins and site must have different ids, got {ids}"),
            count("service_origins", services, 0, 2),
            one_of("active", self.active, services or [None]),
            between("standby_traffic", self.standby_traffic, *PERCENT),
            require(
                self.standby_traffic == 0 or len(services) > 1,
                f"standby_traffic must be 0 while there is no standby, got {self.standby_traffic}",
            ),
            require((self.max_body_bytes or 0) >= 0, f"max_body_bytes must be 0 or more, got {self.max_body_bytes}"),
            require(
                self.max_header_bytes is None or self.max_header_bytes > 0,
                f"max_header_bytes must be 1 or more, got {self.max_header_bytes}",
            ),
            between("edge_seconds", self.edge_seconds, *WAIT_SECONDS),
            between("drain_seconds", self.drain_seconds, *WAIT_SECONDS),
            one_of("methods", self.methods, get_args(Methods)),
            one_of("price_class", self.price_class, get_args(PriceClass)),
            require(self.content_security_policy.strip() != "", "content_security_policy must not be empty"),
        ]

    def _path_problems(self) -> list[str | None]:
        if not (self.site and self.service_origins):
            return []
        meaning = "1 to 255 of A-Z a-z 0-9 _ - . * ? $ / ~ \" ' @ : + &, beginning with / or *"
        return [
            count("paths", self.paths, 1, PATHS_MAX),
            require(len(set(self.paths)) == len(self.paths), f"paths must be different, got {list(self.paths)}"),
            *(matches("paths", each, _PATH, meaning) for each in self.paths),
            *(
                matches("paths", each, f"(?!{_EVERYTHING}$).*", "narrower, or nothing is left to the site")
                for each in self.paths
            ),
        ]

    def _name_problems(self) -> list[str | None]:
        texts = [
            ("authorization_source", _HEADER, "a lower-case header name beginning with x- that functions may set"),
            ("certificate_arn", _CERTIFICATE, "the ARN of a certificate in us-east-1"),
            ("web_acl_arn", _WEB_ACL, "the ARN of a web ACL with scope CLOUDFRONT"),
        ]
        given = [(name, getattr(self, name), pattern, meaning) for name, pattern, meaning in texts]
        return [
            *(matches(name, value, *rest) for name, value, *rest in given if value is not None),
            domain_name("domain_name", self.domain_name) if self.domain_name is not None else None,
            require(
                self.authorization_source not in FORGEABLE,
                f"authorization_source must not be a header with a meaning of its own, got {self.authorization_source}",
            ),
            require(
                (self.domain_name is None) == (self.certificate_arn is None),
                "domain_name and certificate_arn must be given together, got only one",
            ),
        ]


class Distribution(pulumi.ComponentResource):
    """A CloudFront distribution that knows every origin and sends viewers to the active one.

    With a domain it takes TLS 1.2 or later; under its own name CloudFront also takes 1.0 and 1.1, and nobody can change
    that. It waits for all that every origin calls `ready`, and a change of it ends when the edges have it. Errors of
    the service pass unchanged: no error page replaces the answers of an API. A function at the edge tells the service
    who asks and under which name, takes off headers that the viewer may not set, and refuses what is too large; another
    one sends the paths of the site that name no file to index.html.

    With two service origins the function divides the viewers between them, by their address. It is always the first
    to change: it learns of an origin while no stored weight is valid, and forgets it before the distribution drops it.
    An update waits before an origin leaves, and after traffic moved, so that no request meets what is being deleted. It
    also waits for an earlier change that still deploys: one whose update was interrupted, or given up. It fails while
    the edges run another code of a function than was asked for, or have other settings than the state knows.

    Children: `<name>`; with a service `<name>-viewer-request`, `<name>-headers` and `<name>-split` (OriginSplit); with
    a site `<name>-site-request` and `<name>-site-headers`; with access logs `<name>-logs`, `<name>-logs-destination`
    and `<name>-logs-delivery`.
    Cost: the first 1 TB and 10 million requests a month are free, then $0.085 per GB and $1.00 per million requests;
    functions $0.10 per million above 2 million. Nothing by the hour.
    Raises ValueError (DistributionArgs).
    """

    distribution_id: pulumi.Output[str]
    """Its id, for invalidations and metrics; known once it is deployed."""
    distribution_arn: pulumi.Output[str]
    """Its ARN, for the policies of what it may read."""
    domain_name: pulumi.Output[str]
    """CloudFront's name for it: the public URL without a domain, else what the alias record points to."""
    hosted_zone_id: pulumi.Output[str]
    """Zone of that name, for an alias record."""
    smoke_token: pulumi.Output[str]
    """Lets a request choose its service origin; secret, and empty unless there are two."""

    def __init__(self, name: str, args: DistributionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Distribution", name, {}, opts)

        origins = [*args.service_origins, *([args.site] if args.site else [])]
        split = self._split(name, args)
        service = self._service(name, args, split)
        site = self._site(name, args)
        settings: dict[str, Any] = {
            "enabled": True,
            "is_ipv6_enabled": True,
            "http_version": "http2and3",
            "price_class": args.price_class,
            "aliases": [args.domain_name] if args.domain_name else None,
            "viewer_certificate": _certificate(args),
            "web_acl_id": args.web_acl_arn,
            "origins": [origin_input(each) for each in origins],
            "default_cache_behavior": site or service,
            "ordered_cache_behaviors": for_paths(args.paths, service) if service and site else [],
            "default_root_object": "index.html" if site else None,
            "restrictions": {"geo_restriction": {"restriction_type": "none"}},
        }
        distribution = aws.cloudfront.Distribution(
            name,
            **settings,
            wait_for_deployment=True,
            retain_on_delete=False,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[each for origin in origins for each in origin.ready],
                hooks=bind(name, **waits(edge_seconds=args.edge_seconds, drain_seconds=args.drain_seconds)),
            ),
        )
        deployed = when_deployed(distribution, settings, drain_seconds=args.drain_seconds, parent=self)
        if split and args.active:
            split.weigh(args.active, args.standby_traffic, after=deployed)
        if args.access_log_bucket_arn is not None:
            deliver_access_logs(name, distribution, args.access_log_bucket_arn, parent=self)

        self.distribution_id = deployed
        self.distribution_arn = distribution.arn
        self.domain_name = distribution.domain_name
        self.hosted_zone_id = distribution.hosted_zone_id
        self.smoke_token = split.smoke_token if split else pulumi.Output.from_input("")
        self.register_outputs(
            {
                "distribution_id": self.distribution_id,
                "distribution_arn": self.distribution_arn,
                "domain_name": self.domain_name,
                "hosted_zone_id": self.hosted_zone_id,
            }
        )

    def _split(self, name: str, args: DistributionArgs) -> OriginSplit | None:
        if not args.service_origins:
            return None
        origins = OriginSplitArgs(origins=[each.id for each in args.service_origins])
        return OriginSplit(f"{name}-split", origins, pulumi.ResourceOptions(parent=self))

    def _service(self, name: str, args: DistributionArgs, split: OriginSplit | None) -> Any:
        """The behaviour of the service's paths, or None when no topology is deployed."""
        if args.active is None or split is None:
            return None
        function_arn = self._function(
            f"{name}-viewer-request",
            _service_code(args, split),
            key_value_store_associations=[split.store_arn] if split.store_arn else None,
            depends_on=[split.epoch_resource],
        )
        methods = ALL_METHODS if args.methods == "all" else READ_METHODS
        return service_behavior(args.active, methods, function_arn, self._headers(f"{name}-headers").id)

    def _site(self, name: str, args: DistributionArgs) -> Any:
        """The behaviour of the static site, or None without one."""
        if args.site is None:
            return None
        function_arn = self._function(f"{name}-site-request", site_code())
        headers = self._headers(f"{name}-site-headers", args.content_security_policy)
        return site_behavior(args.site.id, function_arn, headers.id)

    def _function(
        self, name: str, code: pulumi.Input[str], depends_on: Sequence[pulumi.Resource] = (), **inputs: Any
    ) -> pulumi.Output[str]:
        """The ARN, once the edges run the code."""
        opts = pulumi.ResourceOptions(
            parent=self,
            depends_on=depends_on,
            # Default tags change with the stack's settings; the provider fails where nothing else of a function does.
            # Source: https://github.com/hashicorp/terraform-provider-aws/issues/49572
            ignore_changes=["tags", "tagsAll"],
        )
        function = aws.cloudfront.Function(name, runtime=RUNTIME, code=code, publish=True, **inputs, opts=opts)
        return when_published(function, parent=self)

    def _headers(self, name: str, content_security_policy: str | None = None) -> "aws.cloudfront.ResponseHeadersPolicy":
        return aws.cloudfront.ResponseHeadersPolicy(
            name,
            security_headers_config=security_headers(content_security_policy),
            opts=pulumi.ResourceOptions(parent=self),
        )


def _certificate(args: DistributionArgs) -> Any:
    if args.certificate_arn is None:
        return {"cloudfront_default_certificate": True}
    return {
        "acm_certificate_arn": args.certificate_arn,
        "ssl_support_method": "sni-only",
        "minimum_protocol_version": MINIMUM_PROTOCOL_VERSION,
    }


def _service_code(args: DistributionArgs, split: OriginSplit) -> pulumi.Input[str]:
    """The same whichever origin is active, so that a flip doesn't touch the function."""

    def code(told: Split | None = None) -> str:
        return service_code(
            args.authorization_source,
            told,
            max_body_bytes=args.max_body_bytes,
            max_header_bytes=args.max_header_bytes,
        )

    if not split.origins:
        return code()
    return pulumi.Output.all(split.epoch, split.smoke_token_sha256).apply(
        lambda known: code(Split(origins=split.origins, epoch=known[0], key=KEY, token_sha256=known[1]))
    )
