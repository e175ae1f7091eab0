"""`memory ...` on the command line: what it does is in `record.memory`, as for the slash command."""

import sys
from collections.abc import Callable
from typing import Any, TypeVar, get_args

import click
from rich.console import Console, Group, RenderableType
from rich.text import Text

from record import documents
from record.memory import PersonalMemory
from record.memory_items import SCOPES, Item, ScopeName
from record.memory_values import editable, edited, typed
from settings import Settings
from storage.database import Database
from storage.scope import User
from terminal.options import MANY, configured, reading, show
from terminal.say import say
from terminal.show import memory as memory_tables
from terminal.show.console import make_console
from terminal.streams import is_yes
from terminal.where import call, json_option, print_error, where

Command = TypeVar("Command", bound=Callable[..., Any])
_MOST_FOUND = 50


def _scope(command: Command) -> Command:
    names = click.Choice(get_args(ScopeName))
    return click.option("--scope", type=names, metavar="SCOPE", help=f"Which memory: {', '.join(SCOPES)}.")(command)


def _paged(command: Command) -> Command:
    command = click.option("--page", default=1, show_default=True, type=MANY)(command)
    return click.option("--limit", default=20, show_default=True, type=MANY, help="How many a page.")(command)


@click.group(invoke_without_command=True)
@_scope
@where
@_paged
@json_option()
@click.pass_context
def memory(
    context: click.Context,
    scope: ScopeName | None,
    db: str | None,
    user: str | None,
    limit: int,
    page: int,
    as_json: bool,
) -> None:
    """Show what agents share and remember: how much there is, or what is in one scope.

    NAME is KEY where all share it, PLAN/KEY, AGENT/KEY, AGENT for an agent's state, and else the id that a list shows.
    """
    given = {"database_url": db, "chat_user": user}
    context.obj = {**(context.obj or {}), **{name: value for name, value in given.items() if value is not None}}
    if context.invoked_subcommand is None:
        _list(configured(context), scope, limit, page, as_json)


@memory.command("list")
@_scope
@where
@_paged
@json_option()
@click.pass_context
def list_(
    context: click.Context,
    scope: ScopeName | None,
    db: str | None,
    user: str | None,
    limit: int,
    page: int,
    as_json: bool,
) -> None:
    """List what is in a scope: values by name, what was said, known and learnt newest first."""
    _list(configured(context, database_url=db, chat_user=user), _which(context, scope), limit, page, as_json)


@memory.command("show")
@click.argument("name")
@_scope
@where
@json_option()
@click.pass_context
def show_(
    context: click.Context, name: str, scope: ScopeName | None, db: str | None, user: str | None, as_json: bool
) -> None:
    """Show all of one thing that is remembered."""
    settings = configured(context, database_url=db, chat_user=user)
    _tell(_find(settings, name, _which(context, scope)), as_json)


