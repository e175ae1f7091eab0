"""`sessions ...` on the command line: what it does is in `record.sessions`, as for the slash commands."""

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console, Group, RenderableType
from rich.text import Text

from record import documents, period
from record import sessions as session_actions
from record.sessions import FORMATS, Format
from record.wording import label, plural, word
from storage import files
from storage.database import Database
from storage.queries import sessions as stored
from storage.queries.sessions import LAST, SessionInfo
from storage.scope import User
from terminal.commands.values import session_names
from terminal.options import MANY, configured, reading, run, show
from terminal.say import say
from terminal.show import sessions as session_tables
from terminal.show.console import make_console
from terminal.streams import is_yes
from terminal.where import call, json_option, print_error, where

Command = TypeVar("Command", bound=Callable[..., Any])


def _resume(info: SessionInfo) -> str:
    return f"{call()} --session {word(info.short_id)} goes on there."


def _name(command: Command) -> Command:
    """The session a command is about; `last` when it is left out."""
    return click.argument(
        "name", default=LAST, shell_complete=lambda context, _parameter, typed: session_names(context, typed)
    )(command)


def _paged(command: Command) -> Command:
    command = click.option("--page", default=1, show_default=True, type=MANY)(command)
    return click.option("--limit", default=20, show_default=True, type=MANY, help="How many a page.")(command)


def _sure(command: Command) -> Command:
    return click.option("--yes", is_flag=True, help="Do not ask.")(command)


@click.group(invoke_without_command=True)
@where
@_paged
@json_option()
@click.pass_context
def sessions(context: click.Context, db: str | None, user: str | None, limit: int, page: int, as_json: bool) -> None:
    """List the sessions, the last used first, or do something with one.

    NAME is a session's id, the beginning of one, its title, or `last`.
    """
    given = {"database_url": db, "chat_user": user}
    context.obj = {**(context.obj or {}), **{name: value for name, value in given.items() if value is not None}}
    if context.invoked_subcommand:
        return

    async def work(database: Database, of: User) -> None:
        found = await session_actions.page(database, of, page, size=limit)
        note = Text(f"Page {page} of {found.pages}.", style="hint") if found.pages > 1 else ""
        show(
            documents.sessions_json(found.listed),
            as_json,
            lambda console: _noted(session_tables.sessions(found.listed, console), note, console),
        )

    reading(configured(context), work)


@sessions.command()
@click.argument("words", nargs=-1, required=True)
@where
@click.option("--session", metavar="NAME", help="Only in this session.")
@_paged
@json_option()
@click.pass_context
def search(
    context: click.Context,
    words: tuple[str, ...],
    db: str | None,
    user: str | None,
    session: str | None,
    limit: int,
    page: int,
    as_json: bool,
) -> None:
    """Find the turns in which all of WORDS were typed or answered, the best match first."""

    async def work(database: Database, of: User) -> None:
        found = await session_actions.find_words(
            database, of, " ".join(words), limit=limit, offset=(page - 1) * limit, session=session
        )
        note = Text(_resume(found[0].session), style="hint") if found else ""
        show(
            documents.found_json(found),
            as_json,
            lambda console: _noted(session_tables.found(found, console), note, console),
        )

    reading(configured(context, database_url=db, chat_user=user), work)


@sessions.command()
@_name
@click.argument("title", nargs=-1, required=True)
@where
@json_option()
@click.pass_context
def rename(
    context: click.Context, name: str, title: tuple[str, ...], db: str | None, user: str | None, as_json: bool
) -> None:
    """Give a session another title."""

    async def work(database: Database, of: User) -> None:
        info = await session_actions.rename(database, of, name, " ".join(title))
        _tell(info, f"It is called {label(info.title)!r} now.", as_json)

    reading(configured(context, database_url=db, chat_user=user), work)


