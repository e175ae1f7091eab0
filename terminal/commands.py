"""The slash commands about the chat itself and its sessions; `COMMANDS` is the one list of them all."""

import asyncio
import json
from collections.abc import Sequence

import click
from rich.table import Table
from rich.text import Text

from llm.errors import ModelError
from settings import OFFLINE
from storage import sessions, state, stats, turns
from storage.errors import StorageError
from terminal import greeting, tables
from terminal.clipboard import copy_sequence
from terminal.console import LOOKS
from terminal.interrupt import on_interrupt
from terminal.knowledge import PREFERENCES, WATCHLIST
from terminal.room import Room
from terminal.slash import PREFIX, Choice, Command, SlashError, named, parse
from terminal.wording import plural, when

_PAGE = 20
_HISTORY = 10
_MODELS = (OFFLINE, "gemini-2.5-flash", "gemini-2.5-pro")
_KEYS = (
    ("Enter", "send"),
    ("Alt-Enter", "new line"),
    ("Tab", "complete"),
    ("Ctrl-R", "search what you typed before"),
    ("Ctrl-C", "stop the turn; at the prompt: clear the line"),
    ("Ctrl-D", "leave; everything is kept"),
)


async def _help(room: Room, argument: str) -> None:
    if argument:
        command = named(argument, COMMANDS)
        room.console.print(Text.assemble((command.usage, "agent"), f"  {command.help}"))
        return
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="agent")
    grid.add_column()
    for command in COMMANDS:
        grid.add_row(f"{PREFIX}{command.name}", command.help)
    grid.add_row("", "")
    for key, what in _KEYS:
        grid.add_row(key, what)
    room.console.print(grid)
    room.console.print(Text("The beginning of a name is enough: /res. /help NAME tells the arguments.", style="hint"))


async def _new(room: Room, _argument: str) -> None:
    await room.enter()
    room.console.print("A new session. It is kept from your first message on.")


