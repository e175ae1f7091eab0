"""The slash command `/stats`: the overview, or a report, of all of the record or of a period."""

from collections.abc import Sequence
from datetime import datetime

from record import period
from record.prices import FILE, Prices
from storage.stats.overview import overview
from storage.stats.slice import Slice
from terminal.chat.room import Room
from terminal.show import stats_screen
from terminal.show.stats_reports import REPORTS, Question
from terminal.slash.command import Choice, Command, SlashError


async def _stats(room: Room, argument: str) -> None:
    now = datetime.now().astimezone()
    words = argument.split()
    what = words.pop(0) if words and words[0] in REPORTS else ""
    try:
        since = period.since(" ".join(words), now) if words else None
    except ValueError as error:
        raise SlashError(f"{error}.", f"/stats [{'|'.join(REPORTS)}] [SINCE]") from error
    database, user = room.database, room.user
    asked = Question(database, user, Slice(since=since), now, None, Prices.read(FILE))
    if what:
        rows = await REPORTS[what].rows(asked)
        room.console.print(REPORTS[what].render(rows, room.console, now))
        return
    shown = await overview(database, user, asked.within, now=now)
    room.console.print(stats_screen.overview(shown, room.console, asked.prices, now))


async def _choices(_room: Room) -> Sequence[Choice]:
    return [*(Choice(name) for name in REPORTS), Choice("7d", note="the last 7 days"), Choice("agents 30d")]


STATS = Command("stats", "what was done, and how each agent did", _stats, "[REPORT] [SINCE]", _choices)
