"""The slash commands that show and change what the agents know about the person.

Which kinds of preferences there are is the team's to say (`Agents.kinds`), so what is changed waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from record.wording import names
from storage.queries import preferences
from terminal.chat.state import ChatState
from terminal.chat.turn import ready
from terminal.show import tables
from terminal.slash.command import PREFIX, Choice, Command, SlashError

if TYPE_CHECKING:
    from conversation.team import PreferenceKind


async def _preferences(chat: ChatState, argument: str) -> None:
    kinds = await _kinds(chat)
    if kinds is None:
        return
    if argument:
        await _change(chat, kinds, *_parts(argument))
    known = await preferences.of_user(chat.database, chat.user)
    chat.console.print(tables.preferences(known, kinds, chat.console))
    if not argument:
        hint = "/preferences set user_name Ada, add nerd_topics space, remove ..."
        chat.console.print(Text(hint, style="hint"))


async def _preference_choices(chat: ChatState) -> Sequence[Choice]:
    known = await preferences.of_user(chat.database, chat.user)
    kinds = chat.agents.kinds if chat.agents else ()
    return [
        *(Choice(f"{_verb(kind)} {kind.name} ", f"{_verb(kind)} {kind.name} ...") for kind in kinds),
        *(Choice(f"remove {name} {value}") for name, values in known.items() for value in values),
        *(
            Choice(f"{_verb(kind)} {kind.name} {value}", note=note)
            for kind in kinds
            for value, note in kind.suggestions
            if value not in known.get(kind.name, ())
        ),
    ]


def _shorthand(name: str, of: str, help_: str, value: str) -> Command:
    """A command of its own for one kind of preference, where the team has it."""
    usage = f"[add|remove {value}]"

    async def run(chat: ChatState, argument: str) -> None:
        kinds = await _kinds(chat)
        if kinds is None:
            return
        action, _, rest = argument.partition(" ")
        values = rest.replace(",", " ").split()
        if action and (action not in ("add", "remove") or not values):
            raise SlashError(f"That is not how {PREFIX}{name} is used.", f"{PREFIX}{name} {usage}")
        for each in values:
            await _change(chat, kinds, action, of, each)
        held = (await preferences.of_user(chat.database, chat.user)).get(of, [])
        if held:
            chat.console.print(Text.assemble(f"{name.capitalize()}: ", (names(held), "agent")))
        else:
            chat.console.print(f"Your {name} is empty. {PREFIX}{name} add {value} puts something on it.")

    async def choices(chat: ChatState) -> Sequence[Choice]:
        held = (await preferences.of_user(chat.database, chat.user)).get(of, [])
        kinds = chat.agents.kinds if chat.agents else ()
        known = [each for kind in kinds if kind.name == of for each in kind.suggestions]
        return [
            Choice("add ", f"add {value}"),
            *(Choice(f"remove {each}") for each in held),
            *(Choice(f"add {each}", note=note) for each, note in known if each not in held),
        ]

    return Command(name, help_, run, usage, choices)


async def _kinds(chat: ChatState) -> Sequence[PreferenceKind] | None:
    """The kinds of preferences, once the team is there; None when the person did not want to wait for it."""
    return None if await ready(chat) is None else (await chat.team()).kinds


def _verb(kind: PreferenceKind) -> str:
    return "set" if kind.single else "add"


def _parts(argument: str) -> tuple[str, str, str]:
    action, _, rest = argument.partition(" ")
    kind, _, value = rest.strip().partition(" ")
    if action not in ("set", "add", "remove") or not value.strip():
        raise SlashError("That is not how /preferences is used.", f"/preferences {PREFERENCES.arguments}")
    return action, kind, value


async def _change(chat: ChatState, kinds: Sequence[PreferenceKind], action: str, name: str, value: str) -> None:
    kind = next((kind for kind in kinds if kind.name == name), None)
    if action == "remove":
        await _remove(chat, name, value if kind is None else _kept(kind, value))
    elif kind is None:
        raise SlashError(f"There is no preference {name!r}.", f"There are {', '.join(kind.name for kind in kinds)}.")
    else:
        kept = _kept(kind, value)
        if not await preferences.add(chat.database, chat.user, name, kept, single=kind.single):
            chat.console.print(Text(f"{kept} is there already.", style="muted"))


async def _remove(chat: ChatState, name: str, value: str) -> None:
    if not await preferences.remove(chat.database, chat.user, name, value):
        raise SlashError(f"{value!r} was not there.")


def _kept(kind: PreferenceKind, value: str) -> str:
    try:
        return kind.kept(value)
    except ValueError as error:
        raise SlashError(str(error)) from error


WATCHLIST = _shorthand("watchlist", "stock_watchlist", "show or change your stocks", "TICKER")
PREFERENCES = Command(
    "preferences",
    "show or change what agents know of you",
    _preferences,
    "[set|add|remove KIND VALUE]",
    _preference_choices,
)
