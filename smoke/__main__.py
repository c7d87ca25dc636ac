"""`python -m smoke STACK`: asks both halves of a deployed stack the same, before viewers do, and compares them.

Exit status: 0 all well; 1 a side failed, or the sides differ; 2 bad usage, or it can't be told where the stack is.
"""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from preflight.stackfile import StackFileError, load
from settings import parse
from smoke.checks import Paths, checks_for
from smoke.client import Client, Unanswered
from smoke.report import document, show
from smoke.target import NoTarget, outputs_of
from smoke.trial import NoSides, run, sides_of

ROOT = Path(__file__).parents[1]
VARIABLE = "SMOKE_TOKEN"
WHERE_IT_RUNS = "served_by"
"""What the sample service answers differently on purpose."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    stack: Annotated[str, typer.Argument(metavar="STACK", help="Its file says what the service needs.")],
    url: Annotated[str, typer.Option(help="Default: the stack's output, asked of the Pulumi CLI.")] = "",
    token_env: Annotated[str, typer.Option(help="With --url: the variable that holds the smoke token.")] = VARIABLE,
    path: Annotated[str, typer.Option(help="Is read, written to, and sent a large body.")] = Paths.read,
    slow_path: Annotated[str, typer.Option(help="Answers after {seconds}; '' leaves that out.")] = Paths.slow or "",
    websocket_path: Annotated[str, typer.Option(help="Tried if service.needs has websocket.")] = Paths.websocket,
    differs: Annotated[list[str] | None, typer.Option(help="JSON key that may differ; body: what is no JSON.")] = None,
    slower: Annotated[float, typer.Option(min=1, help="A side may be this many times slower.")] = 3,
    rounds: Annotated[int, typer.Option(min=1, max=100, help="Reads on each side, for the latency.")] = 5,
    patience: Annotated[float, typer.Option(min=0, help="Seconds for the edge to take the token.")] = 60,
    as_json: Annotated[bool, typer.Option("--json", help="One document.")] = False,
) -> None:
    """Ask both halves of a deployed stack the same, before viewers do, and compare what they answer."""
    try:
        settings, refusals = parse(load(ROOT, stack).config)
        if refusals:
            raise NoTarget(f"Pulumi.{stack}.yaml is refused: python -m preflight preview {stack}")
        url, token = (url, os.environ.get(token_env, "")) if url else outputs_of(stack, ROOT)
        client = Client(url, token)
        if settings.standby and not token:
            raise NoTarget(
                f"Pulumi.{stack}.yaml has a standby, and without its token only the active half could be tried: "
                f"pulumi up -s {stack} makes one (smoke_token); with --url it goes into the variable {token_env}"
            )
    except (StackFileError, NoTarget, ValueError) as error:
        typer.echo(f"smoke: {error}", err=True)
        raise typer.Exit(2) from error
    checks = checks_for(settings.service, Paths(read=path, slow=slow_path or None, websocket=websocket_path))
    # On a terminal a line that changes; elsewhere nothing.
    with Console(stderr=True).status("asking the edge which sides there are") as status:
        try:
            sides = sides_of(client, settings.service.health_check_path, patience) if token else [None]
        except (NoSides, Unanswered) as error:
            typer.echo(f"smoke: {error}", err=True)
            raise typer.Exit(1) from error
        trial = run(
            client,
            sides,
            checks,
            rounds=rounds,
            slower=slower,
            differs=[WHERE_IT_RUNS, *(differs or ())],
            progress=status.update,
        )
    if as_json:
        typer.echo(json.dumps(document(stack, url, trial), indent=2))
    else:
        show(stack, url, trial, Console())
    sys.exit(1 if trial.problems else 0)


if __name__ == "__main__":
    app(prog_name="python -m smoke")
