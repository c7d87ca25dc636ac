"""`python -m bench.edge`: what a call of the function at the edge takes, in the engine that the tests run it in.

CloudFront allows well under a millisecond. Its engine is another, so what counts is how much dividing viewers adds.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from edge import Edge

from components._viewer_request import MAX_CODE_BYTES, Split, service_code
from components.origin_split import KEY, weight_of

ORIGINS = ("container", "serverless")
VIEWERS = [*(f"203.0.113.{n}" for n in range(250)), *(f"2001:db8:0:{n:x}::1" for n in range(250))]
SPLIT = Split(origins=ORIGINS, epoch="0123456789abcdef", key=KEY, token_sha256="0" * 64)
MAX_BODY, MAX_HEADER = 1024**2, 8 * 1024
ROUNDS = 9


def microseconds(function: Edge) -> Iterator[float]:
    """Of processor time, for one call, each time it is measured; the first time only warms up."""
    for round_ in range(ROUNDS + 1):
        started = time.process_time()
        function.sides(VIEWERS)
        if round_:
            yield (time.process_time() - started) / len(VIEWERS) * 1e6


def main() -> None:
    alone = list(microseconds(Edge(service_code(max_body_bytes=MAX_BODY, max_header_bytes=MAX_HEADER))))
    code = service_code(split=SPLIT, max_body_bytes=MAX_BODY, max_header_bytes=MAX_HEADER)
    store = {KEY: weight_of(SPLIT.epoch, ORIGINS, "serverless", 30)}
    divided = list(microseconds(Edge(code, origins=ORIGINS, store=store)))
    sys.stdout.write(
        f"The function at the edge, {len(code.encode()):,} of {MAX_CODE_BYTES:,} bytes: {min(divided):.0f} µs a call, "
        f"median {median(divided):.0f}; without a standby {min(alone):.0f}, median {median(alone):.0f}.\n"
    )


if __name__ == "__main__":
    main()
