"""Memory as tables: how much is in each scope, what is in one, one thing in full; the rules of `tables.py` hold."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.text import Text

from record import documents
from record.memory_items import MEANT, Item, ScopeName
from record.wording import label, names, one_line, printable, when
from storage.knowledge.browsing import Counted
from terminal.show.tables import NARROW, PREVIEW, WIDEST, new_table
from terminal.show.trimmed import Trimmed

_PIPED_VALUE = 100
_LONGEST_NAME = 40
_WIDE = 72
"""Columns from which on a table says who wrote each item, and what each scope is."""


def overview(counted: Mapping[ScopeName, Counted], console: Console, *, now: datetime | None = None) -> RenderableType:
    """How much is in each scope."""
    table = new_table(console)
    table.add_column("Scope", style="agent", no_wrap=True)
    table.add_column("Items", justify="right", no_wrap=True)
    wide = console.width >= _WIDE
    if wide:
        table.add_column("What it is", no_wrap=True)
    table.add_column("Changed", style="muted", no_wrap=True)
    for scope, counts in counted.items():
        meant = [MEANT[scope]] if wide else []
        table.add_row(scope, f"{counts.count:,}", *meant, when(counts.latest, now) if counts.latest else "")
    return Trimmed(table)


def items(
    listed: Sequence[Item], console: Console, *, scopes: bool = False, now: datetime | None = None
) -> RenderableType:
    """Items in the order given; with `scopes`, each says its own."""
    if console.width < NARROW:
        return Group(*(_in_lines(item, console.width, scopes, now) for item in listed))
    wide = console.width >= _WIDE
    table = new_table(console, expand=console.is_terminal)
    if scopes:
        table.add_column("Scope", style="muted", no_wrap=True)
    table.add_column("Name", style="agent", no_wrap=True)
    table.add_column("Value", ratio=1 if console.is_terminal else None, no_wrap=True, overflow="ellipsis")
    if wide:
        table.add_column("By", style="muted", no_wrap=True, max_width=16)
    table.add_column("Changed", style="muted", no_wrap=True)
    for item in listed:
        scope = [item.scope] if scopes else []
        name = one_line(item.name, max(console.width // 4, 12) if console.is_terminal else _LONGEST_NAME)
        value = one_line(plain(item.value), PREVIEW if console.is_terminal else _PIPED_VALUE)
        by = [label(item.by)] if wide else []
        table.add_row(*scope, name, value, *by, when(item.at, now))
    return Trimmed(table)


def item(shown: Item, console: Console, *, now: datetime | None = None) -> RenderableType:
    """One item: what is known of it, and its whole value."""
    facts = new_table(console, header=False)
    facts.add_column("What", style="muted", no_wrap=True)
    facts.add_column("Value")
    for what, told in _facts(shown, now).items():
        facts.add_row(what, told)
    head = Text.assemble((label(shown.name), "agent"), (f"  {shown.scope}", "muted"))
    value = shown.value if isinstance(shown.value, str) else documents.dumps(shown.value)
    return Trimmed(Group(head, facts, "", Text(printable(value))))


def plain(value: Any) -> str:
    """A value on one line: a text as it is, all else as JSON."""
    return value if isinstance(value, str) else documents.line(value)


def described(shown: Item) -> str:
    """An item in a question."""
    return f"{shown.scope} {one_line(shown.name, 40)!r} ({one_line(plain(shown.value), 30)})"


def _facts(shown: Item, now: datetime | None) -> dict[str, str]:
    version = f", version {shown.version}" if shown.version else ""
    told = {"changed": f"{when(shown.at, now)}{f' by {label(shown.by)}' if shown.by else ''}{version}"}
    if shown.created_at != shown.at:
        told["created"] = when(shown.created_at, now)
    if shown.expires_at:
        told["expires"] = f"{shown.expires_at.astimezone():%d %b %Y %H:%M}"
    if shown.more.get("public"):
        told["public"] = "all of the tenant find it"
    for what in ("role", "context", "source", "session_id"):
        if shown.more.get(what):
            told[what.removesuffix("_id")] = label(str(shown.more[what]))
    if shown.more.get("tags"):
        told["tags"] = names(shown.more["tags"])
    if shown.more.get("metadata"):
        told["metadata"] = one_line(documents.line(shown.more["metadata"]), WIDEST)
    return told


def _in_lines(shown: Item, width: int, scopes: bool, now: datetime | None) -> RenderableType:
    scope = f"{shown.scope} · " if scopes else ""
    name = Text(one_line(shown.name, width), style="agent")
    value = Text(f"  {one_line(plain(shown.value), width - 2)}")
    by = f"{label(shown.by)} · " if shown.by else ""
    return Group(name, value, Text(one_line(f"  {scope}{by}{when(shown.at, now)}", width), style="muted"))