@sessions.command()
@click.argument(
    "names", nargs=-1, required=True, shell_complete=lambda context, _parameter, typed: session_names(context, typed)
)
@where
@_sure
@json_option("Print the deleted sessions as JSON.")
@click.pass_context
def delete(
    context: click.Context, names: tuple[str, ...], db: str | None, user: str | None, yes: bool, as_json: bool
) -> None:
    """Delete sessions with all that was said in them. It asks before."""
    settings = configured(context, database_url=db, chat_user=user)

    async def named(database: Database, of: User) -> list[SessionInfo]:
        found = [await stored.find(database, of, name) for name in names]
        return list({info.session_id: info for info in found}.values())

    _delete(settings, reading(settings, named), yes, as_json)


@sessions.command()
@_name
@where
@click.option("--at", metavar="TURN", type=MANY, help="The last turn to take over; all when left out.")
@json_option()
@click.pass_context
def fork(context: click.Context, name: str, db: str | None, user: str | None, at: int | None, as_json: bool) -> None:
    """Make a new session with the history of another one."""

    async def work(database: Database, of: User) -> None:
        info = await session_actions.fork(database, of, name, at)
        origin = session_tables.origin(info)
        _tell(info, f"{label(info.title)}: {origin}\n{_resume(info)}", as_json)

    reading(configured(context, database_url=db, chat_user=user), work)


@sessions.command()
@_name
@where
@click.option("--turns", default=1, show_default=True, type=MANY, help="How many to undo.")
@json_option("Print what was undone as JSON.")
@click.pass_context
def undo(context: click.Context, name: str, db: str | None, user: str | None, turns: int, as_json: bool) -> None:
    """Take the last turns of a session back: models do not see them any more."""
    from terminal.show.undone import (  # loads ADK, which the other commands do not need
        undo_in,
        undone_json,
        undone_lines,
    )

    settings = configured(context, database_url=db, chat_user=user)
    info = reading(settings, lambda database, of: stored.find(database, of, name))
    undone = run(undo_in(settings, info.session_id, turns))
    show(undone_json(undone), as_json, lambda _console: Group(*undone_lines(undone)))


@sessions.command()
@_name
@where
@json_option("Print what happens as JSON Lines and nothing else.")
@click.pass_context
def retry(context: click.Context, name: str, db: str | None, user: str | None, as_json: bool) -> None:
    """Send the last message of a session again, in place of its turn."""
    from terminal.chat.lines import retry_in_lines  # loads ADK, which the other commands do not need

    settings = configured(context, database_url=db, chat_user=user)
    info = reading(settings, lambda database, of: stored.find(database, of, name))
    if not info.turns:
        raise click.ClickException("There is nothing to send again in this session.")
    sys.exit(retry_in_lines(settings, session=info.session_id, as_json=as_json))


