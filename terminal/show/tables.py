"""The record as tables: from storage's dataclasses to something rich prints.

Readable from 40 columns on: long texts give way first, then the columns of least interest. What is not a terminal gets
the same columns without lines and colours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.constrain import Constrain
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from record.wording import duration, label, names, one_line, plural, printable, when, without_marks
from storage.queries.sessions import SessionInfo
from storage.queries.turns import Turn
from storage.stats.figures import AgentStats
from terminal.show.trimmed import Trimmed

if TYPE_CHECKING:
    from conversation.team import PreferenceKind

WIDEST = 110
MEDIUM = 80
NARROW = 60
PREVIEW = 160
_PIPED_MESSAGE = 60
_PIPED_ANSWER = 100
NEW = "new session"
"""What a session is called in which nothing was said yet."""


def title_of(info: SessionInfo) -> str:
    """What a session is called where a person looks."""
    return info.title or ("(no title)" if info.turns else NEW)


def history(listed: Sequence[Turn], console: Console, *, now: datetime | None = None) -> RenderableType:
    """Turns in the order given: what was said, what was answered, by whom."""
    if not listed:
        return Text("Nothing has been said yet.", style="muted")
    if console.width < MEDIUM:
        return Group(*(_exchange(turn, console.width, now) for turn in listed))
    table = new_table(console, expand=True)
    table.add_column("When", no_wrap=True, style="muted")
    wide = console.is_terminal
    table.add_column("You", ratio=2 if wide else None, no_wrap=not wide)
    table.add_column("Answer", ratio=3 if wide else None, no_wrap=not wide)
    table.add_column("By", style="agent", max_width=14 if wide else None, no_wrap=not wide)
    for turn in listed:
        said, answer = one_line(turn.user_input, PREVIEW), _answer(turn)
        if not wide:
            said = one_line(said, _PIPED_MESSAGE)
            answer.truncate(_PIPED_ANSWER, overflow="ellipsis")
        table.add_row(when(turn.started_at, now), said, answer, names(turn.agents))
    return Trimmed(table)


def agent_stats(listed: Sequence[AgentStats], console: Console, *, now: datetime | None = None) -> RenderableType:
    """How each agent did."""
    if not listed:
        return Text("No agent has been asked yet.", style="muted")
    table = new_table(console)
    table.add_column("Agent", style="agent", no_wrap=True, overflow="ellipsis")
    table.add_column("Tasks", justify="right", no_wrap=True)
    table.add_column("OK", justify="right", no_wrap=True)
    table.add_column("Median", justify="right", no_wrap=True)
    wide, medium = console.width >= MEDIUM, console.width >= NARROW
    if wide:
        table.add_column("95 %", justify="right", no_wrap=True)
        table.add_column("Failed", justify="right", no_wrap=True)
    if medium:
        table.add_column("Last used", no_wrap=True, style="muted")
    for agent in listed:
        rate = agent.success_rate
        row: list[RenderableType] = [
            label(agent.agent_name),
            f"{agent.delegations:,}",
            "-" if rate is None else f"{rate:.0%}",
            duration(agent.median_seconds) or "-",
        ]
        if wide:
            row += [duration(agent.p95_seconds) or "-", Text(str(agent.failed), "error" if agent.failed else "")]
        if medium:
            row.append(when(agent.last_used, now))
        table.add_row(*row)
    return Trimmed(table)


def agents(
    team: Sequence[tuple[str, str]], stats: Iterable[AgentStats], console: Console, *, now: datetime | None = None
) -> RenderableType:
    """Who is in the team, what each does, and how each did."""
    done = {agent.agent_name: agent for agent in stats}
    blocks: list[RenderableType] = []
    for name, description in team:
        record = done.get(name)
        note = "not asked yet"
        if record:
            rate = "" if record.success_rate is None else f", {record.success_rate:.0%} OK"
            note = f"{plural(record.delegations, 'task')}{rate}, last {when(record.last_used, now)}"
        blocks.append(Text.assemble((name, "agent"), (f"  {note}", "muted")))
        blocks.append(_indented(description, console))
    return Group(*blocks)


def preferences(
    known: Mapping[str, Sequence[str]], kinds: Sequence[PreferenceKind], console: Console
) -> RenderableType:
    """What the agents know about the user, one kind a row; at the end those that no agent of the team has."""
    table = new_table(console, header=False)
    table.add_column("Kind", style="muted", no_wrap=True)
    table.add_column("Values")
    rows = {kind.name: kind.shown for kind in kinds}
    for name in (*rows, *sorted(set(known) - set(rows))):
        values = names(known.get(name, ()))
        table.add_row(label(rows.get(name, _spaced(name))), Text(values) if values else Text("-", "muted"))
    return Trimmed(table)


def state(document: Mapping[str, Any], console: Console, *, now: datetime | None = None) -> RenderableType:
    """The documented session state in short: lists are counted, `state --json` has them whole."""
    meta = document["session_metadata"]
    table = new_table(console, header=False)
    table.add_column("What", style="muted", no_wrap=True)
    table.add_column("Value")
    table.add_row("user", label(str(document["user_name"])))
    for kind, value in document["user_preferences"].items():
        shown = names(value) if isinstance(value, list) else label(value or "")
        table.add_row(label(_spaced(kind)), Text(shown) if shown else Text("-", "muted"))
    table.add_row("turns", str(meta["total_interactions"]))
    table.add_row("tasks given to agents", _counted(document["agent_delegations"]))
    table.add_row("begun", when(datetime.fromisoformat(meta["created_at"]), now))
    table.add_row("last activity", when(datetime.fromisoformat(meta["last_activity"]), now))
    return Trimmed(table)


def new_table(console: Console, *, header: bool = True, expand: bool = False) -> Table:
    if not console.is_terminal:
        return Table(box=None, show_header=header, pad_edge=False, padding=(0, 2, 0, 0))
    table = Table(
        box=box.SIMPLE_HEAD if header else None, show_header=header, pad_edge=False, show_edge=False, expand=expand
    )
    table.border_style = "muted"
    if expand:
        table.width = min(console.width, WIDEST)
    return table


def _exchange(turn: Turn, width: int, now: datetime | None) -> RenderableType:
    by = f" · {names(turn.agents)}" if turn.agents else ""
    answer = _answer(turn)
    answer.truncate(width * 2, overflow="ellipsis")
    return Group(
        Text(f"{when(turn.started_at, now)}{by}", style="muted"),
        Text(f"> {one_line(turn.user_input, width - 2)}", style="user"),
        answer,
        "",
    )


def _answer(turn: Turn) -> Text:
    said = one_line(without_marks(turn.agent_response or ""), PREVIEW)
    if turn.status == "completed" and not turn.error:
        return Text(said)
    status = f"({label(turn.status)}{f': {one_line(turn.error, PREVIEW)}' if turn.error else ''})"
    return Text.assemble(f"{said} " if said else "", (status, "error" if turn.status == "failed" else "muted"))


def _indented(text: str, console: Console) -> RenderableType:
    width = min(console.width, WIDEST) if console.is_terminal else None
    return (
        Padding(Text(printable(text)), (0, 0, 0, 2), expand=False)
        if width is None
        else Constrain(Padding(Text(printable(text)), (0, 0, 0, 2)), width)
    )


def _spaced(kind: str) -> str:
    return kind.replace("_", " ")


def _counted(delegations: Sequence[Mapping[str, Any]]) -> str:
    counts: dict[str, int] = {}
    for delegation in delegations:
        counts[delegation["agent_name"]] = counts.get(delegation["agent_name"], 0) + 1
    each = names(f"{name} {count}" for name, count in sorted(counts.items(), key=lambda pair: -pair[1]))
    return f"{len(delegations)} ({each})" if each else "0"
