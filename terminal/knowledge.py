"""The slash commands that show and change what the agents know about the person."""

import re
from collections.abc import Sequence

from rich.text import Text

from storage import preferences
from storage.preferences import FAVORITE_AGENT, KINDS, SINGLE, STOCK_WATCHLIST, USER_NAME
from terminal import tables
from terminal.room import Room
from terminal.slash import Choice, Command, SlashError
from terminal.wording import printable

_TICKER = re.compile(r"[A-Z][A-Z0-9]{0,9}([.-][A-Z0-9]{1,4})?")
_LONGEST = 100
_LISTS = tuple(kind for kind in KINDS if kind not in SINGLE)


async def _watchlist(room: Room, argument: str) -> None:
    action, _, rest = argument.partition(" ")
    tickers = rest.replace(",", " ").split()
    if action and (action not in ("add", "remove") or not tickers):
        raise SlashError("That is not how /watchlist is used.", "/watchlist [add|remove TICKER]")
    for ticker in tickers:
        await _change(room, action, STOCK_WATCHLIST, ticker)
    known = await preferences.of_user(room.talk.database, room.talk.key.user)
    held = known.get(STOCK_WATCHLIST, [])
    if held:
        room.console.print(Text.assemble("Watchlist: ", (printable(", ".join(held)), "agent")))
    else:
        room.console.print("Your watchlist is empty. /watchlist add NVDA puts a stock on it.")


async def _watchlist_choices(room: Room) -> Sequence[Choice]:
    known = await preferences.of_user(room.talk.database, room.talk.key.user)
    held = known.get(STOCK_WATCHLIST, [])
    return [Choice("add ", "add TICKER"), *(Choice(f"remove {ticker}") for ticker in held)]


async def _preferences(room: Room, argument: str) -> None:
    if argument:
        action, kind, value = _parts(argument)
        await _change(room, action, kind, value)
    known = await preferences.of_user(room.talk.database, room.talk.key.user)
    room.console.print(tables.preferences(known, room.console))
    if not argument:
        room.console.print(
            Text("/preferences set user_name Ada, add joke_preferences python, remove ...", style="hint")
        )


async def _preference_choices(room: Room) -> Sequence[Choice]:
    known = await preferences.of_user(room.talk.database, room.talk.key.user)
    return [
        Choice(f"set {USER_NAME} ", f"set {USER_NAME} NAME"),
        *(Choice(f"set {FAVORITE_AGENT} {name}") for name, _ in room.team),
        *(Choice(f"add {kind} ", f"add {kind} ...") for kind in _LISTS),
        *(Choice(f"remove {kind} {value}") for kind, values in known.items() for value in values),
    ]


def _parts(argument: str) -> tuple[str, str, str]:
    action, _, rest = argument.partition(" ")
    kind, _, value = rest.strip().partition(" ")
    if action not in ("set", "add", "remove") or not value.strip():
        raise SlashError("That is not how /preferences is used.", f"/preferences {PREFERENCES.arguments}")
    if kind not in KINDS:
        raise SlashError(f"There is no preference {kind!r}.", f"There are {', '.join(KINDS)}.")
    return action, kind, value


async def _change(room: Room, action: str, kind: str, value: str) -> None:
    database, user = room.talk.database, room.talk.key.user
    cleaned = _cleaned(room, kind, value)
    if action == "remove":
        if not await preferences.remove(database, user, kind, cleaned):
            raise SlashError(f"{cleaned!r} was not there.")
    elif not await preferences.add(database, user, kind, cleaned):
        room.console.print(Text(f"{cleaned} is there already.", style="muted"))


def _cleaned(room: Room, kind: str, value: str) -> str:
    """The value as the agents' own tools write it."""
    text = " ".join(printable(value).split())[:_LONGEST]
    if kind == STOCK_WATCHLIST:
        text = text.lstrip("$").upper()
        if not _TICKER.fullmatch(text):
            raise SlashError(f"{value!r} is not a ticker symbol.", "Give one such as NVDA.")
    elif kind == FAVORITE_AGENT:
        names = [name for name, _ in room.team]
        if text not in names:
            raise SlashError(f"There is no agent {text!r}.", f"There are {', '.join(names)}.")
    elif kind != USER_NAME:
        text = text.lower()
    return text


WATCHLIST = Command("watchlist", "show or change your stocks", _watchlist, "[add|remove TICKER]", _watchlist_choices)
PREFERENCES = Command(
    "preferences",
    "show or change what agents know of you",
    _preferences,
    "[set|add|remove KIND VALUE]",
    _preference_choices,
)
