"""The slash command `/memory`: what it does is in `record.memory`, as for `memory ...` on the command line."""

import shlex
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from rich.text import Text

from record.memory import PersonalMemory
from record.memory_items import MEANT, SCOPES, Item, ScopeName
from record.memory_values import editable, edited, typed
from record.wording import one_line
from terminal.chat.state import ChatState
from terminal.show import memory as memory_tables
from terminal.slash.command import Choice, Command, SlashError, number
from terminal.slash.editor import written

_SIZE = 20
_OFFERED = 20
EMPTY = {
    "shared": "Nothing is shared yet: agents do it while they work.",
    "working": "Nothing is kept for a plan yet: agents do it while they work on one.",
    "agent": "No agent keeps anything for itself yet.",
    "episodic": "No agent has logged what was said yet. What was said in the chat is in /history and /search.",
    "semantic": "No fact is known yet. Say “remember that ...” to keep one.",
    "procedural": "No agent has stored a skill yet.",
}
Action: TypeAlias = Callable[[ChatState, PersonalMemory, ScopeName | None, str], Awaitable[None]]


async def _memory(chat: ChatState, argument: str) -> None:
    memory = PersonalMemory.of(chat.database, chat.user, chat.settings)
    first, _, rest = argument.partition(" ")
    if not first:
        await _overview(chat, memory)
        return
    if first in SCOPES:
        first, rest = "list", argument
    if first not in _ACTIONS:
        raise SlashError(f"{first!r} is nothing that /memory does.", f"/memory {MEMORY.arguments}")
    scope, rest = _scope(rest.strip())
    await _ACTIONS[first](chat, memory, scope, rest)


async def _overview(chat: ChatState, memory: PersonalMemory) -> None:
    counted = await memory.overview()
    chat.console.print(memory_tables.overview(counted, chat.console))
    full = next((scope for scope, counts in counted.items() if counts.count), None)
    hint = f"/memory list {full} shows what is there." if full else EMPTY["semantic"]
    chat.console.print(Text(hint, style="hint"))


async def _list(chat: ChatState, memory: PersonalMemory, scope: ScopeName | None, rest: str) -> None:
    if scope is None:
        if rest:
            raise SlashError(f"There is no scope {rest.split()[0]!r}.", f"There are {', '.join(SCOPES)}.")
        await _overview(chat, memory)
        return
    page = await memory.page(scope, number(rest, 1), _SIZE)
    if not page.items:
        chat.console.print(Text(EMPTY[scope] if page.number == 1 else "There is no such page.", style="muted"))
        return
    chat.console.print(memory_tables.items(page.items, chat.console))
    more = f" /memory list {scope} {page.number + 1} shows more." if page.number < page.pages else ""
    paged = f"Page {page.number} of {page.pages}.{more} " if page.pages > 1 else ""
    chat.console.print(Text(f"{paged}/memory show {scope} NAME shows all of one.", style="hint"))


async def _show(chat: ChatState, memory: PersonalMemory, scope: ScopeName | None, rest: str) -> None:
    chat.console.print(memory_tables.item(await _named(memory, scope, rest, "show"), chat.console))


async def _search(chat: ChatState, memory: PersonalMemory, scope: ScopeName | None, rest: str) -> None:
    words = rest or scope or ""
    if not words:
        raise SlashError("Search for what?", "/memory search [SCOPE] WORDS")
    found = await memory.search(words, scope if rest else None)
    if not found:
        chat.console.print(Text("Nothing was found. /search looks through what was said in the chat.", style="muted"))
        return
    chat.console.print(memory_tables.items(found, chat.console, scopes=scope is None or not rest))


async def _edit(chat: ChatState, memory: PersonalMemory, scope: ScopeName | None, rest: str) -> None:
    name, value = _first(rest)
    item = await _named(memory, scope, name, "edit")
    if value:
        item = await memory.edit(item, typed(item.scope, value))
    else:
        text = await written(*editable(item))
        if text is None:
            chat.console.print("Nothing was changed.")
            return
        item = await memory.edit(item, edited(item, text))
    chat.console.print(memory_tables.item(item, chat.console))


async def _forget(chat: ChatState, memory: PersonalMemory, scope: ScopeName | None, rest: str) -> None:
    item = await _named(memory, scope, rest, "forget")
    memory.check_own(item)
    if not await chat.line.confirm(f"Forget {memory_tables.described(item)}? It cannot be brought back."):
        chat.console.print("Nothing was forgotten.")
        return
    await memory.forget(item)
    chat.console.print("Forgotten. What was said of it in the chat stays in its record.")


_ACTIONS: dict[str, Action] = {"list": _list, "show": _show, "search": _search, "edit": _edit, "forget": _forget}


async def _named(memory: PersonalMemory, scope: ScopeName | None, rest: str, action: str) -> Item:
    name = _unquoted(rest) or scope or ""  # a scope's word alone is a name
    if not name:
        raise SlashError(f"{action.capitalize()} what?", f"/memory {action} [SCOPE] NAME. /memory lists the scopes.")
    return await memory.find(name, scope if rest else None)


def _scope(text: str) -> tuple[ScopeName | None, str]:
    first, _, rest = text.partition(" ")
    for scope in SCOPES:
        if first == scope:
            return scope, rest.strip()
    return None, text


def _first(text: str) -> tuple[str, str]:
    """The first word, or what stands in quotes, and the rest."""
    if text[:1] in ("'", '"') and (end := text.find(text[0], 1)) > 0:
        return text[: end + 1], text[end + 1 :].strip()
    first, _, rest = text.partition(" ")
    return first, rest.strip()


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


async def _choices(chat: ChatState) -> Sequence[Choice]:
    memory = PersonalMemory(chat.database, chat.user)
    offered = [Choice(f"list {scope}", note=MEANT[scope]) for scope in SCOPES]
    offered.append(Choice("search ", "search ...", "find what has the words"))
    for scope in SCOPES:
        for item in (await memory.page(scope, size=_OFFERED)).items:
            note = one_line(memory_tables.plain(item.value), 40)
            offered += [Choice(f"{action} {scope} {_quoted(item.name)}", note=note) for action in _OF_ONE]
    return offered


_OF_ONE = ("show", "edit", "forget")


def _quoted(name: str) -> str:
    return shlex.quote(name) if " " in name else name


MEMORY = Command(
    "memory",
    "what agents share and remember",
    _memory,
    "[list SCOPE [PAGE]|show|edit|forget [SCOPE] NAME|search [SCOPE] WORDS]",
    _choices,
)
