"""Checks of DNS names, shared by what names a zone, a record or a certificate."""

import re

# Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
LONGEST_NAME = 253
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_TOP_LEVEL = r"[a-z0-9][a-z0-9-]{0,61}[a-z0-9]"
_NAME = re.compile(rf"(?:{_LABEL}\.)+{_TOP_LEVEL}")


def domain_name(field: str, value: str, longest: int = LONGEST_NAME) -> str | None:
    """A problem unless the value is a DNS name as Route 53 keeps it: lower case, no dot at the end, no wildcard."""
    if _NAME.fullmatch(value) and len(value) <= longest:
        return None
    wanted = f"a DNS name in lower case, without a dot at the end, of at most {longest} characters"
    return f"{field} must be {wanted} (such as app.example.com), got {value!r}"