@memory.command()
@click.argument("words", nargs=-1, required=True)
@_scope
@where
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, _MOST_FOUND), help="How many at most.")
@json_option()
@click.pass_context
def search(
    context: click.Context,
    words: tuple[str, ...],
    scope: ScopeName | None,
    db: str | None,
    user: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Find what has the words, in one scope or in all; what was said, known and learnt by its meaning too."""
    settings, within = configured(context, database_url=db, chat_user=user), _which(context, scope)

    async def work(remembered: PersonalMemory) -> None:
        found = await remembered.search(" ".join(words), within, limit)
        none = Text("Nothing was found.", style="muted")
        show(
            documents.memories_json(found),
            as_json,
            lambda console: memory_tables.items(found, console, scopes=not within) if found else none,
        )

    _with(settings, work)


@memory.command("set")
@click.argument("name")
@click.argument("value")
@_scope
@where
@json_option()
@click.pass_context
def set_(
    context: click.Context,
    name: str,
    value: str,
    scope: ScopeName | None,
    db: str | None,
    user: str | None,
    as_json: bool,
) -> None:
    """Keep VALUE, which is JSON or else a text, under NAME: make it, or replace what is there."""
    settings, within = configured(context, database_url=db, chat_user=user), _which(context, scope)
    if within is None:
        raise click.UsageError(f"--scope says where: {', '.join(SCOPES)}")
    _tell(_with(settings, lambda remembered: remembered.put(within, name, typed(within, value))), as_json)


@memory.command()
@click.argument("name")
@_scope
@where
@json_option()
@click.pass_context
def edit(
    context: click.Context, name: str, scope: ScopeName | None, db: str | None, user: str | None, as_json: bool
) -> None:
    """Change what is remembered in $EDITOR. Nothing is written when it was changed meanwhile."""
    settings = configured(context, database_url=db, chat_user=user)
    item = _find(settings, name, _which(context, scope))
    text, extension = editable(item)
    written = click.edit(text, extension=extension)
    if written is not None:
        value = edited(item, written)
        item = _with(settings, lambda remembered: remembered.edit(item, value))
    else:
        say("Nothing was changed.", err=True)
    _tell(item, as_json)


@memory.command()
@click.argument("name")
@_scope
@where
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option("Print what was forgotten as JSON.")
@click.pass_context
def forget(
    context: click.Context,
    name: str,
    scope: ScopeName | None,
    db: str | None,
    user: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Delete what is remembered, with its history. It asks before."""
    settings = configured(context, database_url=db, chat_user=user)
    item = _find(settings, name, _which(context, scope))
    PersonalMemory.check_own(item)
    if not yes:
        _ask(item)
    _with(settings, lambda remembered: remembered.forget(item))
    say(documents.dumps(documents.memory_json(item)) if as_json else f"Forgot {memory_tables.described(item)}.")


def _which(context: click.Context, scope: ScopeName | None) -> ScopeName | None:
    """The scope given here, or at the command before."""
    before = context.parent.params.get("scope") if context.parent else None
    return scope or before


def _with(settings: Settings, work: Callable[[PersonalMemory], Any]) -> Any:
    async def opened(database: Database, user: User) -> Any:
        return await work(PersonalMemory.of(database, user, settings))

    return reading(settings, opened)


def _find(settings: Settings, name: str, scope: ScopeName | None) -> Item:
    found: Item = _with(settings, lambda remembered: remembered.find(name, scope))
    return found


def _list(settings: Settings, scope: ScopeName | None, limit: int, page: int, as_json: bool) -> None:
    async def work(remembered: PersonalMemory) -> None:
        if scope is None:
            counted = await remembered.overview()
            full = next((each for each, counts in counted.items() if counts.count), "shared")
            hint = Text(f"{call()} memory list --scope {full} shows what is there.", style="hint")
            document = documents.memory_counts_json(counted)
            show(document, as_json, lambda console: Group(memory_tables.overview(counted, console), hint))
            return
        found = await remembered.page(scope, page, limit)
        note = [Text(f"Page {page} of {found.pages}.", style="hint")] if found.pages > 1 else []

        def shown(console: Console) -> RenderableType:
            return Group(memory_tables.items(found.items, console), *note) if found.items else _nothing(scope)

        show(documents.memories_json(found.items), as_json, shown)

    _with(settings, work)


def _nothing(scope: ScopeName) -> RenderableType:
    """That a scope is empty, and what fills it."""
    if scope in ("episodic", "procedural"):
        return Text(f"Nothing is in {scope} memory: agents write it.", style="muted")
    name = {"working": "PLAN/KEY", "agent": "AGENT/KEY"}.get(scope, "KEY")
    return Text(
        f"Nothing is in {scope} memory. This keeps something:\n{call()} memory set --scope {scope} {name} VALUE"
    )


def _ask(item: Item) -> None:
    """Asks whether it is to be forgotten; anything but yes ends the program."""
    make_console(sys.stderr).print(memory_tables.item(item, make_console(sys.stderr)))
    say("Forget it? It cannot be brought back [y/N]: ", err=True, nl=False)
    try:
        sure = is_yes(sys.stdin)
    except (KeyboardInterrupt, OSError):  # nobody answers
        sure = False
    if not sure:
        print_error("nothing was forgotten", "--yes answers the question.")
        sys.exit(1)


def _tell(item: Item, as_json: bool) -> None:
    show(documents.memory_json(item), as_json, lambda console: memory_tables.item(item, console))
