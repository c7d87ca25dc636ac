"""The service's log lines, as a person wants to read them."""

import json

from rich.text import Text

_STYLES = {"ERROR": "red", "WARNING": "yellow"}


def readable(line: str) -> Text:
    """A JSON line as time, message and what is worth knowing; any other line as it is."""
    try:
        told = json.loads(line)
        time, message = told["timestamp"][11:23], told["message"].rstrip()
    except (ValueError, KeyError, TypeError, AttributeError):
        return Text(line, style="dim")
    text = Text(f"{time} ", style="dim")
    text.append(message, style=_style(told))
    if "duration_ms" in told:
        text.append(f"  {told['duration_ms']} ms  {told.get('instance', '')}", style="dim")
    if "exception" in told:
        text.append(f"\n{told['exception']}", style="red")
    return text


def _style(told: dict) -> str:
    status = told.get("status", 0)
    return "red" if status >= 500 else "yellow" if status >= 400 else _STYLES.get(told.get("level", ""), "")
