"""Secrets: `DB_URL_SECRET_ARN` says where a secret is, and becomes `DB_URL`, once, when the image starts.

It is the same in Lambda and on Fargate, and asks AWS nothing where nothing is referenced. No value is ever logged.
`python -m service.secrets <command>` does it for another program, which then runs in its place.
"""

import json
import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

    from service.aws import Credentials

Result = TypeVar("Result")

SUFFIX = "_SECRET_ARN"
DEADLINE_SECONDS = 8.0
"""For all of them, from the first question on. Lambda gives a start 10 seconds."""

_SECRET = re.compile(r"(?P<secret>arn:[^:]+:secretsmanager:[^:]+:\d{12}:secret:[^:]+)(?::(?P<key>[^:]+)::)?")
_PARAMETER = re.compile(r"arn:[^:]+:ssm:[^:]+:\d{12}:parameter/.+")


class Unresolved(Exception):
    """Secrets that are not to be had; the message has a line for each."""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """One variable to fill."""

    name: str
    arn: str
    """Of the secret or parameter, without what may follow it."""
    key: str | None
    """Of the JSON object that the secret is; None: the secret itself."""


def references(environment: Mapping[str, str]) -> list[Reference]:
    """What is to be fetched. Raises Unresolved for what can't be a reference."""
    found, problems = [], []
    for variable in sorted(each for each in environment if each.endswith(SUFFIX) and each != SUFFIX):
        name, arn = variable.removesuffix(SUFFIX), environment[variable]
        secret = _SECRET.fullmatch(arn)
        if name in environment:
            problems.append(f"{name} and {variable} are both set: keep one")
        elif secret:
            found.append(Reference(name=name, arn=secret["secret"], key=secret["key"]))
        elif _PARAMETER.fullmatch(arn):
            found.append(Reference(name=name, arn=arn, key=None))
        else:
            allowed = "the ARN of a Secrets Manager secret, which may end in :<JSON key>::, or of an SSM parameter"
            # What is no ARN at all may be the secret itself.
            got = repr(arn) if arn.startswith("arn:") else "something else, which is not shown" if arn else "nothing"
            problems.append(f"{variable} must be {allowed}, got {got}")
    if problems:
        raise Unresolved("\n".join(problems))
    return found


def fetch(environment: Mapping[str, str]) -> Callable[[], dict[str, str]]:
    """Start to fetch what is referenced, each secret once, all at once. The function returned waits for it and gives
    the variables; both raise Unresolved."""
    wanted = references(environment)
    if not wanted:
        return dict
    from service.aws import AwsError, Credentials  # noqa: PLC0415 - most starts have nothing to fetch

    deadline = time.monotonic() + DEADLINE_SECONDS
    environment = dict(environment)
    credentials = _aside(lambda: Credentials.of(environment))
    pending = {
        arn: _aside(lambda arn=arn: _text(arn, environment, credentials.result()))
        for arn in dict.fromkeys(each.arn for each in wanted)
    }

    def variables() -> dict[str, str]:
        from concurrent.futures import wait  # noqa: PLC0415

        wait(pending.values(), max(0, deadline - time.monotonic()))
        values, problems = {}, []
        for each in wanted:
            future = pending[each.arn]
            try:
                if not future.done():
                    raise AwsError(f"no answer within {DEADLINE_SECONDS:g} seconds")
                values[each.name] = _checked(_part(future.result(), each.key))
            except (AwsError, Unresolved) as error:
                problems.append(f"{each.name}{SUFFIX}: {error} ({each.arn})")
            except (KeyError, TypeError, AttributeError):
                problems.append(f"{each.name}{SUFFIX}: what answered is not AWS ({each.arn})")
        if problems:
            raise Unresolved("\n".join(problems))
        return values

    return variables


def _aside(work: Callable[[], Result]) -> "Future[Result]":
    """Do it in a thread that no end of the process waits for, as it would for those of a pool: a name server or a
    socket may be silent for longer than there is time."""
    from concurrent.futures import Future  # noqa: PLC0415
    from threading import Thread  # noqa: PLC0415

    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # for whoever asks for the result
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future


# What is called for each service, what names the secret in it, and where the answer has it.
_ACTIONS = {
    "secretsmanager": ("secretsmanager.GetSecretValue", lambda arn: {"SecretId": arn}),
    "ssm": ("AmazonSSM.GetParameter", lambda arn: {"Name": arn, "WithDecryption": True}),
}


def _text(arn: str, environment: Mapping[str, str], credentials: "Credentials") -> str:
    from service.aws import AwsError, Service  # noqa: PLC0415

    _, partition, name, region, *_ = arn.split(":")
    target, body = _ACTIONS[name]
    variable = {"secretsmanager": "SECRETS_MANAGER", "ssm": "SSM"}[name]
    service = Service(
        name=name,
        region=region,
        domain="amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com",
        # Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
        endpoint=environment.get(f"AWS_ENDPOINT_URL_{variable}") or environment.get("AWS_ENDPOINT_URL"),
    )
    answer = service.call(target, body(arn), credentials)
    text = answer["Parameter"]["Value"] if name == "ssm" else answer.get("SecretString")
    if text is None:
        raise AwsError("the secret is binary, and a variable can only hold text")
    return text


def _part(text: str, key: str | None) -> str:
    if key is None:
        return text
    try:
        value = json.loads(text)[key]
    except (ValueError, TypeError):
        raise Unresolved(f"the secret is no JSON object, so it has no key {key!r}") from None
    except KeyError:
        raise Unresolved(f"the secret has no key {key!r}") from None
    return value if isinstance(value, str) else json.dumps(value)


def _checked(value: str) -> str:
    """What a variable can hold."""
    try:
        is_text = b"\0" not in value.encode()
    except UnicodeEncodeError:
        is_text = False
    if not is_text:
        raise Unresolved("the value has a NUL or half a character, which no variable can hold")
    return value


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit("usage: python -m service.secrets <command> [argument ...]")
    try:
        os.environ |= fetch(os.environ)()
        os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - the caller's own command
    except Unresolved as problem:
        sys.exit(str(problem))
    except OSError as error:
        sys.exit(f"{sys.argv[1]}: {error.strerror}")
