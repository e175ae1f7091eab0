"""The overview on one screen: what was done, by whom, when, and about what."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from rich.console import Console, Group, RenderableType
from rich.text import Text

from record.prices import Bill, Prices, dollars
from record.wording import label, names, plural, when
from storage.stats.figures import AgentStats, Totals
from storage.stats.overview import Overview, Trend
from terminal.show.stats_columns import Column, count, moment, name, seconds, share
from terminal.show.tables import new_table
from terminal.show.trimmed import Trimmed

BAR = 12
"""Columns of the bar that shows an agent's share."""
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_SHADES = "·░▒▓█"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MEDIUM, _WIDE, _WIDEST = 56, 74, 88


def overview(shown: Overview, console: Console, prices: Prices, now: datetime) -> RenderableType:
    """All figures of an overview.

    Args:
        shown: The figures.
        console: Its width decides what is left out.
        prices: What tokens cost.
        now: Time-zone-aware; times are told as seen then.
    """
    if not shown.totals.turns:
        return Text("Nothing has been said yet." if shown.within.since is None else "Nothing was said then.", "muted")
    blocks: list[RenderableType] = [_totals(shown, prices.bill(shown.models), now), ""]
    if shown.agents:
        blocks += [_team(shown, console, now), *_loose_ends(shown), ""]
    blocks.append(_week(shown.week))
    if shown.topics:
        blocks += ["", _topics(shown.topics, console)]
    return Trimmed(Group(*blocks))


def bar(part: float, width: int = BAR) -> str:
    """A part, 0 to 1, as a bar of at most so many columns."""
    eighths = round(max(0.0, min(part, 1.0)) * width * 8)
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


def shade(value: int, most: int) -> str:
    """How much a value is of the most there is, as one character; anything at all is seen."""
    if not value or not most:
        return _SHADES[0]
    return _SHADES[max(1, round(value / most * (len(_SHADES) - 1)))]


def trend(change: Trend) -> Text:
    """How a figure changed from one period to the next."""
    if change.now == change.before:
        return Text("=", "muted")
    if not change.before:
        return Text("▲ new", "ok")
    part = change.now / change.before - 1
    return Text(f"{'▲' if part > 0 else '▼'} {abs(part):.0%}", "ok" if part > 0 else "muted")


def _totals(shown: Overview, bill: Bill, now: datetime) -> RenderableType:
    counted = shown.totals
    turns = f"{plural(counted.turns, 'turn')} in {plural(counted.sessions, 'session')}"
    turns += f" on {plural(shown.active_days, 'day')}"
    apart = [f"{counted.undone:,} undone"] if counted.undone else []
    apart += [f"{counted.copied:,} copied by forks"] if counted.copied else []
    lines = [turns + (f" ({', '.join(apart)})" if apart else ""), _ended(counted)]
    calls = f"{plural(counted.model_calls, 'model call')}, {plural(shown.tool_calls.calls, 'tool call')}"
    lines.append(f"{calls}, {counted.prompt_tokens:,} tokens read, {counted.output_tokens:,} written, {_cost(bill)}")
    if counted.first_turn and counted.last_turn:
        lines.append(f"first {when(counted.first_turn, now)}, last {when(counted.last_turn, now)}")
    if any(shown.memory.values()):
        lines.append(f"in memory: {', '.join(_counted(*each) for each in shown.memory.items() if each[1])}")
    return Text("\n".join(lines))


def _counted(nouns: str, number: int) -> str:
    one = nouns.replace("ies", "y").removesuffix("s")
    return f"{number:,} {one if number == 1 else nouns}"


def _ended(counted: Totals) -> str:
    statuses = ("completed", "failed", "cancelled", "interrupted", "running")
    counts = {status: getattr(counted, status) for status in statuses}
    return ", ".join(f"{number:,} {status}" for status, number in counts.items() if number or status == "completed")


def _cost(bill: Bill) -> str:
    if not bill.without_price:
        return dollars(bill.dollars)
    unknown = f"no price for {names(bill.without_price)}"
    return unknown if bill.dollars is None else f"{dollars(bill.dollars)} and {unknown}"


def _team(shown: Overview, console: Console, now: datetime) -> RenderableType:
    width, all_tasks = console.width, sum(agent.delegations for agent in shown.agents)
    columns = [
        Column("Agent", "agent_name", name, number=False),
        Column("Tasks", "delegations", count),
        Column("OK", "success_rate", share),
        Column("Median", "median_seconds", seconds),
        Column("95 %", "p95_seconds", seconds, _MEDIUM),
    ]
    made = new_table(console)
    for column in columns:
        if width >= column.wide:
            made.add_column(column.title, justify="right" if column.number else "left", no_wrap=True)
    made.columns[0].style, made.columns[0].overflow = "agent", "ellipsis"
    if width >= _WIDE:
        made.add_column("Share", no_wrap=True, min_width=BAR)
    if width >= _MEDIUM:
        made.add_column(_days(shown.trend_days), justify="right", no_wrap=True)
    if width >= _WIDEST:
        made.add_column("Last used", no_wrap=True, style="muted")
    for agent in shown.agents:
        cells = [column.show(getattr(agent, column.key)) for column in columns if width >= column.wide]
        if width >= _WIDE:
            cells.append(Text(bar(agent.delegations / all_tasks), "agent"))
        if width >= _MEDIUM:
            cells.append(trend(shown.trends[agent.agent_name]))
        if width >= _WIDEST:
            cells.append(moment(now)(agent.last_used))
        made.add_row(*cells)
    return made


def _loose_ends(shown: Overview) -> list[RenderableType]:
    """Calls that ended in no way that anybody wanted."""
    kinds = {
        "orphaned (never ended)": _over(shown.agents, "orphaned") + shown.tool_calls.orphaned,
        "interrupted": _over(shown.agents, "interrupted") + shown.tool_calls.interrupted,
        "cancelled": _over(shown.agents, "cancelled") + shown.tool_calls.cancelled,
    }
    told = ", ".join(f"{number:,} {kind}" for kind, number in kinds.items() if number)
    return [Text(f"Calls of agents and tools: {told}", "muted")] if told else []


def _over(agents: Sequence[AgentStats], kind: str) -> int:
    return sum(int(getattr(agent, kind)) for agent in agents)


def _days(days: float) -> str:
    if days >= 2:
        return f"{days:.0f} days"
    return f"{timedelta(days=days) / timedelta(hours=1):.0f} h"


def _week(counts: Sequence[Sequence[int]]) -> RenderableType:
    most = max((number for row in counts for number in row), default=0)
    lines = [Text(f"     {'0':<6}{'6':<6}{'12':<6}{'18':<6}", "muted")]
    for day, row in zip(_DAYS, counts, strict=True):
        cells = "".join(shade(number, most) for number in row)
        lines.append(Text.assemble((f"{day}  ", "muted"), (cells, "agent"), (f"  {sum(row):,}", "muted")))
    return Group(*lines)


def _topics(topics: Sequence[tuple[str, int]], console: Console) -> RenderableType:
    told = Text("Asked for most: ", "muted")
    room = 2 * console.width - 1 if console.is_terminal else 10_000
    for place, (topic, number) in enumerate(topics):
        piece = f"{', ' if place else ''}{label(topic)} {number:,}"
        if len(told) + len(piece) > room:
            break
        told.append(piece)
    return told
