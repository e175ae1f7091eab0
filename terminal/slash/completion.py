"""Completion of slash commands and of their arguments; a message completes nothing."""

from collections.abc import AsyncGenerator, Iterable, Sequence

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from record.wording import one_line, printable
from terminal.chat.state import ChatState
from terminal.slash.command import PREFIX, Choice, Command, SlashError, is_command, named

_LABEL_WIDTH, _NOTE_WIDTH = 40, 200


class SlashCompleter(Completer):
    """Completes what `commands` offer in `chat`."""

    def __init__(self, chat: ChatState, commands: Sequence[Command]) -> None:
        self._chat = chat
        self._commands = commands

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Names only: arguments are looked up in the record, which takes the asynchronous way."""
        line = document.text_before_cursor
        if is_command(line) and " " not in line:
            yield from self._names(line)

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        line = document.text_before_cursor
        if not is_command(line) or "\n" in line:
            return
        name, space, typed = line.partition(" ")
        if not space:
            for completion in self._names(line):
                yield completion
            return
        try:
            command = named(name, self._commands)
        except SlashError:
            return
        for choice in await command.choices(self._chat) if command.choices else ():
            if _fits(choice, typed):
                yield Completion(
                    printable(choice.text),
                    start_position=-len(typed),
                    display=one_line(choice.label or choice.text, _LABEL_WIDTH),
                    display_meta=one_line(choice.note, _NOTE_WIDTH),
                )

    def _names(self, line: str) -> Iterable[Completion]:
        typed = line.removeprefix(PREFIX).lower()
        for command in self._commands:
            if command.name.startswith(typed):
                yield Completion(
                    f"{PREFIX}{command.name}",
                    start_position=-len(line),
                    display=f"{PREFIX}{command.name}",
                    display_meta=command.help,
                )


def _fits(choice: Choice, typed: str) -> bool:
    wanted = typed.lower()
    return choice.text.lower().startswith(wanted) or (bool(wanted) and wanted in choice.label.lower())
