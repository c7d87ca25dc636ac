"""secret_looking: whether an environment variable holds what belongs in Secrets Manager."""

import re

from policies.graph import is_hidden, is_secret

_NAMES = re.compile(
    r"(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?|BASIC_?AUTH|(?<!^)(?<!^OLD)PWD"
    r"|(?<!BY)(?<!COM)(?<!SUR)(?<!TRES)(?<!OVER)(?<!UNDER)PASS"
    r"|(?:API|ACCESS|PRIVATE|SECRET|SIGNING|ENCRYPTION|MASTER|SESSION|COOKIE|HMAC|JWT|AUTH|ACCOUNT|LICEN[CS]E)_?KEY)"
    r"\d*(?:[_.-]|$)",
    re.I,
)
"""`PASS` ends a word of its own too, as in PGPASS, but not BYPASS, COMPASS, SURPASS, TRESPASS or OVERPASS. PWD alone is
the folder that a shell is in."""
# Where the name says that the value is no secret: a digest, or where the secret is. It has to look like that, too.
_HARMLESS = (
    (re.compile(r"_SHA256$", re.I), re.compile(r"[0-9a-f]{64}|[\w+/-]{43}=?", re.I)),
    (re.compile(r"_ARN$", re.I), re.compile(r"arn:.*")),
    (re.compile(r"_(?:FILE|PATH)$", re.I), re.compile(r"(?:[\w.~-]*[/\\]|[A-Z]:\\).*|[\w-]+\.\w{1,5}", re.I)),
    (re.compile(r"_URL$", re.I), re.compile(r"[a-z][a-z0-9+.-]*://.*|[\w.-]*(?::\d+)?/.*", re.I)),
    (re.compile(r"_(?:TTL|SECONDS)$", re.I), re.compile(r"\d+[a-z]{0,2}", re.I)),
    (re.compile(r"_NAME$", re.I), re.compile(r"(?=.*[/_.-]|[a-z]+$).*", re.I)),
)
_KEY = re.compile(r"(?<!PUBLIC)(?<!PUBLISHABLE)(?<!SITE)(?<!ANON)_KEY\d*$", re.I)
_RANDOM = re.compile(r"[0-9a-f]{32,}|(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[\w+/=-]{20,}")
# Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html (key ids),
# https://docs.github.com/authentication/keeping-your-account-and-data-secure/about-authentication-to-github,
# https://docs.gitlab.com/security/tokens/ (prefixes), https://docs.stripe.com/keys,
# https://docs.slack.dev/authentication/tokens, https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks,
# https://docs.npmjs.com/about-access-tokens, https://www.rfc-editor.org/rfc/rfc7519 (JWT),
# https://www.rfc-editor.org/rfc/rfc7468 (PEM), https://www.rfc-editor.org/rfc/rfc9110#section-11.4 (Bearer, Basic),
# https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml (the others)
_VALUES = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_\w{22,}|\b[sr]k_(?:live|test)_\w{16,}"
    r"|\bxox[a-z]-[\w-]{10,}|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\."
    r"|\bgl(?:pat|dt|rt|rtr|cbt|ptt|ft|soat|imt|agent|oas|ffct)-[\w-]{20,}|\bAIza[\w-]{35}|\bSG\.[\w-]{16,}\.[\w-]{16,}"
    r"|\bsk-(?:proj|svcacct|admin|ant)-[\w-]{20,}|\bsk-[A-Za-z0-9]{32,}|\bnpm_[A-Za-z0-9]{36}|\bpypi-AgE[\w-]{20,}"
    r"|\bdckr_pat_[\w-]{20,}|\bhf_[A-Za-z]{34}|\bdop_v1_[0-9a-f]{64}|\bhvs\.[\w-]{20,}|\bGOCSPX-[\w-]{20,}"
    r"|\bhooks\.slack\.com/(?:services|workflows)/\w+/|\bdiscord(?:app)?\.com/api/webhooks/\d+/"
    r"|^(?i:Bearer) +(?=.+[A-Z\d])[\w.~+/-]{16,}=*$|^(?i:Basic) +(?=.+[A-Z\d=])[A-Za-z0-9+/]{8,}={0,2}$"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----|://[^/\s:@]*:[^/\s@]+@"
    r"|(?i:(?:^|[;?&\s_-])(?:password|passwd|pwd|accountkey|sharedaccesskey|secret) *= *[^\s;&${%<*])"
)


def secret_looking(name: object, value: object) -> bool:
    """By its name, unless that says a place or a digest; or by its value: a key of AWS, a token, a URL with password.

    A value that is marked as secret is one: an environment variable shows it to whoever may read the resource.
    """
    if is_hidden(value):
        return is_secret(value)
    if not isinstance(value, str) or not value:
        return False
    return _by_name(str(name), value) or bool(_VALUES.search(value))


def _by_name(name: str, value: str) -> bool:
    if value.startswith("arn:"):
        return False
    if _KEY.search(name) and _RANDOM.fullmatch(value):
        return True
    says_where = any(ending.search(name) and form.fullmatch(value) for ending, form in _HARMLESS)
    return bool(_NAMES.search(name)) and not says_where
