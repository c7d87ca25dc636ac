"""What OriginAuthorizer runs on Lambda: admits a request whose `x-origin-secret` header holds an accepted secret.

Standard library only: this one file is the whole package. It says nothing about the value it was given.
"""

import hashlib
import hmac
import os
from typing import Any

HEADER = "x-origin-secret"
"""HTTP APIs hand header names over in lower case (payload format 2.0)."""
ACCEPTED = "ACCEPTED_SHA256"
"""Environment variable: SHA-256 of each accepted secret in lower-case hex, joined by commas."""


def handler(event: Any, _context: object) -> dict[str, bool]:
    """A simple response of payload format 2.0. Whatever is not a known secret is refused, never an error."""
    headers = event.get("headers") if isinstance(event, dict) else None
    value = headers.get(HEADER) if isinstance(headers, dict) else None
    return {"isAuthorized": isinstance(value, str) and is_accepted(value)}


def is_accepted(secret: str) -> bool:
    """Whether its digest is one of those accepted; the time this takes says nothing about which, or how nearly."""
    digest = hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
    accepted = os.environ.get(ACCEPTED, "").split(",")
    # A list, not a generator: `any` would stop at the first that matches.
    return any([hmac.compare_digest(digest, each) for each in accepted])  # noqa: C419
