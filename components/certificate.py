"""Certificate: a public TLS certificate that ACM has issued and will renew."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components._checks import matches, refuse
from components._domains import domain_name

# Source: https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
LONGEST_COMMON_NAME = 64
REGION = r"[a-z]{2}(-[a-z]+)+-\d"
# CloudFront and load balancers take ECDSA keys too, but not every client does, and the handshake's work is AWS's.
KEY_ALGORITHM = "RSA_2048"
# The provider waits 75 minutes; a record that is right is seen within minutes, so a wrong one is told sooner.
ISSUE_TIMEOUT = "45m"
RECORD_TTL_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class CertificateArgs:
    """Inputs of Certificate."""

    domain_name: str
    """The one name the certificate is for, such as `app.example.com`: lower case, no wildcard, 64 characters at most,
    since it becomes the certificate's common name."""
    zone_id: pulumi.Input[str]
    """The public hosted zone the name lies in, where the proof of ownership is put."""
    region: str | None = None
    """Region of the certificate. Default: the provider's. CloudFront takes certificates of `us-east-1` only."""

    def __post_init__(self) -> None:
        refuse(
            self,
            domain_name("domain_name", self.domain_name, LONGEST_COMMON_NAME),
            None if self.region is None else matches("region", self.region, REGION, "a region such as us-east-1"),
        )


class Certificate(pulumi.ComponentResource):
    """A certificate, the DNS record that proves the name is ours, and the wait until ACM has issued it.

    The record stays: ACM renews the certificate by itself as long as it is there.

    Children: `<name>`, `<name>-validation-record`, `<name>-validation`.
    Cost: none.
    Raises ValueError for a name ACM would refuse.
    """

    certificate_arn: pulumi.Output[str]
    """ARN, known only once the certificate is issued: a distribution or a listener refuses it before that."""

    def __init__(self, name: str, args: CertificateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:Certificate", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)

        certificate = aws.acm.Certificate(
            name,
            domain_name=args.domain_name,
            validation_method="DNS",
            key_algorithm=KEY_ALGORITHM,
            # Browsers refuse a certificate that is in no public log.
            options={"certificate_transparency_logging_preference": "ENABLED"},
            region=args.region,
            opts=child,
        )
        proof = certificate.domain_validation_options[0]
        record = aws.route53.Record(
            f"{name}-validation-record",
            zone_id=args.zone_id,
            name=proof.resource_record_name,
            type=proof.resource_record_type,
            records=[proof.resource_record_value],
            ttl=RECORD_TTL_SECONDS,
            # ACM asks for the same record for every certificate of this name in this account, in any region.
            allow_overwrite=True,
            opts=child,
        )
        issued = aws.acm.CertificateValidation(
            f"{name}-validation",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
            region=args.region,
            opts=pulumi.ResourceOptions(parent=self, custom_timeouts=pulumi.CustomTimeouts(create=ISSUE_TIMEOUT)),
        )

        self.certificate_arn = issued.certificate_arn
        self.register_outputs({"certificate_arn": self.certificate_arn})
