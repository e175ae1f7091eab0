"""Times, lengths and texts in words: local time for people, one line where one line is wanted.

The console drops from text of outside (messages, answers, titles) what a terminal would obey; what is measured or cut
goes through `printable` before, so that columns are counted of what is shown.
"""

import shlex
from collections.abc import Iterable
from datetime import datetime, timedelta

import wcwidth
from markdown_it import MarkdownIt

from storage.harmless import printable as printable

DELETED = "This session was deleted by another program: what was said in it is gone. A new session begins here."


def one_line(text: str, width: int) -> str:
    """The text on one line of at most `width` columns, ending in "…" when it was longer."""
    line = label(text)
    most = max(width, 1)
    if wcwidth.width(line, control_codes="ignore") <= most:
        return line
    return f"{wcwidth.clip(line, 0, most - 1, control_codes='ignore')}…"


def label(text: str) -> str:
    """A name or an id on one line."""
    return " ".join(printable(text).split())


def names(listed: Iterable[str]) -> str:
    """Names on one line, with commas between."""
    return ", ".join(map(label, listed))


def word(text: str) -> str:
    """An id as a shell takes it for one word."""
    return shlex.quote(label(text))


def without_marks(markdown: str) -> str:
    """What Markdown says, on one line, without its marks."""
    said: list[str] = []
    for token in MarkdownIt().enable("table").parse(printable(markdown)):
        if token.type in ("fence", "code_block"):
            said.append(token.content)
        elif token.children:
            said.append("".join(" " if part.type.endswith("break") else part.content for part in token.children))
    return " ".join(" ".join(said).split())


def plural(count: int, noun: str) -> str:
    """ "1 turn", "1,200 turns"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def duration(seconds: float | None) -> str:
    """ "0.2 s", "12 s", "2 min 5 s"; empty when it is not known."""
    if seconds is None:
        return ""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def when(moment: datetime, now: datetime | None = None) -> str:
    """A moment in words and local time: "2 minutes ago", "yesterday 14:05", "12 Mar 2025".

    Args:
        moment: Time-zone-aware.
        now: Time-zone-aware; the present when it is left out. Its time zone is taken for the local one.
    """
    now = now or datetime.now().astimezone()
    local = moment.astimezone(now.tzinfo)
    age = now - local
    days = (now.date() - local.date()).days
    if age < timedelta(minutes=1):
        return "just now"
    if age < timedelta(hours=1):
        return f"{plural(int(age.total_seconds() // 60), 'minute')} ago"
    if days < 7:
        day = {0: "today", 1: "yesterday"}.get(days, f"{local:%A}")
        return f"{day} {local:%H:%M}"
    return f"{local.day} {local:%b %H:%M}" if local.year == now.year else f"{local.day} {local:%b %Y}"
