"""Calls to AWS with the standard library alone. The SDK would add 25 MB to the image, and a quarter of a second to
each cold start, for two actions that read one thing each."""

import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 2.0
ATTEMPTS = 3
# Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
_ECS_CREDENTIALS = "http://169.254.170.2"
_ALGORITHM = "AWS4-HMAC-SHA256"


class AwsError(Exception):
    """AWS said no, or nothing. The message never holds what was asked for."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Credentials:
    """What a request is signed with."""

    access_key: str
    secret_key: str
    token: str | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Credentials":
        """Lambda's, which are in the environment, else those of the task. Raises AwsError if there are none."""
        if "AWS_ACCESS_KEY_ID" in environment:
            return cls(
                access_key=environment["AWS_ACCESS_KEY_ID"],
                secret_key=environment.get("AWS_SECRET_ACCESS_KEY", ""),
                token=environment.get("AWS_SESSION_TOKEN"),
            )
        url = environment.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")
        if path := environment.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
            url = _ECS_CREDENTIALS + path
        if url is None:
            raise AwsError(
                "there are no AWS credentials: Lambda and ECS give their own, and on your machine "
                '`eval "$(aws configure export-credentials --format env)"` puts yours into the environment'
            )
        token = environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN")
        headers = {"authorization": token} if token else {}
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - ECS's own
        # They are on this machine, where no proxy leads to, and nobody else's business.
        told = _answer(request, "the task's credentials", urllib.request.ProxyHandler({}))
        return cls(access_key=told["AccessKeyId"], secret_key=told["SecretAccessKey"], token=told.get("Token"))


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service in one region, with an action for each `target`."""

    name: str
    """As its endpoint and its signature name it: `ssm`."""
    region: str
    domain: str = "amazonaws.com"
    endpoint: str | None = None
    """Where it is, if not at AWS."""

    def call(self, target: str, body: Mapping[str, Any], credentials: Credentials) -> dict[str, Any]:
        """Raises AwsError."""
        url = self.endpoint or f"https://{self.name}.{self.region}.{self.domain}"
        payload = json.dumps(body).encode()
        headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": target, "host": urlsplit(url).netloc}
        signed = sign(self, headers, payload, credentials, datetime.now(UTC))
        request = urllib.request.Request(f"{url.rstrip('/')}/", payload, signed)  # noqa: S310 - https, or what was set
        return _answer(request, f"{self.name} in {self.region}")


def sign(
    service: Service, headers: Mapping[str, str], payload: bytes, credentials: Credentials, now: datetime
) -> dict[str, str]:
    """The headers of a POST to `/`, with Signature Version 4.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
    """
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{service.region}/{service.name}/aws4_request"
    headers = {**headers, "x-amz-date": stamp}
    if credentials.token:
        headers["x-amz-security-token"] = credentials.token
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    canonical = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(payload).hexdigest()}"
    to_sign = f"{_ALGORITHM}\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{credentials.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    headers["authorization"] = (
        f"{_ALGORITHM} Credential={credentials.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    return headers


def _answer(request: urllib.request.Request, whose: str, *handlers: urllib.request.BaseHandler) -> dict[str, Any]:
    problem = ""
    opener = urllib.request.build_opener(*handlers)
    for attempt in range(ATTEMPTS):
        time.sleep(0.1 * attempt)
        try:
            with opener.open(request, timeout=TIMEOUT_SECONDS) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            problem = _said(error)
            if error.code < 500 and "Throttling" not in problem:
                break
        except (OSError, ValueError) as error:
            problem = str(getattr(error, "reason", error)) or type(error).__name__
    raise AwsError(f"{whose}: {problem}")


def _said(error: urllib.error.HTTPError) -> str:
    """AWS's own words: the kind of error, and its message."""
    try:
        body = json.load(error)
        kind, message = body.get("__type", ""), body.get("message") or body.get("Message") or ""
    except (ValueError, AttributeError):
        return f"status {error.code}"
    return ": ".join(each for each in (kind.rpartition("#")[2], message) if each) or f"status {error.code}"
