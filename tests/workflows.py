"""The workflows as GitHub reads them: their jobs, and which of those run, for an event and whatever came before.

As much of GitHub's expressions as the workflows use; what is more fails loudly.
Source: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from stacks import ROOT

FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
ACTIONS = sorted(ROOT.glob(".github/actions/*/action.yml"))
OWN = "$/.github/workflows/"
STATUS = ("always()", "cancelled()", "failure()", "success()")


@cache
def workflow(name: str) -> dict[str, Any]:
    """A workflow by its file's name. YAML reads the key `on` as True."""
    return yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))


def jobs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(workflow, job, what it says) of every job there is."""
    for path in FILES:
        for name, job in workflow(path.stem)["jobs"].items():
            yield path.stem, name, job


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    """(where, what it says) of every step, the actions' own among them."""
    for file, name, job in jobs():
        for number, step in enumerate(job.get("steps", ())):
            yield f"{file} {name} {number}", step
    for path in ACTIONS:
        for number, step in enumerate(yaml.safe_load(path.read_text(encoding="utf-8"))["runs"]["steps"]):
            yield f"{path.parent.name} {number}", step


@dataclass(kw_only=True)
class Run:
    """A run: what GitHub knows, and how the jobs that are named ended. All others succeed, if they run."""

    github: Mapping[str, Any]
    vars: Mapping[str, str] = field(default_factory=lambda: {"AWS_REGION": "eu-west-1"})
    outputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ends: Mapping[str, str] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """Of each workflow that a job called."""

    def of(self, name: str, within: str = "", inputs: Mapping[str, Any] | None = None) -> "Run":
        """Decide job after job; those of a called workflow are `<caller>/<job>`."""
        given = inputs or self.github.get("event", {}).get("inputs", {})
        for job, says in workflow(name)["jobs"].items():
            self.results[within + job] = self._end(within, job, says, given)
        return self

    @property
    def ran(self) -> set[str]:
        """The jobs that were not skipped, without those that only call others."""
        called = {name.partition("/")[0] for name in self.results if "/" in name}
        return {name for name, result in self.results.items() if result != "skipped" and name not in called}

    def _end(self, within: str, job: str, says: Mapping[str, Any], inputs: Mapping[str, Any]) -> str:
        needs = says.get("needs", [])
        needed = {name: within + name for name in ([needs] if isinstance(needs, str) else needs)}
        known = {
            "github": self.github,
            "vars": self.vars,
            "inputs": inputs,
            "needs": {
                name: {"result": self.results[full], "outputs": self.outputs.get(full, {})}
                for name, full in needed.items()
            },
        }
        condition = str(says.get("if", "true"))
        is_fine = all(self.results[full] == "success" for full in needed.values())
        if not (is_fine or any(each in condition for each in STATUS)) or not evaluate(condition, known):
            return "skipped"
        called = str(says.get("uses", ""))
        if called.startswith(OWN):
            full = f"{within}{job}"
            self.inputs[full] = {key: filled(value, known) for key, value in says["with"].items()}
            self.of(Path(called).stem, f"{full}/", self.inputs[full])
            inner = {result for name, result in self.results.items() if name.startswith(f"{full}/")}
            return "failure" if "failure" in inner else "success"
        return self.ends.get(within + job, "success")


def filled(value: Any, known: Mapping[str, Any]) -> Any:
    """A value with its one expression evaluated."""
    found = re.fullmatch(r"\$\{\{(.*)\}\}", value.strip(), re.DOTALL) if isinstance(value, str) else None
    return evaluate(found[1], known) if found else value


_TOKEN = re.compile(r"\s*(?:('[^']*')|(&&|\|\||==|!=|!|\(|\))|([A-Za-z_][\w.-]*(?:\(\))?)|(\d+))")
_WORDS = {"&&": " and ", "||": " or ", "!": " not "}
_KNOWN = {"cancelled()": False, "always()": True, "true": True, "false": False}


def evaluate(text: str, known: Mapping[str, Any]) -> Any:
    """The value of an expression."""
    text = re.sub(r"^\s*\$\{\{(.*)\}\}\s*$", r"\1", text, flags=re.DOTALL).strip()
    parts, at = [], 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if not token:
            raise ValueError(f"what is {text[at:]!r}?")
        quoted, sign, name, number = token.groups()
        parts.append(_WORDS.get(sign, sign) or quoted or number or repr(_look_up(name, known)))
        at = token.end()
    return eval("".join(parts), {"__builtins__": {}})


def _look_up(name: str, known: Mapping[str, Any]) -> Any:
    """What is not there is empty."""
    if name in _KNOWN:
        return _KNOWN[name]
    value: Any = known
    for part in name.split("."):
        value = value.get(part, "") if isinstance(value, Mapping) else ""
    return json.loads(json.dumps(value))
