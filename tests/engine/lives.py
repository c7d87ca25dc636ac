"""Lives: everything an environment goes through from its first preview to its end, each lived once and kept."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from engine.bench import Bench, Outcome

from preflight.recording import Recording

SERVERLESS, CONTAINER = "topology=serverless", "topology=container"


@dataclass
class Life:
    """The outcomes of one life, in the order in which they came, and what was there on the way."""

    stack: str
    overrides: tuple[str, ...]
    plan: Recording
    """What preflight says it will be."""
    previewed: Outcome
    made: Outcome
    state: list[dict[str, Any]]
    """After it was made."""
    kept: str
    """All that the backend keeps on disk then, the history and backups included."""
    secrets: list[str]
    """The random values in the cloud, which nobody else may see."""
    shown: list[str]
    """What commands print that show values: preview --diff, stack output, config."""
    again: Outcome
    refreshed: Outcome
    drifted: Outcome
    """A refresh after somebody changed one thing by hand and deleted another."""
    repaired: Outcome
    repaired_again: Outcome
    refused: Outcome | None
    """`pulumi destroy` as a person types it, with its preview, where something is protected."""
    released: Outcome | None
    destroyed: Outcome
    left: list[str]
    """What is in the cloud after the end."""
    refusals: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[tuple[str, Outcome]]:
        return iter((name, value) for name, value in vars(self).items() if isinstance(value, Outcome))


@cache
def live(stack: str, *overrides: str) -> Life:
    """Let a stack live with these settings."""
    with Bench(stack, *overrides) as bench:
        cloud = bench.cloud
        plan = bench.plan()
        previewed = bench.preview()
        made = bench.up().must_succeed()
        state = bench.state()
        again = bench.up()
        refreshed = bench.refresh()
        kept = _all_text(bench)
        shown = [bench.preview("--diff", "--show-sames").output, bench.run("stack", "output", "--json")]
        shown += [bench.run("stack", "output"), made.output]
        secrets = [each.outputs["result"] for each in cloud.of_type("random:index/randomPassword:RandomPassword")]

        cloud.one("aws:cloudfront/distribution:Distribution").outputs["enabled"] = False
        cloud.remove(cloud.one("aws:ecr/lifecyclePolicy:LifecyclePolicy"))
        drifted = bench.refresh()
        repaired = bench.up()
        repaired_again = bench.up()

        refused = released = None
        if any(each.get("protect") for each in state):
            refused = bench.destroy("--skip-preview=false")
            bench.set(*overrides, "protect=false")
            released = bench.up()
        destroyed = bench.destroy()
        return Life(
            stack=stack,
            overrides=overrides,
            plan=plan,
            previewed=previewed,
            made=made,
            state=state,
            kept=kept,
            secrets=secrets,
            shown=shown,
            again=again,
            refreshed=refreshed,
            drifted=drifted,
            repaired=repaired,
            repaired_again=repaired_again,
            refused=refused,
            released=released,
            destroyed=destroyed,
            left=[f"{each.type} {each.name}" for each in cloud.things.values()],
            refusals=list(cloud.refusals),
        )


def _all_text(bench: Bench) -> str:
    files = [each for each in (bench.folder / "state").rglob("*") if each.is_file()]
    return "\n".join(each.read_text(errors="replace") for each in files)
