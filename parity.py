"""What each topology can do, and whether that is enough for what a service asks for.

Plain data and one function, with no Pulumi: the settings refuse what can't run, before anything is touched,
and preflight explains a switch with the same table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Topology = Literal["serverless", "container"]
FrontDoor = Literal["httpApi", "functionUrl"]
Need = Literal["websocket", "streaming", "backgroundWork", "encodedPaths", "repeatedHeaders"]
Told = Literal[
    "a request past its time",
    "text in a body or an answer",
    "spaces between cookies",
    "`WWW-Authenticate`, `Date`, `Server` in an answer",
    "scheme the app sees",
    "requests a second",
    "Host the app sees",
]
"""What differs though no service can ask for it, as the README's table calls it."""


@dataclass(frozen=True, kw_only=True)
class Capability:
    """One way to run the service, and its limits."""

    name: str
    longest_request_seconds: int
    largest_body_mb: int
    largest_response_mb: int
    largest_headers_kb: int
    serves: frozenset[Need]
    told: Mapping[Told, str]
    """In words, how it is here."""
    largest_stream_mb: int | None = None
    """Of a response that is streamed; None: as any other."""
    clients_must_hash_bodies: bool = False

    def response_mb(self, needs: Sequence[Need]) -> int:
        """The largest response of a service with these needs."""
        streams = "streaming" in needs and self.largest_stream_mb is not None
        return self.largest_stream_mb if streams else self.largest_response_mb


# Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html (30 s; 10,240 bytes of
# headers, of which CloudFront's own take some), https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
# (6 MB each way, which base64 makes 4.5; 200 MB streamed),
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html (120 s to the first byte,
# 32,768 bytes of headers, to which it adds its own; 50 GB) and, for bodies behind a Function URL,
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
# An HTTP API decodes the path (https://github.com/fastify/aws-lambda-fastify/issues/169). Of a header that is repeated
# in an answer, other than Set-Cookie, the Lambda Web Adapter hands back the first, as tests/app sees. A
# Function URL renames some headers of an answer (https://github.com/pact-foundation/pact_broker-serverless/issues/5).
HTTP_API = Capability(
    name="serverless behind httpApi",
    longest_request_seconds=29,
    largest_body_mb=4,
    largest_response_mb=4,
    largest_headers_kb=9,
    serves=frozenset(),
    told={
        "a request past its time": "500",
        "text in a body or an answer": "counts as JSON writes it",
        "spaces between cookies": "none",
        "`WWW-Authenticate`, `Date`, `Server` in an answer": "as given",
        "scheme the app sees": "https",
        "requests a second": "1,000, bursts of 500",
        "Host the app sees": "the API's",
    },
)
FUNCTION_URL = Capability(
    name="serverless behind functionUrl",
    longest_request_seconds=119,
    largest_body_mb=4,
    largest_response_mb=4,
    largest_stream_mb=200,
    largest_headers_kb=31,
    serves=frozenset({"streaming", "encodedPaths"}),
    clients_must_hash_bodies=True,
    told={
        "a request past its time": "502",
        "text in a body or an answer": "counts as JSON writes it",
        "spaces between cookies": "none",
        "`WWW-Authenticate`, `Date`, `Server` in an answer": "become `x-amzn-remapped-...`",
        "scheme the app sees": "https",
        "requests a second": "the account's concurrency",
        "Host the app sees": "the URL's",
    },
)
CONTAINER = Capability(
    name="container",
    longest_request_seconds=119,
    largest_body_mb=51_200,
    largest_response_mb=51_200,
    largest_headers_kb=31,
    serves=frozenset({"websocket", "streaming", "backgroundWork", "encodedPaths", "repeatedHeaders"}),
    told={
        "a request past its time": "504",
        "text in a body or an answer": "counts as it is",
        "spaces between cookies": "as sent",
        "`WWW-Authenticate`, `Date`, `Server` in an answer": "as given",
        "scheme the app sees": "https with `domain`, else http",
        "requests a second": "what the tasks take",
        "Host the app sees": "the balancer's, or `origin.<domain>`",
    },
)


def capability(topology: Topology, front_door: FrontDoor) -> Capability:
    """The limits of a topology; the front door matters for `serverless` only."""
    if topology == "container":
        return CONTAINER
    return HTTP_API if front_door == "httpApi" else FUNCTION_URL


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What a service asks for, as `service` in the configuration says it."""

    needs: Sequence[Need]
    max_request_seconds: int
    max_body_mb: int
    max_response_mb: int
    max_headers_kb: int
    methods: Literal["read", "all"]
    clients_hash_bodies: bool


@dataclass(frozen=True, kw_only=True)
class Shortfall:
    """One demand a way of running can't meet: which key asks, what it asks, what is possible, and the ways out."""

    key: str
    got: object
    limit: str
    ways_out: str


def shortfalls(demand: Demand, able: Capability) -> list[Shortfall]:
    """Everything `able` can't do for this service; empty when the service can run there."""
    elsewhere = _ways_out(able)
    found = [
        Shortfall(
            key="service.needs",
            got=need,
            limit=f"{able.name} has no {need}; it serves {', '.join(sorted(able.serves)) or 'none of the needs'}",
            ways_out=f"drop {need} from service.needs, or {_that_serve(need, able)}",
        )
        for need in demand.needs
        if need not in able.serves
    ]
    found += [
        Shortfall(key=key, got=got, limit=f"at most {limit} with {able.name}", ways_out=f"lower it, or {elsewhere}")
        for key, got, limit in (
            ("service.maxRequestSeconds", demand.max_request_seconds, able.longest_request_seconds),
            ("service.maxBodyMb", demand.max_body_mb, able.largest_body_mb),
            ("service.maxResponseMb", demand.max_response_mb, able.response_mb(demand.needs)),
            ("service.maxHeadersKb", demand.max_headers_kb, able.largest_headers_kb),
        )
        if got > limit
    ]
    if able.clients_must_hash_bodies and demand.methods == "all" and not demand.clients_hash_bodies:
        found.append(
            Shortfall(
                key="service.clientsHashBodies",
                got=False,
                limit=f"true with {able.name} and service.methods all: "
                "a body is refused unless the client sends its SHA-256 in x-amz-content-sha256",
                ways_out="set service.methods to read, teach every client to send the hash, or use httpApi",
            )
        )
    return found


def _ways_out(able: Capability) -> str:
    if able is HTTP_API:
        return "set serverless.frontDoor to functionUrl, or topology to container (and standby to false)"
    if able is FUNCTION_URL:
        return "set topology to container (and standby to false)"
    return "split the work into shorter requests"


def _that_serve(need: Need, able: Capability) -> str:
    if able is HTTP_API and need in FUNCTION_URL.serves:
        return "set serverless.frontDoor to functionUrl"
    return "set topology to container (and standby to false)"
