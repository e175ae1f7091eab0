"""The console all output goes through, and its themes.

On a terminal there is colour, unless NO_COLOR says otherwise; anywhere else there is plain text: no escape sequences,
no boxes, no lines cut to a width. Text is never read as markup.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

from rich.console import Console
from rich.text import Text
from rich.theme import Theme

from terminal.wording import printable

PIPED_WIDTH = 240
"""Columns of what is not a terminal: no table is folded below that."""

_LINKING_PROGRAMS = ("iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "Tabby", "rio")
_LINKING_TERMS = ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "foot-extra", "wezterm", "contour")
_LINKING_VTE = 5000
"""GNOME's terminal widget follows links from version 0.50 on."""


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


def make_console(file: IO[str] | None = None, *, width: int | None = None) -> Console:
    """A console on `file`, or on standard output."""
    out = file or sys.stdout
    console = Console(file=out, width=width, theme=LOOKS["dark"].styles, markup=False, emoji=False, highlight=False)
    if width is None and not console.is_terminal:
        console.width = PIPED_WIDTH
    return console


def follows_links(environ: Mapping[str, str]) -> bool:
    """Whether a terminal is known to follow links that are hidden behind text (OSC 8), by what it says of itself.

    A multiplexer may swallow them, so within one the answer is no. These variables are the terminal's, not settings.
    """
    if environ.get("TMUX") or environ.get("STY") or "NO_COLOR" in environ:
        return False
    vte = environ.get("VTE_VERSION", "")
    return (
        environ.get("TERM_PROGRAM") in _LINKING_PROGRAMS
        or environ.get("TERM", "") in _LINKING_TERMS
        or any(name in environ for name in ("WT_SESSION", "KONSOLE_VERSION", "KITTY_WINDOW_ID", "DOMTERM"))
        or (vte.isdigit() and int(vte) >= _LINKING_VTE)
    )


def print_error(console: Console, message: str, hint: str = "") -> None:
    """One line on what is wrong, and one on what to do."""
    console.print(Text(printable(message[:1].upper() + message[1:]), style="error"))
    if hint:
        console.print(Text(printable(hint), style="hint"))
