"""GithubOidcProvider: GitHub's own address, and tokens that are meant for AWS."""

from components.github_oidc_provider import GithubOidcProvider


def test_it_trusts_tokens_of_github_that_are_meant_for_aws(record):
    recording = record(lambda: GithubOidcProvider("github") and None)
    (provider,) = recording.children(recording.one("switchyard:index:GithubOidcProvider").urn)
    assert (provider.type, provider.name) == ("aws:iam/openIdConnectProvider:OpenIdConnectProvider", "github")
    assert provider.inputs == {
        "url": "https://token.actions.githubusercontent.com",
        "clientIdLists": ["sts.amazonaws.com"],
    }


def test_it_hands_back_what_roles_trust(record):
    outputs = record(lambda: GithubOidcProvider("github") and None).one("switchyard:index:GithubOidcProvider").outputs
    arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    assert outputs == {"provider_arn": arn}
