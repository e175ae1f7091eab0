"""The first lines of a chat: who this is on the first run, and later where you were."""

from rich.console import Console
from rich.text import Text

from storage import preferences, sessions, turns
from storage.errors import StorageError
from storage.preferences import USER_NAME
from storage.sessions import SessionInfo
from storage.turns import Turn
from terminal.room import Room
from terminal.tables import SHORT_ID
from terminal.wording import one_line, plural, printable, when, without_marks

_TRY = ("Tell me a joke about Python", "What's the price of AAPL and any tech news?", "Put NVDA on my watchlist")
_UNANSWERED = {
    "interrupted": "The program ended before this was answered; send it again to have the answer.",
    "failed": "This could not be answered; send it again to have the answer.",
    "cancelled": "You stopped this turn.",
}


async def welcome(room: Room) -> None:
    """What a chat begins with."""
    database, key = room.talk.database, room.talk.key
    try:
        info = await sessions.find(database, key.user, key.session_id)
    except StorageError:  # nothing has been said in it
        info = None
    if info is not None:
        await restored(room, info)
    elif await sessions.count(database, key.user):
        name = await _name(room)
        room.console.print(Text.assemble("Hello again, ", (name, "user"), ". A new session."))
        room.console.print(Text("/sessions lists the others, /help all commands.", style="hint"))
        room.console.line()
    else:
        _first_run(room.console)


async def restored(room: Room, info: SessionInfo) -> None:
    """Where the person was in a session: how far it is, and its last exchange."""
    console = room.console
    console.print(Text.assemble("Welcome back, ", (await _name(room), "user"), "."))
    said, facts = "Session restored: ", f" · {plural(info.turns, 'turn')} · {when(info.last_event_at)}"
    title = one_line(info.title or "(no title)", max(console.width - len(said) - len(facts), 16))
    console.print(Text.assemble(said, (title, "heading"), facts))
    held = await turns.history(room.talk.database, room.talk.key, limit=1)
    console.line()
    for turn in held:
        _exchange(console, turn)


def goodbye(room: Room) -> None:
    """How to come back, if there is something to come back to."""
    if room.status.turns:
        short = room.talk.key.session_id[:SHORT_ID]
        said, command = "Resume with:", f"python persistent_multi_agent.py --session {short}"
        between = " " if len(said) + len(command) < room.console.width else "\n  "
        room.console.print(Text(f"{said}{between}{command}", style="muted"), soft_wrap=True)


def _first_run(console: Console) -> None:
    console.print(Text("Persistent Multi-Agent", style="agent"))
    console.print("A team of agents that remembers: all you say here is kept for next time. Try:")
    for text in _TRY:
        console.print(Text(f"  {text}", style="user"))
    console.print(Text("/help lists the commands, Ctrl-D leaves.", style="hint"))
    console.line()


def _exchange(console: Console, turn: Turn) -> None:
    console.print(Text(f"> {one_line(turn.user_input, console.width - 2)}", style="muted"))
    if turn.agent_response:
        answer = Text(without_marks(turn.agent_response), style="muted")
        answer.truncate(console.width * 2 - 4, overflow="ellipsis")
        console.print(answer)
    elif turn.status in _UNANSWERED:
        console.print(Text(_UNANSWERED[turn.status], style="hint"))
    console.line()


async def _name(room: Room) -> str:
    known = await preferences.of_user(room.talk.database, room.talk.key.user)
    return printable(next(iter(known.get(USER_NAME, [])), room.talk.key.user_id))
