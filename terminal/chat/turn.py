"""A turn of a chat, from waiting for the agents to the last line of the answer."""

import asyncio
from collections.abc import AsyncGenerator, Callable

from conversation.events import TurnEvent
from terminal.chat.state import ChatState
from terminal.chat.talk import Talk
from terminal.interrupt import on_interrupt, silent_typing
from terminal.show.console import LOOKS, follows_links
from terminal.show.turnview import TurnView


async def take_turn(chat: ChatState, begin: Callable[[Talk], AsyncGenerator[TurnEvent, None]]) -> bool:
    """Shows the turn that `begin` begins; Ctrl-C stops it.

    Returns:
        False when the message was not kept: the person gave up waiting for the agents, or it could not be written.

    Raises:
        StorageError: The database cannot be used.
        ModelError: The model cannot be used.
    """
    with silent_typing():
        talk = await ready(chat)
        if talk is None:
            return False
        view = TurnView(chat.console, chat.verbose, LOOKS[chat.theme].code, follows_links(chat.settings.environment))
        with on_interrupt(talk.cancel):
            _, finished = await view.show(begin(talk))
    await chat.follow(talk)
    return finished is None or bool(finished.turn_id)


async def ready(chat: ChatState) -> Talk | None:
    """The conversation, once it is open; None when the person did not want to wait for it.

    Raises:
        StorageError: The database cannot be used.
        ModelError: The model cannot be used.
    """
    waiting = asyncio.ensure_future(chat.talk())
    with on_interrupt(waiting.cancel), chat.console.status("Waiting for the agents..."):
        await asyncio.wait([waiting])
    return None if waiting.cancelled() else waiting.result()
