"""The console and the one function that all output goes through, and the console's themes.

Whatever is printed, nothing in it is obeyed by a terminal but what the console itself writes: text is made harmless
here, at the last step, so that no command can forget it. A link leads to the web or to a mailbox, or is none.

On a terminal there is colour, unless NO_COLOR says otherwise; anywhere else there is plain text: no escape sequences,
no boxes, no lines cut to a width. Text is never read as markup.
"""

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text
from rich.theme import Theme

from settings import Environment
from storage.harmless import printable

PIPED_WIDTH = 240
"""Columns of what is not a terminal: no table is folded below that."""

_LINKING_PROGRAMS = ("iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby", "rio")
_LINKING_TERMS = ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "foot-extra", "wezterm", "contour")
_LINKING_VTE = 5000
"""GNOME's terminal widget follows links from version 0.50 on."""
_LINK = re.compile("(?i:https?://|mailto:)[!-~]+")


@dataclass(frozen=True)
class Look:
    """A theme: styles for what we print, and for code in Markdown."""

    styles: Theme
    code: str


def _look(code: str, accent: str, soft: str, good: str, bad: str) -> Look:
    styles = {
        "agent": f"bold {accent}",
        "user": "bold",
        "heading": "bold",
        "muted": soft,
        "ok": good,
        "error": f"bold {bad}",
        "hint": soft,
        "match": f"bold {accent} underline",
        "markdown.code": accent,
        "markdown.code_block": accent,
        "markdown.h1": f"bold {accent}",
        "markdown.h2": f"bold {accent}",
        "markdown.h3": "bold",
        "markdown.link": f"underline {accent}",
        "markdown.link_url": soft,
        "markdown.item.bullet": accent,
        "markdown.item.number": accent,
        "markdown.table.border": soft,
        "markdown.table.header": "bold",
        "table.header": "bold",
    }
    return Look(Theme({name: " ".join(style.split()) or "none" for name, style in styles.items()}), code)


LOOKS = {
    "dark": _look("ansi_dark", "cyan", "dim", "green", "red"),
    "light": _look("ansi_light", "blue", "dim", "green", "red"),
    "plain": _look("bw", "", "", "", ""),
}
"""The themes `/theme` knows; colours are the terminal's own sixteen, so they follow its palette."""


class HarmlessConsole(Console):
    """A console whose text a terminal cannot obey; keywords are `Console`'s. Text is never read as markup."""

    def __init__(self, file: IO[str], **options: Any) -> None:
        styles = LOOKS["dark"].styles
        super().__init__(file=file, theme=styles, markup=False, emoji=False, highlight=False, **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        return map(_harmless, super().render(renderable, options))

    def out(self, *objects: Any, **options: Any) -> None:
        super().out(*(printable(str(each)) for each in objects), **options)


def _harmless(segment: Segment) -> Segment:
    text, style, control = segment
    if control:
        return segment
    if style and style.link and not _LINK.fullmatch(style.link):
        style = style.update_link(None)
    return Segment(printable(text), style)


def make_console(file: IO[str] | None = None, *, width: int | None = None) -> Console:
    """A console on `file`, or on standard output."""
    console = HarmlessConsole(file or sys.stdout, width=width)
    if width is None and not console.is_terminal:
        console.width = PIPED_WIDTH
    return console


def follows_links(said: Environment) -> bool:
    """Whether a terminal is known to follow links that are hidden behind text (OSC 8), by what it says of itself.

    A multiplexer may swallow them, so within one the answer is no.
    """
    if said.tmux or said.sty or said.no_color is not None:
        return False
    own = (said.wt_session, said.konsole_version, said.kitty_window_id, said.domterm)
    return (
        said.term_program in _LINKING_PROGRAMS
        or said.term in _LINKING_TERMS
        or any(value is not None for value in own)
        or (said.vte_version.isdigit() and int(said.vte_version) >= _LINKING_VTE)
    )


def print_error(console: Console, message: str, hint: str = "") -> None:
    """One line on what is wrong, and one on what to do."""
    console.print(Text(printable(message[:1].upper() + message[1:]), style="error"))
    if hint:
        console.print(Text(printable(hint), style="hint"))
