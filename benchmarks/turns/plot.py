# mypy: disable-error-code="import-not-found,no-untyped-call"
"""Draws the figures: `python plot.py RESULTS.json OUT.svg`, in the environment of `requirements-plot.txt`."""

import json
import sys
from collections import defaultdict
from pathlib import Path
from statistics import mean, median
from typing import Any

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.hashsalt": "turns", "svg.fonttype": "none"})

from matplotlib import pyplot  # noqa: E402  (after the choice of what draws)

_COLOURS = {
    "this": "#1f6feb",
    "OpenAI": "#2da44e",
    "LangGraph": "#bf8700",
    "ADK SqliteS": "#cf222e",
    "ADK Data": "#8250df",
}


def draw(measured: list[dict[str, Any]], target: Path) -> None:
    """Three plots over the turns held: milliseconds, prompt tokens and bytes a turn."""
    lines: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in measured:
        if each["wall"]:
            lines[each["system"]].append(each)
    figure, axes = pyplot.subplots(1, 3, figsize=(14, 4.6), layout="constrained")
    for axis, title, value in (
        (axes[0], "milliseconds a turn (CPU)", lambda each: median(each["cpu"])),
        (axes[1], "prompt tokens a turn", lambda each: mean(each["tokens"])),
        (axes[2], "bytes on disk a turn", lambda each: each["bytes_a_turn"]),
    ):
        for name, found in lines.items():
            style = "--" if "bounded" in name or "default" in name else "-"
            colour = next((c for start, c in _COLOURS.items() if name.startswith(start)), "#57606a")
            found.sort(key=lambda each: each["turns"])
            axis.plot(
                [each["turns"] for each in found],
                [value(each) for each in found],
                style,
                color=colour,
                marker="o",
                label=name,
                linewidth=2.5 if name == "this program" else 1.3,
                markersize=4,
            )
        axis.set(title=title, xlabel="turns held", xscale="log", yscale="log")
        axis.grid(visible=True, which="major", alpha=0.3)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
    figure.savefig(target, metadata={"Date": None})


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text())["measured"], Path(sys.argv[2]))