async def _sessions(room: Room, argument: str) -> None:
    page = _number(argument, 1)
    database, user = room.talk.database, room.talk.key.user
    listed = await sessions.listing(database, user, limit=_PAGE, offset=(page - 1) * _PAGE)
    room.console.print(tables.sessions(listed, room.console, current=room.talk.key.session_id))
    pages = -(-await sessions.count(database, user) // _PAGE)
    if pages > 1:
        more = f" /sessions {page + 1} shows more." if page < pages else ""
        room.console.print(Text(f"Page {page} of {pages}.{more}", style="hint"))


async def _resume(room: Room, argument: str) -> None:
    if not argument:
        raise SlashError("Which session?", "/resume ID, the beginning of one, TITLE, or last. /sessions lists them.")
    info = await sessions.find(room.talk.database, room.talk.key.user, argument)
    await room.enter(info.session_id)
    await greeting.restored(room, info)


async def _session_choices(room: Room) -> Sequence[Choice]:
    listed = await sessions.listing(room.talk.database, room.talk.key.user, limit=_PAGE)
    return [
        Choice(
            info.session_id[: tables.SHORT_ID],
            info.title,
            f"{plural(info.turns, 'turn')}, {when(info.last_event_at)}",
        )
        for info in listed
        if info.session_id != room.talk.key.session_id
    ]


async def _state(room: Room, argument: str) -> None:
    database, key = room.talk.database, room.talk.key
    if not room.status.turns:
        room.console.print(Text("Nothing has been said in this session yet.", style="muted"))
        return
    info = await sessions.find(database, key.user, key.session_id)
    document = await state.document(database, key, info)
    if argument == "json":
        room.console.print(json.dumps(document, ensure_ascii=False, indent=2), soft_wrap=True)
        return
    room.console.print(tables.state(document, room.console))


async def _stats(room: Room, _argument: str) -> None:
    database, user = room.talk.database, room.talk.key.user
    room.console.print(tables.totals(await stats.totals(database, user)))
    room.console.print(tables.agent_stats(await stats.agent_stats(database, user), room.console))


async def _agents(room: Room, _argument: str) -> None:
    done = await stats.agent_stats(room.talk.database, room.talk.key.user)
    room.console.print(tables.agents(room.team, done, room.console))


async def _history(room: Room, argument: str) -> None:
    limit = _number(argument, _HISTORY)
    held = await turns.history(room.talk.database, room.talk.key, limit=limit)
    room.console.print(tables.history(list(reversed(held)), room.console))
    if room.status.turns > limit:
        room.console.print(Text(f"The last {limit} of {room.status.turns} turns. /history 50 shows 50.", style="hint"))


async def _model(room: Room, argument: str) -> None:
    if not argument:
        room.console.print(Text.assemble("The model is ", (room.talk.model, "agent"), ". /model NAME switches."))
        return
    if argument == room.talk.model:
        room.console.print(f"{argument} answers already.")
        return
    await room.use_model(argument)
    room.console.print(Text.assemble("From now on ", (room.talk.model, "agent"), " answers."))
    if room.talk.model == OFFLINE and room.offline_notice:
        room.console.print(Text(room.offline_notice, style="hint"))


async def _model_choices(_room: Room) -> Sequence[Choice]:
    return [Choice(name) for name in _MODELS]


async def _verbose(room: Room, argument: str) -> None:
    if argument not in ("", "on", "off"):
        raise SlashError(f"/verbose is on or off, not {argument!r}.")
    room.verbose = argument == "on" if argument else not room.verbose
    said = "Tool calls and costs are shown." if room.verbose else "Tool calls and costs are hidden."
    room.console.print(said)


async def _verbose_choices(_room: Room) -> Sequence[Choice]:
    return [Choice("on", note="show tool calls, tokens and times"), Choice("off", note="hide them")]


async def _copy(room: Room, _argument: str) -> None:
    if not room.last_reply:
        raise SlashError("There is no answer to copy yet.")
    room.console.file.write(copy_sequence(room.last_reply))
    room.console.file.flush()
    room.console.print(f"The last answer ({plural(len(room.last_reply), 'character')}) was given to the clipboard.")
    room.console.print(Text("If it is not there, your terminal does not allow that (OSC 52).", style="hint"))


async def _edit(room: Room, argument: str) -> None:
    try:
        with on_interrupt(lambda: None):
            written = await asyncio.to_thread(click.edit, argument, extension=".md")
    except click.ClickException as error:
        raise SlashError(error.format_message(), "Set $EDITOR to an editor that is installed.") from error
    room.draft = (written or "").strip()
    if not room.draft:
        room.console.print(Text("Nothing was written.", style="muted"))


async def _theme(room: Room, argument: str) -> None:
    if argument and argument not in LOOKS:
        raise SlashError(f"There is no theme {argument!r}.", f"There are {', '.join(LOOKS)}.")
    if argument:
        room.use_theme(argument)
    others = ", ".join(name for name in LOOKS if name != room.theme)
    room.console.print(Text.assemble("The theme is ", (room.theme, "agent"), f"; there are also {others}."))


async def _theme_choices(_room: Room) -> Sequence[Choice]:
    return [Choice(name) for name in LOOKS]


async def _exit(room: Room, _argument: str) -> None:
    room.running = False


async def _help_choices(_room: Room) -> Sequence[Choice]:
    return [Choice(command.name, note=command.help) for command in COMMANDS]


def _number(argument: str, default: int) -> int:
    if not argument:
        return default
    if not argument.isascii() or not argument.isdigit() or not 1 <= int(argument) <= 1_000_000:
        raise SlashError(f"{argument!r} is not a number.", "Give a whole number from 1 on.")
    return int(argument)


COMMANDS: tuple[Command, ...] = (
    Command("help", "this list, or one command's arguments", _help, "[COMMAND]", _help_choices, ("?",)),
    Command("new", "begin a new session", _new),
    Command("sessions", "your sessions, the last used first", _sessions, "[PAGE]"),
    Command("resume", "go on in another session", _resume, "ID|TITLE|last", _session_choices),
    Command("history", "what was said in this session", _history, "[TURNS]"),
    Command("state", "what is remembered of this session", _state, "[json]"),
    Command("stats", "totals, and how each agent did", _stats),
    Command("agents", "who is in the team, and how they did", _agents),
    WATCHLIST,
    PREFERENCES,
    Command("model", "show or switch the model", _model, "[NAME]", _model_choices),
    Command("verbose", "show or hide tool calls and costs", _verbose, "[on|off]", _verbose_choices),
    Command("copy", "copy the last answer", _copy),
    Command("edit", "write a message in $EDITOR", _edit, "[TEXT]"),
    Command("theme", "show or change the colours", _theme, "[NAME]", _theme_choices),
    Command("exit", "leave; everything is kept", _exit, aliases=("quit", "bye")),
)


async def run(room: Room, line: str) -> tuple[str, str] | None:
    """Runs the slash command of a line; returns what is wrong and what to do about it, if something is."""
    try:
        command, argument = parse(line, COMMANDS)
        await command.run(room, argument)
    except (SlashError, StorageError, ModelError) as error:
        return str(error), error.hint
    return None
