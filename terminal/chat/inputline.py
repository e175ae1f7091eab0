"""The input line: it is there before anything else of the program is, and takes what is typed while the rest loads.

Only prompt_toolkit is imported here. What needs the record (completion, the status line, what was typed before, vi or
emacs keys) is attached when it is there.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.application.current import get_app
from prompt_toolkit.application.run_in_terminal import in_terminal
from prompt_toolkit.completion import Completer, DynamicCompleter
from prompt_toolkit.enums import DEFAULT_BUFFER, EditingMode
from prompt_toolkit.filters import Condition, has_focus, is_searching
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.styles import Style

Status = Callable[[int], str]
"""The status line for a screen of so many columns."""

_STYLE = Style.from_dict({"prompt": "bold", "bottom-toolbar": "noreverse dim", "bottom-toolbar.text": "noreverse dim"})
_MENU_LINES = 6
_YES = ("y", "yes")


class Abandoned(Exception):
    """Ctrl-C on an empty line. It is no KeyboardInterrupt: that would leave the event loop as well."""


class InputLine:
    """The prompt of a chat.

    Attributes:
        shown: Set when it is on the screen for the first time.
    """

    def __init__(self) -> None:
        self._completer: Completer | None = None
        self._status: Status = lambda _width: ""
        self._history = _LateHistory()
        self._session: PromptSession[str] = PromptSession(
            message=FormattedText([("class:prompt", "> ")]),
            prompt_continuation=FormattedText([("", "  ")]),
            multiline=True,
            history=self._history,
            completer=DynamicCompleter(lambda: self._completer),
            complete_while_typing=Condition(lambda: get_app().current_buffer.text.startswith("/")),
            reserve_space_for_menu=_MENU_LINES,
            bottom_toolbar=lambda: FormattedText([("", self._status(get_app().output.get_size().columns))]),
            key_bindings=_keys(),
            interrupt_exception=Abandoned,
            enable_open_in_editor=True,
            style=_STYLE,
        )

        self.shown = asyncio.Event()
        self._session.app.after_render += lambda _app: self.shown.set()

    async def read(self, draft: str = "") -> str:
        """The next line, which begins as `draft`.

        Raises:
            Abandoned: Ctrl-C on an empty line.
            EOFError: Ctrl-D on an empty line, or the end of the input.
        """
        return await self._session.prompt_async(default=draft)

    def attach(self, *, completer: Completer, status: Status, history: History, vi: bool) -> None:
        """Gives the line what needs the record and the settings."""
        self._completer = completer
        self._status = status
        self._history.attach(history)
        self._session.editing_mode = EditingMode.VI if vi else EditingMode.EMACS
        self.redraw()

    def redraw(self) -> None:
        """Shows the status line as it is now."""
        self._session.app.invalidate()

    @asynccontextmanager
    async def above(self) -> AsyncIterator[None]:
        """Within it, one may print; the line, with what is typed in it, goes on below that."""
        async with in_terminal():
            yield

    async def abandon(self, reading: asyncio.Future[str]) -> None:
        """Ends a `read` that is under way, and wipes the line from the screen."""
        self._session.app.erase_when_done = True
        reading.cancel()
        await asyncio.wait([reading])

    async def confirm(self, question: str) -> bool:
        """Whether the person answers a question with yes; anything else is no."""
        asking: PromptSession[str] = PromptSession(history=InMemoryHistory(), interrupt_exception=Abandoned)
        try:
            answer = await asking.prompt_async(f"{question} [y/N] ")
        except (Abandoned, EOFError):
            return False
        return answer.strip().lower() in _YES


class _LateHistory(History):
    """What was typed before, once it is known where that is; until then what is typed is held back."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: History | None = None
        self._attached = asyncio.Event()
        self._early: list[str] = []

    def attach(self, kept: History) -> None:
        self._kept = kept
        for line in self._early:
            self.store_string(line)
        self._early.clear()
        self._attached.set()

    async def load(self) -> AsyncGenerator[str, None]:
        await self._attached.wait()
        async for line in super().load():
            yield line

    def load_history_strings(self) -> Iterable[str]:
        return self._kept.load_history_strings() if self._kept else ()

    def store_string(self, string: str) -> None:
        if self._kept:
            with suppress(OSError):  # that it is not there next time must not cost the message
                self._kept.store_string(string)
        else:
            self._early.append(string)


def open_history(file: Path) -> History:
    """What was typed before, from a file only its owner can read; in memory when it is a link or cannot be used."""
    from storage.errors import StorageError  # both are there by now: the record is open
    from storage.own_files import open_own

    try:
        open_own(file).close()
    except StorageError:
        return InMemoryHistory()
    return FileHistory(file)


def wants_vi(inputrc: Path) -> bool:
    """Whether readline's settings ask for vi keys; the last such line counts."""
    try:
        file = inputrc.expanduser()
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else []
    except (OSError, RuntimeError):  # not there, or there is no home folder
        return False
    modes = [line.split()[2:3] for line in lines if line.split()[:2] == ["set", "editing-mode"]]
    return bool(modes) and modes[-1] == ["vi"]


def _keys() -> KeyBindings:
    keys = KeyBindings()
    at_prompt = has_focus(DEFAULT_BUFFER) & ~is_searching

    @keys.add("enter", filter=at_prompt)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @keys.add("escape", "enter", filter=at_prompt)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @keys.add("c-c", filter=at_prompt)
    def _(event: KeyPressEvent) -> None:
        if event.current_buffer.text:
            event.current_buffer.reset()
        else:
            event.app.exit(exception=Abandoned)

    return keys
