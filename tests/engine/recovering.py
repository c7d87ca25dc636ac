"""What a person does when an update is refused: what its message says, or the README where AWS refuses it."""

import re
import shlex

from engine.double import stages
from engine.double.cloud import Cloud
from engine.double.wire import plain
from engine.walk import Walker

_PUBLISH = re.compile(r'(aws cloudfront publish-function .*) "\$\((aws cloudfront describe-function .*)\)"')


def recover(walker: Walker, wanted: str) -> list[str]:
    """`pulumi up` until it has arrived. Returns what it took besides: `publish`, `refresh`."""
    took = []
    outcome = walker.up()
    if "PreconditionFailed" in outcome.output or "pulumi up --refresh" in outcome.output:
        took.append("refresh")
        outcome = walker.up("--refresh")
    if not outcome.ok:
        took.append("publish")
        publish_as_told(walker.bench.cloud, outcome.output)
        outcome = walker.up()
    outcome.must_succeed()
    walker.must_be_at(wanted)
    return took


def publish_as_told(cloud: Cloud, output: str) -> None:
    """Type the command that stands in the output. AssertionError if there is none."""
    found = _PUBLISH.search(output)
    assert found, output
    publish, describe = map(shlex.split, found.groups())
    asked = dict(zip(describe[3::2], describe[4::2], strict=True))
    assert asked == {"--name": asked["--name"], "--stage": "DEVELOPMENT", "--query": "ETag", "--output": "text"}
    assert publish[3:] == ["--name", asked["--name"], "--if-match"]
    functions = cloud.of_type(stages.FUNCTION)
    (function,) = (each for each in functions if plain(each.outputs)["name"] == asked["--name"])
    stages.publish(cloud, function, function.outputs["etag"])
