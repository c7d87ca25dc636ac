"""FunctionUrl: a Lambda function's own HTTPS endpoint, for CloudFront only."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import pulumi
import pulumi_aws as aws

from components._checks import one_of, refuse
from components._distributions import own_distributions
from components._web_adapter import INVOKE_MODES, InvokeMode


@dataclass(frozen=True, kw_only=True)
class FunctionUrlArgs:
    """Inputs of FunctionUrl. ValueError names the field that can't work."""

    function_name: pulumi.Input[str]
    """Function that answers."""
    alias_name: pulumi.Input[str] = "live"
    """Alias of the function that is called. Default live; hand over LambdaFunction's output instead where there is one,
    so that AWS is told of the alias only once it exists."""
    invoke_mode: InvokeMode = "buffered"
    """`buffered`: answers of up to 6 MB. `response_stream`: up to 200 MB, sent as they are written. The adapter in the
    image has to be in the same mode. Default buffered."""

    def __post_init__(self) -> None:
        refuse(self, one_of("invoke_mode", self.invoke_mode, INVOKE_MODES))


class FunctionUrl(pulumi.ComponentResource):
    """An endpoint that takes requests signed by CloudFront for a distribution of this account, and no others.

    CloudFront signs each request (origin access control) but not its body: Lambda refuses a POST or PUT whose client
    did not send the body's hash as `x-amz-content-sha256`. The signature is in `Authorization`, in place of the
    viewer's own. The permissions name any distribution of the account, not one: so they exist before a distribution
    knows of this origin, and none has to wait for the other.

    Children: `<name>`, `<name>-call-url`, `<name>-invoke`, `<name>-access-control`.
    Cost: nothing beyond the function's own.
    Raises: ValueError (FunctionUrlArgs).
    """

    domain_name: pulumi.Output[str]
    """Host name of the URL: what a distribution takes for an origin."""
    origin_access_control_id: pulumi.Output[str]
    """Origin access control that the distribution's origin has to name, or its requests are not signed."""

    def __init__(self, name: str, args: FunctionUrlArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:FunctionUrl", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        distributions = own_distributions(self)
        url = aws.lambda_.FunctionUrl(
            name,
            function_name=args.function_name,
            qualifier=args.alias_name,
            authorization_type="AWS_IAM",
            invoke_mode=args.invoke_mode.upper(),
            opts=child,
        )
        # Both are needed: since October 2025 a URL's caller must be allowed to invoke the function, too.
        # Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
        aws.lambda_.Permission(
            f"{name}-call-url",
            action="lambda:InvokeFunctionUrl",
            function=args.function_name,
            qualifier=args.alias_name,
            principal="cloudfront.amazonaws.com",
            function_url_auth_type="AWS_IAM",
            source_arn=distributions,
            opts=child,
        )
        aws.lambda_.Permission(
            f"{name}-invoke",
            action="lambda:InvokeFunction",
            function=args.function_name,
            qualifier=args.alias_name,
            principal="cloudfront.amazonaws.com",
            invoked_via_function_url=True,
            source_arn=distributions,
            opts=child,
        )
        access_control = aws.cloudfront.OriginAccessControl(
            f"{name}-access-control",
            description=f"Signs the requests to the function URL {name}",
            origin_access_control_origin_type="lambda",
            signing_behavior="always",
            signing_protocol="sigv4",
            opts=child,
        )

        self.domain_name = url.function_url.apply(lambda text: urlsplit(text).netloc)
        self.origin_access_control_id = access_control.id
        self.register_outputs(
            {"domain_name": self.domain_name, "origin_access_control_id": self.origin_access_control_id}
        )
