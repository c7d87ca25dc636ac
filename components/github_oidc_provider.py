"""GithubOidcProvider: lets AWS believe what GitHub says of a running workflow."""

import pulumi
import pulumi_aws as aws

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
"""Who the token is for: what aws-actions/configure-aws-credentials asks GitHub to write into it."""


class GithubOidcProvider(pulumi.ComponentResource):
    """The account's trust in GitHub's tokens. It alone lets nobody in: each role says whom it lets in.

    An account can have only one for GitHub. Where it has one already, hand its ARN on instead.

    Children: `<name>`.
    Cost: none.
    """

    provider_arn: pulumi.Output[str]
    """ARN, for the trust policies of roles."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("switchyard:index:GithubOidcProvider", name, {}, opts)
        # Without a thumbprint: AWS checks GitHub's certificate against its own list of authorities.
        # Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
        provider = aws.iam.OpenIdConnectProvider(
            name, url=f"https://{ISSUER}", client_id_lists=[AUDIENCE], opts=pulumi.ResourceOptions(parent=self)
        )
        self.provider_arn = provider.arn
        self.register_outputs({"provider_arn": self.provider_arn})
