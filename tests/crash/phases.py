"""What is done and killed: the phases of the program's life, each with what must hold after it was cut short."""

from collections.abc import Callable
from typing import TypeAlias

from tests.crash import chats, commands, openings
from tests.crash.stage import After, Stage

Phase: TypeAlias = Callable[[Stage], After]

PHASES: dict[str, Phase] = {
    "chat at the prompt": chats.at_the_prompt,
    "piped lines": commands.piped_lines,
    "chat in a turn": chats.in_a_turn,
    "sessions retry": commands.retry,
    "sessions fork": commands.fork,
    "first start": openings.first_start,
    "one message": commands.one_message,
    "sessions undo": commands.undo,
    "sessions import": commands.import_,
    "chat at its start": chats.at_its_start,
    "sessions delete": commands.delete,
    "migration": openings.migration,
    "sessions prune": commands.prune,
    "sessions backup": commands.backup,
    "chat at its end": chats.at_its_end,
}
"""Name -> phase, in the order in which their turn comes."""
