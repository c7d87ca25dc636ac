"""Writes what the documentation takes from the code: the schema, two tables, the drawing, the controls.

python docs/generate.py           writes them
python docs/generate.py --check   says which are out of step, exit status 1 if one is
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from controls_page import controls_page
from jobs_page import jobs_table
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from settings import Settings
from stack_schema import descriptions, stack_file_schema


def main(check: bool) -> int:
    wanted = {
        ROOT / "README.md": with_table(ROOT / "README.md", "settings", settings_table()),
        ROOT / "docs/delivery.md": with_table(ROOT / "docs/delivery.md", "jobs", jobs_table(ROOT)),
        ROOT / "docs/stack.schema.json": json.dumps(stack_file_schema(), indent=2) + "\n",
        ROOT / "docs/controls.md": controls_page(ROOT),
        ROOT / "docs/topologies.svg": drawing(ROOT / "docs/topologies.d2"),
    }
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if check:
            print(f"{path.relative_to(ROOT)} is out of step with the code: make docs", file=sys.stderr)
        else:
            path.write_text(wanted[path], encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
    return 1 if check and stale else 0


def with_table(path: Path, name: str, table: str) -> str:
    """The page with the table of this name as it should be."""
    begin, end = f"<!-- {name}: written by `make docs` -->\n", f"<!-- end of {name} -->\n"
    before, _, rest = path.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    return before + begin + table + end + after


def settings_table() -> str:
    """Every key, with what it may be, its default, and what it means."""
    lines = ["| key | may be | default | meaning |", "|---|---|---|---|"]
    lines += [f"| `{key}` | {values} | {default} | {meaning} |" for key, values, default, meaning in rows(Settings)]
    return "\n".join(lines) + "\n"


def rows(model: type[BaseModel], at: str = "") -> list[tuple[str, str, str, str]]:
    """(key, values, default, meaning) of each setting, objects followed by what is in them."""
    found = []
    about = descriptions()[model.__name__]
    for name, field in model.model_fields.items():
        key = f"{at}{field.alias}"
        inner = _model(field.annotation)
        meaning = " ".join(about.get(name, "").split()).replace("|", "\\|")
        found.append((key, "object" if inner else _values(field), _default(field), meaning))
        if inner:
            found += rows(inner, f"{key}.")
    return found


def _model(annotation: Any) -> type[BaseModel] | None:
    models = [
        each for each in (annotation, *get_args(annotation)) if isinstance(each, type) and issubclass(each, BaseModel)
    ]
    return models[0] if models else None


def _values(field: FieldInfo) -> str:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    bounds = {type(each).__name__.lower(): getattr(each, type(each).__name__.lower()) for each in field.metadata}
    low, high = extra.get("minimum", bounds.get("ge")), extra.get("maximum", bounds.get("le"))
    if isinstance(allowed := extra.get("enum"), list):
        return ", ".join(map(str, allowed))
    if low is not None:
        return f"{low} to {high}" if high is not None else f"{low} or more"
    types = [each for each in get_args(field.annotation) if each is not type(None)]
    is_optional = len(types) < len(get_args(field.annotation))
    return _type_name(types[0] if is_optional else field.annotation)


def _type_name(annotation: Any) -> str:
    if get_origin(annotation) is Literal:
        return ", ".join(f"`{each}`" for each in get_args(annotation))
    if get_origin(annotation) is tuple:
        inner = _type_name(get_args(annotation)[0])
        return "list of whole numbers" if inner == "whole number" else f"list of {inner}"
    if get_origin(annotation) is dict:
        return "map of text"
    return {bool: "true, false", int: "whole number", str: "text"}[annotation]


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "required"
    if field.default is None:
        return "absent"
    if isinstance(field.default, BaseModel):
        return "see below"
    return f"`{json.dumps(field.default)}`"


def drawing(source: Path) -> str:
    """The D2 drawing as SVG."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "drawing.svg"
        command = [Path(sys.executable).with_name("d2"), "--layout", "elk", source, target]
        subprocess.run(command, check=True, capture_output=True)
        return target.read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv))
