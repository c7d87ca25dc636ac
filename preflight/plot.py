"""The plot of a break-even, for a screen or black and white paper: lines differ in style, bands in hatching."""

from io import StringIO
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from preflight.breakeven import CPU_SPAN, PEAK_SPAN, Breakeven

FORMATS = ("svg", "png")
_STYLES = (("-", "#1a1a1a", "/////"), ("--", "#5a5a5a", "\\\\\\"))
_AS_WIDE_AS_THE_LINE = 1.1
_SIZE_INCHES = (8, 5)
_DOTS_PER_INCH = 144


def plot(found: Breakeven, folder: Path) -> list[Path]:
    """Write `breakeven-<stack>` in both FORMATS into a folder, made if need be; the same bytes for the same input."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    with mpl.rc_context({"svg.hashsalt": found.stack, "hatch.linewidth": 0.6, "font.size": 10}):
        figure = _figure(found)
        for kind in FORMATS:
            path = folder / f"breakeven-{found.stack}.{kind}"
            metadata = {"Date": None} if kind == "svg" else None
            figure.savefig(path, dpi=_DOTS_PER_INCH, metadata=metadata)
            paths.append(path)
    return paths


def as_svg(found: Breakeven) -> str:
    """The same plot for a page that has fonts of its own: its text is text."""
    written = StringIO()
    with mpl.rc_context({"svg.hashsalt": found.stack, "hatch.linewidth": 0.4, "font.size": 10, "svg.fonttype": "none"}):
        _figure(found).savefig(written, format="svg", metadata={"Date": None})
    return written.getvalue()


def short(number: float, _position: int | None = None) -> str:
    """1500000 as 1.5M."""
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g}{letter}"
    return f"{number:g}"


def _figure(found: Breakeven) -> Figure:
    figure = Figure(figsize=_SIZE_INCHES, layout="constrained")
    axes = figure.add_subplot()
    requests = [float(found.requests[n]) for n in found.shown]
    for (topology, curve), (line, color, hatch) in zip(found.curves.items(), _STYLES, strict=True):
        expected, low, high = (
            [float(each[n]) for n in found.shown] for each in (curve.expected, curve.low, curve.high)
        )
        axes.plot(requests, expected, line, color=color, linewidth=2.2, label=topology)
        is_hidden = max(most / least for least, most in zip(low, high, strict=True)) < _AS_WIDE_AS_THE_LINE
        label = f"{topology}, range{' (no wider than the line)' if is_hidden else ''}"
        axes.fill_between(
            requests, low, high, facecolor="none", edgecolor=color, hatch=hatch, linewidth=0.8, label=label
        )
    _mark_crossings(axes, found)
    _mark_capacity(axes, found)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(requests[0], requests[-1])
    axes.xaxis.set_major_formatter(FuncFormatter(short))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"${short(value)}"))
    axes.set_xlabel("requests a month")
    axes.set_ylabel("USD a month, list prices")
    axes.grid(visible=True, which="major", color="#d0d0d0", linewidth=0.5)
    axes.set_axisbelow(True)
    axes.legend(loc="upper left", frameon=True, title=None)
    axes.set_title(f"{found.stack}: {_verdict(found)}", loc="left", fontsize=11)
    axes.text(
        0.99,
        0.02,
        f"range: CPU per request x {CPU_SPAN[0]} to {CPU_SPAN[-1]},\nprovisioned for {PEAK_SPAN[0]} to "
        f"{PEAK_SPAN[-1]} times the mean load",
        transform=axes.transAxes,
        ha="right",
        va="bottom",
        fontsize=8,
        bbox={"facecolor": "white", "edgecolor": "#d0d0d0"},
    )
    return figure


def _mark_crossings(axes: Axes, found: Breakeven) -> None:
    for each in found.crossings:
        at = float(each.requests)
        axes.axvline(at, color="#1a1a1a", linewidth=1, linestyle=":")
        axes.annotate(
            f"{short(at)}",
            xy=(at, 0.5),
            xycoords=("data", "axes fraction"),
            xytext=(5, 0),
            textcoords="offset points",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )


def _mark_capacity(axes: Axes, found: Breakeven) -> None:
    """Where the tasks that the stack allows no longer do."""
    if found.capacity is None or found.capacity >= found.requests[-1]:
        return
    at = float(found.capacity)
    axes.axvline(at, color="#5a5a5a", linewidth=1, linestyle="-.")
    axes.annotate(
        f"{short(at)}: container.maxTasks",
        xy=(at, 0.99),
        xycoords=("data", "axes fraction"),
        xytext=(5, 0),
        textcoords="offset points",
        va="top",
        fontsize=8,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
    )


def _verdict(found: Breakeven) -> str:
    if not found.crossings:
        return f"{found.cheaper_at_rest} costs less up to {short(float(found.requests[-1]))} requests a month"
    return "; ".join(
        f"{each.cheaper} costs less from {short(float(each.requests))} requests a month" for each in found.crossings
    )
