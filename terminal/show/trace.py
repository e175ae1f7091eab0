"""A turn as a tree, as a trace viewer shows it: what was done in what, how long it took, and when."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from record.documents import plain
from record.wording import duration, label, one_line, plural
from storage.queries.trace import DELEGATION, MODEL, TURN, Span, Trace
from terminal.show.trimmed import Trimmed

_TIMELINE = 24
"""Columns of the bars that show when something happened."""
_WIDE, _MEDIUM = 90, 60
_FIGURES = 26
"""Columns of seconds and tokens."""
_STYLES = {TURN: "user", DELEGATION: "agent", MODEL: "muted"}


def trace_json(shown: Trace) -> dict[str, Any]:
    """The tree as nested objects; times are ISO 8601 in UTC."""
    document: dict[str, Any] = plain(asdict(shown))
    return document


def trace(shown: Trace, console: Console) -> RenderableType:
    """The tree."""
    root = shown.root
    tokens = f"{root.prompt_tokens:,} tokens read, {root.output_tokens:,} written"
    took = duration(root.seconds) or "no end"
    head = f"Turn {shown.number}: {label(root.status)}, {took}, {plural(shown.model_calls, 'model call')}, {tokens}"
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, overflow="ellipsis", max_width=_room(console))
    table.add_column(justify="right", no_wrap=True)
    if console.width >= _MEDIUM:
        table.add_column(justify="right", no_wrap=True, style="muted")
    if console.width >= _WIDE:
        table.add_column(no_wrap=True, style="agent", width=_TIMELINE)
    for guide, span in _walk(root):
        figures: list[RenderableType] = [duration(span.seconds) or "…"]
        if console.width >= _MEDIUM:
            figures.append(f"{span.prompt_tokens:,}/{span.output_tokens:,}" if span.kind == MODEL else "")
        if console.width >= _WIDE:
            figures.append(when(span, root))
        table.add_row(_label(guide, span, _room(console)), *figures)
    return Trimmed(Group(Text(head, "muted"), table))


def when(span: Span, root: Span) -> str:
    """A bar that begins and ends where a span does in its turn."""
    whole = _end(root)
    if whole <= 0:
        return "█" * _TIMELINE
    begin = max(0.0, (span.started_at - root.started_at).total_seconds()) / whole
    end = min(1.0, begin + (span.seconds if span.seconds is not None else whole) / whole)
    first = min(int(begin * _TIMELINE), _TIMELINE - 1)
    last = max(first + 1, round(end * _TIMELINE))
    return " " * first + "█" * (min(last, _TIMELINE) - first)


def _end(root: Span) -> float:
    """Seconds from the turn's start to the end of the last thing in it."""
    ends = [(span.started_at - root.started_at).total_seconds() + (span.seconds or 0.0) for _, span in _walk(root)]
    return max(ends, default=0.0)


def _walk(span: Span, guide: str = "", branch: str = "") -> Iterator[tuple[str, Span]]:
    """Every span with the lines that lead to it."""
    yield guide + branch, span
    below = guide + {"": "", "├─ ": "│  ", "└─ ": "   "}[branch]
    for place, child in enumerate(span.children):
        yield from _walk(child, below, "└─ " if place == len(span.children) - 1 else "├─ ")


def _label(guide: str, span: Span, room: int) -> Text:
    told = Text(guide, "muted")
    if span.kind == TURN:
        told.append("> ", "user")
    elif span.kind == MODEL:
        told.append(f"{label(span.name)}: ", "muted")
    else:
        told.append(f"{label(span.name)} ", "agent" if span.kind == DELEGATION else "")
    if span.status not in ("completed", "delegated"):
        told.append(f"({label(span.status)}{f': {one_line(span.error, 80)}' if span.error else ''}) ", "error")
    elif span.status == "delegated":
        told.append("(only reported) ", "muted")
    told.append(
        one_line(span.detail, max(room - len(told), 8)), _STYLES.get(span.kind, "") if span.kind == TURN else ""
    )
    return told


def _room(console: Console) -> int:
    """Columns for what was done."""
    width = min(console.width, 120)
    if console.width >= _WIDE:
        return width - _FIGURES - _TIMELINE - 4
    return width - (_FIGURES if console.width >= _MEDIUM else 10)
