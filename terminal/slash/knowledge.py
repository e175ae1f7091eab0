"""The slash commands that show and change what the agents know about the person."""

from collections.abc import Sequence

from rich.text import Text

from record.wording import names
from storage.queries import preferences
from storage.queries.preferences import FAVORITE_AGENT, JOKE_PREFERENCES, KINDS, SINGLE, STOCK_WATCHLIST, USER_NAME
from terminal.chat.state import ChatState
from terminal.chat.turn import ready
from terminal.show import tables
from terminal.slash.command import Choice, Command, SlashError

_LISTS = tuple(kind for kind in KINDS if kind not in SINGLE)


async def _watchlist(chat: ChatState, argument: str) -> None:
    action, _, rest = argument.partition(" ")
    tickers = rest.replace(",", " ").split()
    if action and (action not in ("add", "remove") or not tickers):
        raise SlashError("That is not how /watchlist is used.", "/watchlist [add|remove TICKER]")
    for ticker in tickers:
        await _change(chat, action, STOCK_WATCHLIST, ticker)
    held = (await preferences.of_user(chat.database, chat.user)).get(STOCK_WATCHLIST, [])
    if held:
        chat.console.print(Text.assemble("Watchlist: ", (names(held), "agent")))
    else:
        chat.console.print("Your watchlist is empty. /watchlist add NVDA puts a stock on it.")


async def _watchlist_choices(chat: ChatState) -> Sequence[Choice]:
    held = (await preferences.of_user(chat.database, chat.user)).get(STOCK_WATCHLIST, [])
    known = chat.agents.tickers if chat.agents else ()
    return [
        Choice("add ", "add TICKER"),
        *(Choice(f"remove {ticker}") for ticker in held),
        *(Choice(f"add {ticker}", note=name) for ticker, name in known if ticker not in held),
    ]


async def _preferences(chat: ChatState, argument: str) -> None:
    if argument:
        await _change(chat, *_parts(argument))
    known = await preferences.of_user(chat.database, chat.user)
    chat.console.print(tables.preferences(known, chat.console))
    if not argument:
        hint = "/preferences set user_name Ada, add joke_preferences python, remove ..."
        chat.console.print(Text(hint, style="hint"))


async def _preference_choices(chat: ChatState) -> Sequence[Choice]:
    known = await preferences.of_user(chat.database, chat.user)
    team, topics = (chat.agents.team, chat.agents.topics) if chat.agents else ((), ())
    return [
        Choice(f"set {USER_NAME} ", f"set {USER_NAME} NAME"),
        *(Choice(f"set {FAVORITE_AGENT} {name}") for name, _ in team),
        *(Choice(f"add {kind} ", f"add {kind} ...") for kind in _LISTS),
        *(Choice(f"remove {kind} {value}") for kind, values in known.items() for value in values),
        *(
            Choice(f"add {JOKE_PREFERENCES} {topic}")
            for topic in topics
            if topic not in known.get(JOKE_PREFERENCES, ())
        ),
    ]


def _parts(argument: str) -> tuple[str, str, str]:
    action, _, rest = argument.partition(" ")
    kind, _, value = rest.strip().partition(" ")
    if action not in ("set", "add", "remove") or not value.strip():
        raise SlashError("That is not how /preferences is used.", f"/preferences {PREFERENCES.arguments}")
    if kind not in KINDS:
        raise SlashError(f"There is no preference {kind!r}.", f"There are {', '.join(KINDS)}.")
    return action, kind, value


async def _change(chat: ChatState, action: str, kind: str, value: str) -> None:
    try:
        kept = preferences.cleaned(kind, value)
    except ValueError as error:
        raise SlashError(str(error)) from error
    if action == "remove":
        if not await preferences.remove(chat.database, chat.user, kind, kept):
            raise SlashError(f"{kept!r} was not there.")
        return
    if kind == FAVORITE_AGENT:
        if await ready(chat) is None:
            return
        names = [name for name, _ in (await chat.team()).team]
        if kept not in names:
            raise SlashError(f"There is no agent {kept!r}.", f"There are {', '.join(names)}.")
    if not await preferences.add(chat.database, chat.user, kind, kept):
        chat.console.print(Text(f"{kept} is there already.", style="muted"))


WATCHLIST = Command("watchlist", "show or change your stocks", _watchlist, "[add|remove TICKER]", _watchlist_choices)
PREFERENCES = Command(
    "preferences",
    "show or change what agents know of you",
    _preferences,
    "[set|add|remove KIND VALUE]",
    _preference_choices,
)
