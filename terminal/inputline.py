"""The input line: history, search, completion, several lines, and the status line below it."""

from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.application.current import get_app
from prompt_toolkit.enums import DEFAULT_BUFFER, EditingMode
from prompt_toolkit.filters import Condition, has_focus, is_searching
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.styles import Style

from terminal.commands import COMMANDS
from terminal.completion import SlashCompleter
from terminal.room import Room
from terminal.slash import is_command
from terminal.wording import one_line, plural

_STYLE = Style.from_dict({"prompt": "bold", "bottom-toolbar": "noreverse dim", "bottom-toolbar.text": "noreverse dim"})
_MENU_LINES = 6


def input_line(room: Room, *, history: Path, inputrc: Path) -> PromptSession[str]:
    """The prompt of a chat; its `prompt_async` returns a message or a slash command.

    Args:
        room: What is completed from, and told in the status line.
        history: File of what was typed before; made readable by its owner only.
        inputrc: The person's readline settings, of which the editing mode is followed.
    """

    @Condition
    def typing_command() -> bool:
        return is_command(get_app().current_buffer.text)

    return PromptSession(
        message=FormattedText([("class:prompt", "> ")]),
        prompt_continuation=FormattedText([("", "  ")]),
        multiline=True,
        history=open_history(history),
        completer=SlashCompleter(room, COMMANDS),
        complete_while_typing=typing_command,
        reserve_space_for_menu=_MENU_LINES,
        bottom_toolbar=lambda: FormattedText([("", status_line(room, get_app().output.get_size().columns))]),
        key_bindings=_keys(),
        editing_mode=EditingMode.VI if wants_vi(inputrc) else EditingMode.EMACS,
        enable_open_in_editor=True,
        style=_STYLE,
    )


def open_history(file: Path) -> History:
    """What was typed before, from a file only its owner can read; kept in memory when the file cannot be used."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        with file.open("ab"):
            return FileHistory(file)
    except OSError:
        return InMemoryHistory()


def wants_vi(inputrc: Path) -> bool:
    """Whether readline's settings ask for vi keys; the last such line counts."""
    try:
        lines = inputrc.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    modes = [line.split()[2:3] for line in lines if line.split()[:2] == ["set", "editing-mode"]]
    return bool(modes) and modes[-1] == ["vi"]


def status_line(room: Room, width: int) -> str:
    """Title, model, turns and tokens of the session, on one line of at most `width` columns."""
    status = room.status
    facts = f" · {room.talk.model} · {plural(status.turns, 'turn')} · {plural(status.tokens, 'token')}"
    title = one_line(status.title or "new session", max(width - len(facts) - 1, 8))
    return one_line(f"{title}{facts}", width - 1)


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
            event.app.exit(exception=KeyboardInterrupt)

    return keys
