"""The plots of `stats --plot` in a terminal: one line a name, each column a day, some days, or a class of seconds."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from rich.console import Console, Group, RenderableType
from rich.text import Text

from record.wording import label
from storage.stats.series import EDGES, Series
from terminal.show.tables import new_table
from terminal.show.trimmed import Trimmed

_LEVELS = " ▁▂▃▄▅▆▇█"
_NAME, _TOTAL = 18, 14
_LEAST, _MOST = 10, 90


def plots(shown: Series, console: Console) -> RenderableType:
    """All three plots."""
    if not shown.turns_by_agent:
        return Text("Nothing was said then: there is nothing to draw.", "muted")
    width = max(_LEAST, min(_MOST, console.width - _NAME - _TOTAL))
    whole = Group(
        Text("Turns a day by agent", "heading"),
        _over_time(shown.turns_by_agent, console, width),
        "",
        Text("Seconds of a task by agent", "heading"),
        _latencies(shown.latencies, console),
        "",
        Text("Tokens a day by model", "heading"),
        _over_time(shown.tokens_by_model, console, width),
    )
    return Trimmed(whole)


def line(values: Sequence[int], most: int) -> str:
    """Values as columns of one line; anything at all is seen."""
    top = len(_LEVELS) - 1
    return "".join(_LEVELS[max(1, round(value / most * top)) if value and most else 0] for value in values)


def binned(days: Counter[date], first: date, last: date, width: int) -> list[int]:
    """Counts by day summed into at most so many bins of equal length, from the first day to the last."""
    length = -(-((last - first).days + 1) // width)
    bins = [0] * -(-((last - first).days + 1) // length)
    for day, count in days.items():
        bins[(day - first).days // length] += count
    return bins


def _over_time(series: Mapping[str, Counter[date]], console: Console, width: int) -> RenderableType:
    if not series:
        return Text("none", "muted")
    days = [day for counts in series.values() for day in counts]
    first, last = min(days), max(days)
    rows = {name: binned(counts, first, last, width) for name, counts in series.items()}
    most = max(max(bins) for bins in rows.values())
    made = new_table(console, header=False)
    made.add_column(style="agent", no_wrap=True, max_width=_NAME, overflow="ellipsis")
    made.add_column(no_wrap=True)
    made.add_column(justify="right", no_wrap=True, style="muted")
    for name, bins in rows.items():
        made.add_row(label(name), line(bins, most), f"{series[name].total():,}")
    made.add_row("", Text(_axis(first, last, len(next(iter(rows.values()))), width), "muted"), "")
    return made


def _axis(first: date, last: date, bins: int, width: int) -> str:
    length = -(-((last - first).days + 1) // width)
    unit = "" if length == 1 else f" ({length} days a column)"
    if first == last:
        return f"{first}"
    end = min(last, first + timedelta(days=bins * length - 1))
    return f"{first} to {end}{unit}"


def _latencies(latencies: Mapping[str, Sequence[int]], console: Console) -> RenderableType:
    if not latencies:
        return Text("none", "muted")
    made = new_table(console, header=False)
    made.add_column(style="agent", no_wrap=True, max_width=_NAME, overflow="ellipsis")
    made.add_column(no_wrap=True)
    made.add_column(justify="right", no_wrap=True, style="muted")
    for name, counts in sorted(latencies.items(), key=lambda item: -sum(item[1])):
        columns = "".join(level * 3 + " " for level in line(counts, max(counts)))
        made.add_row(label(name), columns.rstrip(), f"{sum(counts):,}")
    made.add_row("", Text("".join(f"{_edge(edge):<4}" for edge in ("<", *EDGES))[: len(EDGES) * 4 + 4], "muted"), "s")
    return made


def _edge(edge: float | str) -> str:
    return edge if isinstance(edge, str) else f"{edge:g}"
