"""The first lines of a chat: who this is on the first run, and later where you were.

Only the record is read for them, so they are there before the agents are.
"""

from rich.console import Console, RenderableType
from rich.text import Text

from conversation.examples import FIRST
from record.wording import label, one_line, plural, when, without_marks, word
from settings import OFFLINE, env_example
from storage.queries import preferences, sessions, turns
from storage.queries.session_document import user_name
from storage.queries.sessions import SessionInfo
from storage.queries.turns import Turn
from terminal.chat.state import ChatState
from terminal.show.sessions import origin
from terminal.show.tables import title_of
from terminal.where import call

_UNANSWERED = {
    "interrupted": "The program ended before this was answered; /retry sends it again.",
    "failed": "This could not be answered; /retry sends it again.",
    "cancelled": "You stopped this turn; /retry sends the message again.",
}


def offline_notice() -> str:
    """What the offline model is, and how to get another."""
    return (
        "You are talking to the built-in offline model: word matching, not a language model. For a real one set "
        f"GOOGLE_API_KEY, or MODEL=provider/name; see {env_example()}."
    )


async def welcome(chat: ChatState) -> list[RenderableType]:
    """What a chat begins with."""
    lines: list[RenderableType] = []
    if chat.model == OFFLINE:
        lines += [Text(offline_notice(), style="hint"), ""]
    if chat.info is not None:
        return [*lines, *await restored(chat, chat.info)]
    if await sessions.count(chat.database, chat.user):
        name = Text.assemble("Hello again, ", (await _name(chat), "user"), ". A new session.")
        return [*lines, name, Text("/sessions lists the others, /help all commands.", style="hint"), ""]
    return [*lines, *_first_run()]


async def restored(chat: ChatState, info: SessionInfo) -> list[RenderableType]:
    """Where the person was in a session: how far it is, and its last exchange."""
    width = chat.console.width
    said, facts = "Session restored: ", f" · {plural(info.turns, 'turn')} · {when(info.last_event_at)}"
    title = one_line(title_of(info), max(width - len(said) - len(facts), 16))
    lines: list[RenderableType] = [
        Text.assemble("Welcome back, ", (await _name(chat), "user"), "."),
        Text.assemble(said, (title, "heading"), facts),
    ]
    if info.forked_from:
        lines.append(Text(origin(info), style="muted"))
    lines.append("")
    for turn in await turns.history(chat.database, chat.key, limit=1):
        lines += _exchange(chat.console, turn)
    return lines


def goodbye(chat: ChatState) -> None:
    """How to come back, if there is something to come back to."""
    if chat.info is not None:
        said, command = "Resume with:", f"{call()} --session {word(chat.info.short_id)}"
        between = " " if len(said) + len(command) < chat.console.width else "\n  "
        chat.console.print(Text(f"{said}{between}{command}", style="muted"), soft_wrap=True)


def _first_run() -> list[RenderableType]:
    return [
        Text("Persistent Multi-Agent", style="agent"),
        "A team of agents that remembers: all you say here is kept for next time. Try:",
        *(Text(f"  {text}", style="user") for text in FIRST),
        Text("/help lists the commands, Ctrl-D leaves.", style="hint"),
        "",
    ]


def _exchange(console: Console, turn: Turn) -> list[RenderableType]:
    lines: list[RenderableType] = [Text(f"> {one_line(turn.user_input, console.width - 2)}", style="muted")]
    if turn.agent_response:
        answer = Text(without_marks(turn.agent_response), style="muted")
        answer.truncate(console.width * 2 - 4, overflow="ellipsis")
        lines.append(answer)
    if turn.status in _UNANSWERED:
        lines.append(Text(_UNANSWERED[turn.status], style="hint"))
    return [*lines, ""]


async def _name(chat: ChatState) -> str:
    known = await preferences.of_user(chat.database, chat.user)
    return label(user_name(known, chat.user))
