"""Phases of a chat: at its start, at the prompt, in a turn, at its end."""

from tests.crash.program import Chat
from tests.crash.stage import After, Stage, nothing_else

_SHUTDOWN = 0.3
"""Seconds within which a chat leaves, about."""


def at_the_prompt(stage: Stage) -> After:
    """Some turns, and a kill while the person reads."""
    with stage.program.chat(*stage.anywhere(), db=stage.file) as chat:
        _talk(stage, chat, 3)
        stage.kill_chat(chat, 1.5)
    return nothing_else


def in_a_turn(stage: Stage) -> After:
    """A kill before, during or just after an answer."""
    with stage.program.chat(*stage.anywhere(), db=stage.file) as chat:
        _talk(stage, chat, 2)
        message = stage.message()
        chat.begin(message)
        stage.kill_chat(chat, 1.3 * chat.turn_seconds)
        stage.book.add([chat.seen(message)])
    return nothing_else


def at_its_start(stage: Stage) -> After:
    """A kill while the program loads, or while the first turn of a new session waits for the agents."""
    message = stage.message()
    with stage.program.chat("--new", db=stage.file) as chat:
        chat.begin(message)
        stage.kill_chat(chat, stage.template.turn)
        stage.book.add([chat.seen(message)])
    return nothing_else


def at_its_end(stage: Stage) -> After:
    """A kill while the chat leaves."""
    with stage.program.chat(*stage.anywhere(), db=stage.file) as chat:
        _talk(stage, chat, 2)
        chat.terminal.type("\x04")
        stage.kill_chat(chat, _SHUTDOWN)
    return nothing_else


def _talk(stage: Stage, chat: Chat, most: int) -> None:
    chat.greeted()
    for message in stage.messages(most):
        stage.book.add([chat.turn(message)])
        stage.hold_up_neighbours()
