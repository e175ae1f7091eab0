"""What a slash command is, and how a typed line finds one: by name, by alias, or by the beginning of its name."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rapidfuzz import fuzz, process

from storage.strict import encodable
from terminal.chat.state import ChatState
from told import Told

PREFIX = "/"
_MOST = 1_000_000
_NEAR = 60.0
"""How alike (0 to 100) a name must be to what was typed to be suggested."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something an argument may be: what is typed, what a menu calls it, and a note beside it."""

    text: str
    label: str = ""
    note: str = ""


Run: TypeAlias = Callable[[ChatState, str], Awaitable[None]]
Choices: TypeAlias = Callable[[ChatState], Awaitable[Sequence[Choice]]]


@dataclass(frozen=True, slots=True)
class Command:
    """One slash command.

    Attributes:
        name: Without the slash.
        help: One line.
        run: Does it; gets the chat and what stands after the name. It may raise `SlashError`.
        arguments: How they are written in the help.
        choices: Whole arguments that can be completed.
        aliases: Other names; they are not listed.
    """

    name: str
    help: str
    run: Run
    arguments: str = ""
    choices: Choices | None = None
    aliases: tuple[str, ...] = ()

    @property
    def usage(self) -> str:
        return f"{PREFIX}{self.name} {self.arguments}".strip()


class SlashError(Told):
    """A slash command cannot be done as typed."""


def number(argument: str, default: int) -> int:
    """The whole number, from 1 on, that an argument is; `default` when there is none.

    Raises:
        SlashError: It is no such number.
    """
    text = argument.strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > len(str(_MOST)) or not 1 <= int(text) <= _MOST:
        raise SlashError(f"{text!r} is not a number.", "Give a whole number from 1 on.")
    return int(text)


def is_command(line: str) -> bool:
    """Whether a line is a slash command and not a message; a message may begin with a space before its slash."""
    return line.startswith(PREFIX) and not line.startswith(PREFIX * 2)


def parse(line: str, commands: Sequence[Command]) -> tuple[Command, str]:
    """The command that a line means, and its argument.

    Raises:
        SlashError: No command is called so, or the beginning of a name fits several.
    """
    typed, *argument = encodable(line).removeprefix(PREFIX).split(maxsplit=1) or [""]
    return named(typed, commands), "".join(argument).strip()


def named(typed: str, commands: Sequence[Command]) -> Command:
    """The command with that name, alias, or unique beginning of a name.

    Raises:
        SlashError: As `parse`.
    """
    wanted = typed.strip().removeprefix(PREFIX).lower()
    for command in commands:
        if wanted == command.name or wanted in command.aliases:
            return command
    fitting = [command for command in commands if wanted and command.name.startswith(wanted)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = ", ".join(f"{PREFIX}{command.name}" for command in fitting)
        raise SlashError(f"{PREFIX}{wanted} may be {names}.", "Type one more letter.")
    names_known = [name for command in commands for name in (command.name, *command.aliases)]
    near = process.extractOne(wanted, names_known, scorer=fuzz.ratio, score_cutoff=_NEAR) if wanted else None
    suggestion = f"Did you mean {PREFIX}{near[0]}? " if near else ""
    raise SlashError(
        f"There is no command {PREFIX}{wanted}.",
        f"{suggestion}/help lists the commands. To send it as a message, put a space before it.",
    )
