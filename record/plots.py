"""The plots of `stats --plot FILE`, drawn by matplotlib: an image, or one self-contained page.

The drawing holds no state of matplotlib's own: figures are made directly, not through pyplot, and need no screen.
"""

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from html import escape
from itertools import pairwise
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from record.wording import label
from storage.own_files import write
from storage.stats.series import EDGES, Series
from told import Told

_SIZE = (10.0, 11.0)
_COLOURS = ("#3366aa", "#ee7733", "#228833", "#aa3377", "#66ccee", "#ccbb44", "#bbbbbb", "#000000")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_MOST_NAMES = 7
_REST = "others"
_EPOCH = date(1970, 1, 1)
"""Where matplotlib counts days from."""


def draw(shown: Series, file: Path, user: str, now: datetime, *, over: bool = False) -> None:
    """Draws all three plots to a file; its ending says as what: .png, .svg or .html. `over` replaces one that is there.

    Raises:
        Told: There is nothing to draw, there is such a file, or it cannot be written.
    """
    if not shown.turns_by_agent:
        raise Told("nothing was said then: there is nothing to draw")
    title = f"{_plain(user)}, {now:%Y-%m-%d}"
    kind = file.suffix.lower().removeprefix(".")
    write(_page(shown, title) if kind == "html" else _drawn(shown, title, kind), file, over=over)


def figure(shown: Series, title: str) -> Figure:
    """The three plots below each other."""
    made = Figure(figsize=_SIZE, layout="constrained")
    made.suptitle(title)
    axes = made.subplots(3, 1)
    _bars(axes[0], shown.turns_by_agent, "Turns a day by agent")
    _steps(axes[1], shown.latencies)
    _bars(axes[2], shown.tokens_by_model, "Tokens a day by model")
    return made


def _drawn(shown: Series, title: str, kind: str) -> bytes:
    out = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": title}):
        figure(shown, title).savefig(out, format=kind, dpi=120, metadata={"Date": None} if kind == "svg" else None)
    return out.getvalue()


def _page(shown: Series, title: str) -> str:
    drawing = _drawn(shown, title, "svg").decode()
    drawing = drawing[drawing.index("<svg") :]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n"
        "<style>body{margin:0;background:#fff}svg{display:block;width:100%;max-width:60rem;height:auto;margin:0 auto}"
        f"</style>\n</head>\n<body>\n{drawing}</body>\n</html>\n"
    )


def _bars(axes: Axes, series: Mapping[str, Counter[date]], title: str) -> None:
    """Stacked bars; over more than a quarter of a year a bar is a week."""
    axes.set_title(title, loc="left")
    days = sorted({day for counts in series.values() for day in counts})
    if not days:
        return
    length = 1 if (days[-1] - days[0]).days <= 92 else 7
    starts = [days[0] + timedelta(days=step) for step in range(0, (days[-1] - days[0]).days + 1, length)]
    below = [0.0] * len(starts)
    for (name, counts), colour in zip(_few(series).items(), _COLOURS, strict=False):
        heights = [0.0] * len(starts)
        for day, count in counts.items():
            heights[(day - days[0]).days // length] += count / length
        places = [float((start - _EPOCH).days) for start in starts]
        axes.bar(places, heights, width=length * 0.9, bottom=below, align="edge", label=_plain(name), color=colour)
        below = [low + height for low, height in zip(below, heights, strict=True)]
    if length > 1:
        axes.set_title(f"{title} (mean of a week)", loc="left")
    axes.xaxis_date()
    axes.tick_params(axis="x", labelrotation=30)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    _finish(axes)


def _steps(axes: Axes, latencies: Mapping[str, Sequence[int]]) -> None:
    axes.set_title("Seconds of a completed task by agent", loc="left")
    labels = [f"< {EDGES[0]:g}", *(f"{low:g} to {high:g}" for low, high in pairwise(EDGES))]
    labels.append(f"> {EDGES[-1]:g}")
    places = range(len(labels))
    for (name, counts), colour in zip(_busiest(latencies), _COLOURS, strict=False):
        parts = [count / sum(counts) * 100 for count in counts]
        axes.plot(places, parts, marker="o", label=_plain(name), color=colour)
    axes.set_xticks(list(places), labels, rotation=30, ha="right")
    axes.set_ylabel("% of its tasks")
    _finish(axes)


def _finish(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", alpha=0.3)
    axes.set_ylim(bottom=0)
    if axes.get_legend_handles_labels()[1]:
        axes.legend(frameon=False, fontsize="small", loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _few(series: Mapping[str, Counter[date]]) -> dict[str, Counter[date]]:
    """The names with most, and all others as one."""
    names = sorted(series, key=lambda name: (-series[name].total(), name))
    kept = {name: series[name] for name in names[:_MOST_NAMES]}
    for name in names[_MOST_NAMES:]:
        kept.setdefault(_REST, Counter()).update(series[name])
    return kept


def _busiest(latencies: Mapping[str, Sequence[int]]) -> list[tuple[str, Sequence[int]]]:
    return sorted(latencies.items(), key=lambda item: -sum(item[1]))[: _MOST_NAMES + 1]


def _plain(name: str) -> str:
    """A name without what matplotlib would read as mathematics, or hide from the legend."""
    return label(name).replace("$", r"\$").lstrip("_") or "?"
