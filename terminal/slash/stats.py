"""The slash command `/stats`: the overview, or a report, of all of the record or of a period."""

from collections.abc import Sequence
from datetime import datetime

from record import period
from record.prices import price_table
from storage.stats.filter import StatsFilter
from storage.stats.overview import overview
from terminal.chat.state import ChatState
from terminal.show import stats_screen
from terminal.show.stats_reports import REPORTS, StatsQuery
from terminal.slash.command import Choice, Command, SlashError


async def _stats(chat: ChatState, argument: str) -> None:
    now = datetime.now().astimezone()
    words = argument.split()
    what = words.pop(0) if words and words[0] in REPORTS else ""
    try:
        since = period.since(" ".join(words), now) if words else None
    except ValueError as error:
        raise SlashError(f"{error}.", f"/stats [{'|'.join(REPORTS)}] [SINCE]") from error
    database, user = chat.database, chat.user
    asked = StatsQuery(database, user, StatsFilter(since=since), now, None, price_table())
    if what:
        rows = await REPORTS[what].rows(asked)
        chat.console.print(REPORTS[what].render(rows, chat.console, now))
        return
    shown = await overview(database, user, asked.within, now=now)
    chat.console.print(stats_screen.overview(shown, chat.console, asked.prices, now))


async def _choices(_chat: ChatState) -> Sequence[Choice]:
    return [*(Choice(name) for name in REPORTS), Choice("7d", note="the last 7 days"), Choice("agents 30d")]


STATS = Command("stats", "what was done, and how each agent did", _stats, "[REPORT] [SINCE]", _choices)