@sessions.command()
@_name
@where
@click.option("--format", "form", type=click.Choice(FORMATS), help="Else by the end of FILE, else md.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path), help="Else, or -, standard output.")
@click.option("--force", is_flag=True, help="Replace FILE; of a link, the link itself.")
@json_option("The same as --format json.")
@click.pass_context
def export(
    context: click.Context,
    name: str,
    db: str | None,
    user: str | None,
    form: Format | None,
    output: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Write a session as Markdown, as HTML, or as JSON, which has all of it and can be imported."""
    output = output and files.at_home(output)
    named = [each for each in FORMATS if output and output.suffix == f".{each}"]
    if as_json and (form or "json") != "json":
        raise click.UsageError(f"--json and --format {form} cannot be used together")
    chosen: Format = "json" if as_json else form or (named[0] if named else "md")

    async def work(database: Database, of: User) -> None:
        if output is not None and database.file:
            files.keep_apart(database.file, output)
        text = await session_actions.export(database, of, name, chosen)
        if output is None or str(output) == "-":
            say(text, nl=False)
        else:
            session_actions.write(text, output, over=force)
            say(f"Written to {output}.", err=True)

    reading(configured(context, database_url=db, chat_user=user), work)


@sessions.command("import")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@where
@click.option("--from-adk", is_flag=True, help="FILE is a database of a session service of ADK's: read in all of it.")
@json_option()
@click.pass_context
def import_(
    context: click.Context, file: Path, db: str | None, user: str | None, from_adk: bool, as_json: bool
) -> None:
    """Read in a session that `export --format json` wrote; - is standard input.

    Of a database of ADK's, the sessions under your name are read in, or all when they are under one name.
    """
    from terminal.commands.importing import (  # loads ADK, which the other commands do not need
        document,
        import_from_adk,
        import_into,
    )

    settings = configured(context, database_url=db, chat_user=user)
    if from_adk:
        found, known = run(import_from_adk(settings, file))
        there = f"; {plural(known, 'session')} {'was' if known == 1 else 'were'} there already" if known else ""
        told = f"Read in {plural(len(found), 'session')}{there}."
        say(documents.dumps(documents.sessions_json(found)) if as_json else told)
        return
    info = run(import_into(settings, document(settings, file)))
    _tell(info, f"{label(info.title)}: {plural(info.turns, 'turn')}.\n{_resume(info)}", as_json)


@sessions.command()
@where
@click.option("--older-than", metavar="AGE", default="90d", show_default=True, help=f"Not used since: {period.FORMS}.")
@click.option(
    "--keep", default=20, show_default=True, type=click.IntRange(0, MANY.max), help="Keep the last used so many."
)
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
@_sure
@json_option()
@click.pass_context
def prune(
    context: click.Context,
    db: str | None,
    user: str | None,
    older_than: str,
    keep: int,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Delete sessions that were not used for long. It never runs by itself, and asks before."""
    settings = configured(context, database_url=db, chat_user=user)
    try:
        before = period.since(older_than, datetime.now().astimezone())
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="--older-than") from error
    found = reading(settings, lambda database, of: session_actions.prunable(database, of, before, keep))
    if dry_run:
        show(documents.sessions_json(found), as_json, lambda console: session_tables.sessions(found, console))
    else:
        _delete(settings, found, yes, as_json)


@sessions.command()
@click.argument("file", type=click.Path(path_type=Path))
@where
@json_option()
@click.pass_context
def backup(context: click.Context, file: Path, db: str | None, user: str | None, as_json: bool) -> None:
    """Copy the whole database to FILE, while it is in use."""
    copy = files.at_home(file)

    async def work(database: Database, _of: User) -> None:
        size = await session_actions.backup(database, copy)
        told = f"{copy}: {plural(size, 'byte')}. It is used with --db {word(str(copy))}."
        say(documents.dumps({"file": str(copy), "bytes": size}) if as_json else told)

    reading(configured(context, database_url=db, chat_user=user), work)


def _delete(settings: Any, listed: Sequence[SessionInfo], yes: bool, as_json: bool) -> None:
    if listed and not yes:
        _ask(listed)
    if listed:
        reading(settings, lambda database, of: session_actions.delete(database, of, listed))
    deleted = f"Deleted {plural(len(listed), 'session')}." if listed else "There is nothing to delete."
    say(documents.dumps(documents.sessions_json(listed)) if as_json else deleted)


def _ask(listed: Sequence[SessionInfo]) -> None:
    """Asks whether they are to be deleted; anything but yes ends the program."""
    console = make_console(sys.stderr)
    console.print(session_tables.sessions(listed, console))
    say(f"Delete {plural(len(listed), 'session')}? They cannot be brought back [y/N]: ", err=True, nl=False)
    try:
        sure = is_yes(sys.stdin)
    except (KeyboardInterrupt, OSError):  # nobody answers
        sure = False
    if not sure:
        print_error("nothing was deleted", "--yes answers the question.")
        sys.exit(1)


def _tell(info: SessionInfo, text: str, as_json: bool) -> None:
    say(documents.dumps(documents.session_json(info)) if as_json else text)


def _noted(table: RenderableType, note: RenderableType, _console: Console) -> RenderableType:
    return Group(table, note) if note else table
