"""The slash commands about sessions: what they do is in `record.sessions`, as for `sessions ...`."""

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
from terminal.chat.state import ChatState
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


async def _new(chat: ChatState, _argument: str) -> None:
    await chat.enter()
    chat.console.print("A new session. It is kept from your first message on.")


async def _sessions(chat: ChatState, argument: str) -> None:
    page = await session_actions.page(chat.database, chat.user, number(argument, 1))
    chat.console.print(session_tables.sessions(page.listed, chat.console, current=chat.key.session_id))
    if page.pages > 1:
        more = f" /sessions {page.number + 1} shows more." if page.number < page.pages else ""
        chat.console.print(Text(f"Page {page.number} of {page.pages}.{more}", style="hint"))


async def _search(chat: ChatState, argument: str) -> None:
    if not argument:
        raise SlashError("Search for what?", "/search WORDS finds the turns in which all of them occur.")
    found = await session_actions.find_words(chat.database, chat.user, argument, limit=_FOUND + 1)
    chat.console.print(session_tables.found(found[:_FOUND], chat.console))
    if found:
        more = "There is more: add a word. " if len(found) > _FOUND else ""
        chat.console.print(Text(f"{more}/resume {found[0].session.short_id} goes on in the first one.", style="hint"))


async def _resume(chat: ChatState, argument: str) -> None:
    info = await _named(chat, argument, "resume")
    await chat.enter(info.session_id)
    for line in await greeting.restored(chat, chat.info or info):
        chat.console.print(line)


async def _rename(chat: ChatState, argument: str) -> None:
    if not argument:
        raise SlashError("What should this session be called?", "/rename TITLE")
    info = await session_actions.rename(chat.database, chat.user, (await _here(chat)).session_id, argument)
    await chat.refresh()
    chat.console.print(Text.assemble("This session is called ", (info.title, "heading"), "."))


async def _delete(chat: ChatState, argument: str) -> None:
    info = await sessions.find(chat.database, chat.user, argument) if argument else await _here(chat)
    question = f"Delete {_described(info)}? It cannot be brought back."
    if not await chat.line.confirm(question):
        chat.console.print("Nothing was deleted.")
        return
    await session_actions.delete(chat.database, chat.user, [info])
    chat.console.print("Deleted. What the agents know of you stays; /preferences shows it.")
    if info.session_id == chat.key.session_id:
        await _new(chat, "")


async def _fork(chat: ChatState, argument: str) -> None:
    at = number(argument, 0) or None
    info = await session_actions.fork(chat.database, chat.user, (await _here(chat)).session_id, at)
    await chat.enter(info.session_id)
    chat.console.print(Text.assemble("You are now in ", (info.title, "heading"), f", session {info.short_id}."))
    chat.console.print(Text(f"{session_tables.origin(info)} That session stays as it was.", style="hint"))


async def _fork_choices(chat: ChatState) -> Sequence[Choice]:
    if chat.info is None:
        return []
    held = await stored_turns.history(chat.database, chat.key, limit=_OFFERED)
    return [Choice(str(turn.number), f"{turn.number}", one_line(turn.user_input, 40)) for turn in held]


async def _undo(chat: ChatState, argument: str) -> None:
    count = number(argument, 1)
    await _here(chat)
    talk = await ready(chat)
    if talk is None:
        return
    undone = await talk.undo(count)
    await chat.refresh()
    for line in undone_lines(undone):
        chat.console.print(line)


async def _retry(chat: ChatState, _argument: str) -> None:
    await _here(chat)
    last = await stored_turns.history(chat.database, chat.key, limit=1)
    if not last:
        raise SlashError("There is nothing to send again.")
    chat.console.print(Text(f"> {one_line(last[0].user_input, chat.console.width - 2)}", style="muted"))
    await take_turn(chat, lambda talk: talk.retry())


async def _export(chat: ChatState, argument: str) -> None:
    first, _, rest = argument.partition(" ")
    form, name = (_format(first), rest.strip()) if first in FORMATS else (None, argument)
    file = files.at_home(Path(name)) if name else None
    if form is None:
        form = _format(file.suffix.removeprefix(".") or first if file else "md")
    info = await _here(chat)
    text = await session_actions.export(chat.database, chat.user, info.session_id, form)
    file = file or session_actions.file_for(info, form, Path.cwd())
    if chat.database.file:
        files.keep_apart(chat.database.file, file)
    session_actions.write(text, file)
    chat.console.print(Text(f"Written to {file} ({plural(len(text.encode()), 'byte')})."), soft_wrap=True)


def _format(name: str) -> Format:
    for form in FORMATS:
        if form == name:
            return form
    raise SlashError(f"{name!r} is no format.", f"There are {', '.join(FORMATS)}: /export html FILE")


