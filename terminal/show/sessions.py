"""Sessions, and what a search found, as tables; the rules of `tables.py` hold here."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from record.sessions import Found
from record.wording import label, names, one_line, plural, printable, when
from storage.queries.sessions import SHORT_ID, SessionInfo
from terminal.show.tables import MEDIUM, NARROW, PREVIEW, WIDEST, new_table, title_of
from terminal.show.trimmed import Trimmed


def sessions(
    listed: Sequence[SessionInfo], console: Console, *, current: str | None = None, now: datetime | None = None
) -> RenderableType:
    """Sessions in the order given; the current one is marked, and a forked one says where it came from."""
    if not listed:
        return Text("No sessions yet.", style="muted")
    if console.width < NARROW:
        return Group(*(_session(info, current, console.width, now) for info in listed))
    table = new_table(console)
    _stretch(table, "Title", console)
    table.add_column("Turns", justify="right", no_wrap=True)
    table.add_column("Last active", no_wrap=True)
    if console.width >= MEDIUM:
        table.add_column("Agents", style="muted", no_wrap=True, overflow="ellipsis")
    table.add_column("Id", no_wrap=True, style="muted")
    for info in listed:
        row: list[RenderableType] = [_title(info, current), str(info.turns), when(info.last_event_at, now)]
        if console.width >= MEDIUM:
            row.append(_names(info.agents, console))
        table.add_row(*row, label(info.short_id))
    return Trimmed(table)


def found(matches: Sequence[Found], console: Console, *, now: datetime | None = None) -> RenderableType:
    """What a search found, in the order given: the session, and the line that matches with the words marked."""
    if not matches:
        return Text("Nothing was found.", style="muted")
    blocks: list[RenderableType] = []
    for match in matches:
        turn = match.turn
        by = f" · {names(turn.agents)}" if turn.agents else ""
        facts = Text(
            f"  {label(match.session.short_id)} · turn {turn.number} · {when(turn.started_at, now)}{by}", "muted"
        )
        title = one_line(title_of(match.session), min(console.width, WIDEST))
        line = Text("  ")
        for piece, hit in match.line:
            line.append(printable(piece), "match" if hit else "")
        if console.is_terminal:
            facts.truncate(console.width, overflow="ellipsis")
            line.truncate(2 * min(console.width, WIDEST), overflow="ellipsis")
        blocks += [Text(title, "heading"), facts, line]
    return Trimmed(Group(*blocks))


def origin(info: SessionInfo) -> str:
    """Where a session was forked from; empty when it was not."""
    if not info.forked_from:
        return ""
    return f"Forked from {label(info.forked_from)[:SHORT_ID]} after turn {info.forked_at_turn}."


def _title(info: SessionInfo, current: str | None) -> Text:
    here = info.session_id == current
    title = f"{'* ' if here else ''}{one_line(title_of(info), PREVIEW)}"
    came = f"  from {label(info.forked_from)[:SHORT_ID]}, turn {info.forked_at_turn}" if info.forked_from else ""
    return Text.assemble((title, "agent" if here else ""), (came, "muted"))


def _names(agents: Sequence[str], console: Console) -> str:
    """The agents, and how many more there are when they do not fit."""
    if not console.is_terminal or len(agents) < 2:
        return names(agents)
    return f"{names(agents[:1])} +{len(agents) - 1}"


def _session(info: SessionInfo, current: str | None, width: int, now: datetime | None) -> RenderableType:
    title = _title(info, current)
    title.truncate(width, overflow="ellipsis")
    facts = f"  {label(info.short_id)} · {plural(info.turns, 'turn')} · {when(info.last_event_at, now)}"
    return Group(title, Text(facts, style="muted"))


def _stretch(table: Table, name: str, console: Console) -> None:
    """A column of text that takes the room that is left; on no terminal is it cut."""
    if not console.is_terminal:
        table.add_column(name, no_wrap=True)
        return
    table.expand = True
    table.width = min(console.width, WIDEST)
    table.add_column(name, ratio=1, no_wrap=True, overflow="ellipsis")
