"""The slash command `/stats`: the overview, or a report, of all of the record or of a period."""

from collections.abc import Sequence
from datetime import datetime

from storage.stats_overview import overview
from storage.stats_slice import Slice
from terminal import period, stats_screen
from terminal.prices import FILE, Prices
from terminal.room import Room
from terminal.slash import Choice, Command, SlashError
from terminal.stats_reports import REPORTS, Question


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
