"""The slash commands about sessions: what they do is in `session_actions`, as for `sessions ...`."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from rich.text import Text

from record import period
from record import sessions as session_actions
from record.sessions import FORMATS, Format
from record.wording import one_line, plural, when
from storage import files
from storage.errors import MissingError
from storage.queries import sessions
from storage.queries import turns as stored_turns
from storage.queries.sessions import SessionInfo
from terminal.chat import greeting
from terminal.chat.room import Room
from terminal.chat.turn import ready, take_turn
from terminal.show import sessions as session_tables
from terminal.show import tables
from terminal.show.undone import undone_lines
from terminal.slash.command import Choice, Command, SlashError, number

_OFFERED = 20
_FOUND = 8
_HISTORY = 10
_WHICH = "/{} ID, the beginning of one, TITLE, or last. /sessions lists them."
_KEPT = 20


async def _new(room: Room, _argument: str) -> None:
    await room.enter()
    room.console.print("A new session. It is kept from your first message on.")


async def _sessions(room: Room, argument: str) -> None:
    page = await session_actions.page(room.database, room.user, number(argument, 1))
    room.console.print(session_tables.sessions(page.listed, room.console, current=room.key.session_id))
    if page.pages > 1:
        more = f" /sessions {page.number + 1} shows more." if page.number < page.pages else ""
        room.console.print(Text(f"Page {page.number} of {page.pages}.{more}", style="hint"))


async def _search(room: Room, argument: str) -> None:
    if not argument:
        raise SlashError("Search for what?", "/search WORDS finds the turns in which all of them occur.")
    found = await session_actions.find_words(room.database, room.user, argument, limit=_FOUND + 1)
    room.console.print(session_tables.found(found[:_FOUND], room.console))
    if found:
        more = "There is more: add a word. " if len(found) > _FOUND else ""
        room.console.print(Text(f"{more}/resume {found[0].session.short_id} goes on in the first one.", style="hint"))


async def _resume(room: Room, argument: str) -> None:
    info = await _named(room, argument, "resume")
    await room.enter(info.session_id)
    for line in await greeting.restored(room, room.info or info):
        room.console.print(line)


async def _rename(room: Room, argument: str) -> None:
    if not argument:
        raise SlashError("What should this session be called?", "/rename TITLE")
    info = await session_actions.rename(room.database, room.user, (await _here(room)).session_id, argument)
    await room.refresh()
    room.console.print(Text.assemble("This session is called ", (info.title, "heading"), "."))


async def _delete(room: Room, argument: str) -> None:
    info = await sessions.find(room.database, room.user, argument) if argument else await _here(room)
    question = f"Delete {_described(info)}? It cannot be brought back."
    if not await room.line.confirm(question):
        room.console.print("Nothing was deleted.")
        return
    await session_actions.delete(room.database, room.user, [info])
    room.console.print("Deleted. What the agents know of you stays; /preferences shows it.")
    if info.session_id == room.key.session_id:
        await _new(room, "")


async def _fork(room: Room, argument: str) -> None:
    at = number(argument, 0) or None
    info = await session_actions.fork(room.database, room.user, (await _here(room)).session_id, at)
    await room.enter(info.session_id)
    room.console.print(Text.assemble("You are now in ", (info.title, "heading"), f", session {info.short_id}."))
    room.console.print(Text(f"{session_tables.origin(info)} That session stays as it was.", style="hint"))


async def _fork_choices(room: Room) -> Sequence[Choice]:
    if room.info is None:
        return []
    held = await stored_turns.history(room.database, room.key, limit=_OFFERED)
    return [Choice(str(turn.number), f"{turn.number}", one_line(turn.user_input, 40)) for turn in held]


async def _undo(room: Room, argument: str) -> None:
    count = number(argument, 1)
    await _here(room)
    talk = await ready(room)
    if talk is None:
        return
    undone = await talk.undo(count)
    await room.refresh()
    for line in undone_lines(undone):
        room.console.print(line)


async def _retry(room: Room, _argument: str) -> None:
    await _here(room)
    last = await stored_turns.history(room.database, room.key, limit=1)
    if not last:
        raise SlashError("There is nothing to send again.")
    room.console.print(Text(f"> {one_line(last[0].user_input, room.console.width - 2)}", style="muted"))
    await take_turn(room, lambda talk: talk.retry())


async def _export(room: Room, argument: str) -> None:
    first, _, rest = argument.partition(" ")
    form, name = (_format(first), rest.strip()) if first in FORMATS else (None, argument)
    file = Path(name).expanduser() if name else None
    if form is None:
        form = _format(file.suffix.removeprefix(".") or first if file else "md")
    info = await _here(room)
    text = await session_actions.export(room.database, room.user, info.session_id, form)
    file = file or session_actions.file_for(info, form, Path.cwd())
    if room.database.file:
        files.keep_apart(room.database.file, file)
    session_actions.write(text, file)
    room.console.print(Text(f"Written to {file} ({plural(len(text.encode()), 'byte')})."), soft_wrap=True)


def _format(name: str) -> Format:
    for form in FORMATS:
        if form == name:
            return form
    raise SlashError(f"{name!r} is no format.", f"There are {', '.join(FORMATS)}: /export html FILE")


async def _import(room: Room, argument: str) -> None:
    if not argument:
        raise SlashError("Import what?", "/import FILE, where FILE was written by /export json.")
    if room.database.file:
        files.keep_apart(room.database.file, Path(argument).expanduser())
    document = session_actions.read(Path(argument))
    if await ready(room) is None:  # it makes ADK's tables
        return
    info = await session_actions.import_(room.database, room.user, document)
    await room.enter(info.session_id)
    for line in await greeting.restored(room, info):
        room.console.print(line)


async def _import_choices(_room: Room) -> Sequence[Choice]:
    return [Choice(file.name) for file in sorted(Path.cwd().glob("*.json"))[:_OFFERED]]


async def _prune(room: Room, argument: str) -> None:
    older, _, keep = argument.partition(" ")
    if not older:
        raise SlashError(
            "How old?", "/prune AGE [KEEP]: /prune 90d 20 offers to delete what is older, but for the last 20."
        )
    try:
        before = period.since(older, datetime.now().astimezone())
    except ValueError as error:
        raise SlashError(f"{error}.", "/prune AGE [KEEP]") from error
    kept = number(keep, _KEPT)
    old = await session_actions.prunable(room.database, room.user, before, kept, current=room.key.session_id)
    if not old:
        room.console.print("No session is that old.")
        return
    room.console.print(session_tables.sessions(old[:_OFFERED], room.console))
    if len(old) > _OFFERED:
        room.console.print(Text(f"... and {len(old) - _OFFERED:,} more.", style="hint"))
    if await room.line.confirm(f"Delete {plural(len(old), 'session')}? They cannot be brought back."):
        await session_actions.delete(room.database, room.user, old)
        room.console.print(f"Deleted {plural(len(old), 'session')}.")
    else:
        room.console.print("Nothing was deleted.")


async def _backup(room: Room, argument: str) -> None:
    if not argument:
        raise SlashError("Back up to where?", "/backup FILE")
    file = Path(argument).expanduser()
    size = await session_actions.backup(room.database, file)
    room.console.print(Text(f"The whole database was copied to {file} ({plural(size, 'byte')})."), soft_wrap=True)


async def _history(room: Room, argument: str) -> None:
    limit = number(argument, _HISTORY)
    held = await stored_turns.history(room.database, room.key, limit=limit)
    room.console.print(tables.history(list(reversed(held)), room.console))
    if room.info and room.info.turns > limit:
        room.console.print(Text(f"The last {limit} of {room.info.turns} turns. /history 50 shows 50.", style="hint"))


async def _session_choices(room: Room) -> Sequence[Choice]:
    listed = await sessions.listing(room.database, room.user, limit=_OFFERED)
    return [
        Choice(info.short_id, info.title, f"{plural(info.turns, 'turn')}, {when(info.last_event_at)}")
        for info in listed
        if info.session_id != room.key.session_id
    ]


async def _title_choices(room: Room) -> Sequence[Choice]:
    return [Choice(room.info.title)] if room.info else []


async def _format_choices(_room: Room) -> Sequence[Choice]:
    return [
        Choice("md", note="Markdown, for reading"),
        Choice("html", note="one file, for a browser or a phone"),
        Choice("json", note="all of it, for /import"),
    ]


async def _named(room: Room, name: str, command: str) -> SessionInfo:
    if not name:
        raise SlashError("Which session?", _WHICH.format(command))
    return await sessions.find(room.database, room.user, name)


async def _here(room: Room) -> SessionInfo:
    """The session one is in, as it is now.

    Raises:
        SlashError: Nothing has been said in it.
        MissingError: It was deleted by another program.
    """
    if room.info is None:
        raise SlashError("Nothing has been said in this session yet.")
    found = await sessions.get(room.database, room.key)
    if found is None:
        raise MissingError
    return found


def _described(info: SessionInfo) -> str:
    return f"{one_line(info.title or tables.UNTITLED, 60)!r} ({plural(info.turns, 'turn')})"


SESSION_COMMANDS: tuple[Command, ...] = (
    Command("new", "begin a new session", _new),
    Command("sessions", "your sessions, the last used first", _sessions, "[PAGE]"),
    Command("search", "find what was said in any session", _search, "WORDS"),
    Command("resume", "go on in another session", _resume, "ID|TITLE|last", _session_choices),
    Command("rename", "give this session another title", _rename, "TITLE", _title_choices),
    Command("delete", "delete this session, or another one", _delete, "[ID|TITLE]", _session_choices),
    Command("fork", "go on in a copy of this session", _fork, "[TURN]", _fork_choices),
    Command("undo", "take back the last turns", _undo, "[TURNS]"),
    Command("retry", "send the last message again", _retry),
    Command("history", "what was said in this session", _history, "[TURNS]"),
    Command("export", "write this session to a file", _export, "[md|html|json] [FILE]", _format_choices),
    Command("import", "read in a session that was exported", _import, "FILE", _import_choices),
    Command("prune", "delete sessions not used for long", _prune, "AGE [KEEP]"),
    Command("backup", "copy the whole database", _backup, "FILE"),
)
