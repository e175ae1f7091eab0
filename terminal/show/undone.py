"""What is said after an undo: what was undone, and what those turns changed for good."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.text import Text

from record.wording import one_line, plural, printable
from settings import Settings

if TYPE_CHECKING:
    from conversation.conversation import Undone

_MESSAGE = 70


def undone_lines(undone: Undone) -> list[Text]:
    """The lines to show, to be read from the top."""
    if not undone.messages:
        return [Text("There is nothing to undo.", style="muted")]
    lines = [Text(f"Undid {plural(len(undone.messages), 'turn')}:")]
    lines += [Text(f"  > {one_line(message, _MESSAGE)}", style="muted") for message in undone.messages]
    if undone.changes:
        lines.append(Text("What the agents learned in it stays; /preferences changes it:"))
        lines += [Text(f"  {printable(change.told)}") for change in undone.changes]
    return lines


def undone_json(undone: Undone) -> dict[str, Any]:
    """`messages` and `changes` (`tool`, `args`, `told`), as in `Undone`."""
    return asdict(undone)


async def undo_in(settings: Settings, session_id: str, count: int) -> Undone:
    """Takes the last turns of a session back; returns what was undone.

    Raises:
        StorageError: The database cannot be used, or there is no such session.
    """
    from conversation.conversation import Conversation  # ADK takes long to import, and a chat has it already

    async with Conversation.open(settings, session=session_id) as conversation:
        return await conversation.undo(count)