async def _import(chat: ChatState, argument: str) -> None:
    if not argument:
        raise SlashError("Import what?", "/import FILE, where FILE was written by /export json.")
    if chat.database.file:
        files.keep_apart(chat.database.file, files.at_home(Path(argument)))
    document = session_actions.read(Path(argument))
    if await ready(chat) is None:  # it makes ADK's tables
        return
    info = await session_actions.import_(chat.database, chat.user, document)
    await chat.enter(info.session_id)
    for line in await greeting.restored(chat, info):
        chat.console.print(line)


async def _import_choices(_chat: ChatState) -> Sequence[Choice]:
    return [Choice(file.name) for file in sorted(Path.cwd().glob("*.json"))[:_OFFERED]]


async def _prune(chat: ChatState, argument: str) -> None:
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
    old = await session_actions.prunable(chat.database, chat.user, before, kept, current=chat.key.session_id)
    if not old:
        chat.console.print("No session is that old.")
        return
    chat.console.print(session_tables.sessions(old[:_OFFERED], chat.console))
    if len(old) > _OFFERED:
        chat.console.print(Text(f"... and {len(old) - _OFFERED:,} more.", style="hint"))
    if await chat.line.confirm(f"Delete {plural(len(old), 'session')}? They cannot be brought back."):
        await session_actions.delete(chat.database, chat.user, old)
        chat.console.print(f"Deleted {plural(len(old), 'session')}.")
    else:
        chat.console.print("Nothing was deleted.")


async def _backup(chat: ChatState, argument: str) -> None:
    if not argument:
        raise SlashError("Back up to where?", "/backup FILE")
    file = files.at_home(Path(argument))
    size = await session_actions.backup(chat.database, file)
    chat.console.print(Text(f"The whole database was copied to {file} ({plural(size, 'byte')})."), soft_wrap=True)


async def _history(chat: ChatState, argument: str) -> None:
    limit = number(argument, _HISTORY)
    held = await stored_turns.history(chat.database, chat.key, limit=limit)
    chat.console.print(tables.history(list(reversed(held)), chat.console))
    if chat.info and chat.info.turns > limit:
        chat.console.print(Text(f"The last {limit} of {chat.info.turns} turns. /history 50 shows 50.", style="hint"))


async def _session_choices(chat: ChatState) -> Sequence[Choice]:
    listed = await sessions.listing(chat.database, chat.user, limit=_OFFERED)
    return [
        Choice(info.short_id, info.title, f"{plural(info.turns, 'turn')}, {when(info.last_event_at)}")
        for info in listed
        if info.session_id != chat.key.session_id
    ]


async def _title_choices(chat: ChatState) -> Sequence[Choice]:
    return [Choice(chat.info.title)] if chat.info else []


async def _format_choices(_chat: ChatState) -> Sequence[Choice]:
    return [
        Choice("md", note="Markdown, for reading"),
        Choice("html", note="one file, for a browser or a phone"),
        Choice("json", note="all of it, for /import"),
    ]


async def _named(chat: ChatState, name: str, command: str) -> SessionInfo:
    if not name:
        raise SlashError("Which session?", _WHICH.format(command))
    return await sessions.find(chat.database, chat.user, name)


async def _here(chat: ChatState) -> SessionInfo:
    """The session one is in, as it is now.

    Raises:
        SlashError: Nothing has been said in it.
        MissingError: It was deleted by another program.
    """
    if chat.info is None:
        raise SlashError("Nothing has been said in this session yet.")
    found = await sessions.get(chat.database, chat.key)
    if found is None:
        raise MissingError
    return found


def _described(info: SessionInfo) -> str:
    return f"{one_line(tables.title_of(info), 60)!r} ({plural(info.turns, 'turn')})"


SESSION_COMMANDS: tuple[Command, ...] = (
    Command("new", "begin a new session", _new),
    Command("sessions", "your sessions, the last used first", _sessions, "[PAGE]"),
    Command("search", "find what was said in any session", _search, "WORDS"),
    Command("resume", "go on in another session", _resume, "ID|TITLE|last", _session_choices),
    Command("rename", "give this session another title", _rename, "TITLE", _title_choices),
    Command("delete", "delete this session, or another one", _delete, "[ID|TITLE]", _session_choices),
    Command("fork", "go on in a copy of this session", _fork, "[TURN]", _fork_choices),
    Command("undo", "undo the last turns", _undo, "[TURNS]"),
    Command("retry", "send the last message again", _retry),
    Command("history", "what was said in this session", _history, "[TURNS]"),
    Command("export", "write this session to a file", _export, "[md|html|json] [FILE]", _format_choices),
    Command("import", "read in a session that was exported", _import, "FILE", _import_choices),
    Command("prune", "delete sessions not used for long", _prune, "AGE [KEEP]"),
    Command("backup", "copy the whole database", _backup, "FILE"),
)
