"""secret_looking: whether an environment variable holds what belongs in Secrets Manager."""

import re

from policies.graph import is_hidden, is_secret

_NAMES = re.compile(
    r"(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|(?:^|_)(?:PASS|PWD)"
    r"|(?:API|ACCESS|PRIVATE|SECRET|SIGNING|ENCRYPTION|MASTER|SESSION|COOKIE|HMAC|JWT)_?KEY)(?:_|$)",
    re.I,
)
# A digest shows nothing, and an ARN or the name of a file says where the secret is, not what it is.
_HARMLESS_NAMES = re.compile(r"_(?:SHA256|ARN|FILE|PATH|NAME|TTL|SECONDS|URL)$", re.I)
# Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html (key ids),
# https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github,
# https://docs.stripe.com/keys, https://docs.slack.dev/authentication/tokens,
# https://www.rfc-editor.org/rfc/rfc7519 (JWT), https://www.rfc-editor.org/rfc/rfc7468 (PEM),
# https://www.rfc-editor.org/rfc/rfc9110#section-11.4 (Bearer, Basic)
_VALUES = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_\w{22,}|\b[sr]k_(?:live|test)_\w{16,}"
    r"|\bxox[a-z]-[\w-]{10,}|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.|^(?:Bearer|Basic) +\S{8,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----|://[^/\s:@]*:[^/\s@]+@"
)


def secret_looking(name: object, value: object) -> bool:
    """By its name, unless that says a place or a digest; or by its value: a key of AWS, a token, a URL with password.

    A value that is marked as secret is one: an environment variable shows it to whoever may read the resource.
    """
    if is_hidden(value):
        return is_secret(value)
    if not isinstance(value, str) or not value:
        return False
    by_name = bool(_NAMES.search(str(name))) and not _HARMLESS_NAMES.search(str(name)) and not value.startswith("arn:")
    return by_name or bool(_VALUES.search(value))
