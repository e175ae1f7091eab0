"""The figures as Markdown: a table for each time that a model takes."""

from collections.abc import Sequence

from benchmarks.many.figures import Figures
from benchmarks.turns.report import table

MARK = "*"
"""On own times that are of the whole run."""
_HEAD = (
    "sessions",
    "system",
    "turns a second",
    "own ms, p50",
    "p95",
    "CPU ms a turn",
    "commits a turn",
    "threads",
    "files",
    "MB a session",
    "failed turns",
    "lost turns",
)


def tables(found: Sequence[Figures]) -> str:
    """All tables, with their headings."""
    told = []
    for model_ms in dict.fromkeys(each.model_ms for each in found):
        rows = [_row(each) for each in found if each.model_ms == model_ms]
        told += [_heading(model_ms), table(_HEAD, rows, words=2)]
    return "\n\n".join(told)


def _heading(model_ms: float) -> str:
    return f"### A model that takes {f'{model_ms:g} ms' if model_ms else 'no time'}"


def _row(each: Figures) -> list[str]:
    sessions = f"{each.sessions:,}" if each.processes == 1 else f"{each.processes} x {each.sessions:,}"
    if each.turns_a_second is None:
        return [sessions, each.system, each.broken or "no turn was answered", *[""] * (len(_HEAD) - 3)]
    mark = MARK if each.whole else ""
    return [
        sessions,
        each.system,
        _figure(each.turns_a_second),
        _figure(each.p50) + mark,
        _figure(each.p95) + mark,
        _figure(each.cpu_ms),
        _figure(each.commits, 2),
        _figure(each.threads, 0),
        _figure(each.files, 0),
        _figure(each.megabytes, 2),
        _failed(each),
        _figure(each.lost, 0),
    ]


def _figure(value: float | None, digits: int = 1) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def _failed(each: Figures) -> str:
    failed = sum(each.failed.values())
    told = f"{failed:,} of {failed + each.answered:,}" if failed else "0"
    return f"{told}; once or more {each.broken}" if each.broken else told
