"""The commands that read the record: sessions, history, state. None of them loads ADK."""

import click

from record import documents
from storage.database import Database
from storage.queries import session_document as stored_state
from storage.queries import sessions as stored_sessions
from storage.queries import trace as stored_trace
from storage.queries import turns as stored_turns
from storage.scope import SessionKey, User
from terminal.commands.values import session_names
from terminal.options import MANY, configured, reading, show, where
from terminal.show import tables
from terminal.show import trace as turn_trace
from terminal.where import json_option


@click.command()
@where
@click.option(
    "--session",
    metavar="NAME",
    default=stored_sessions.LAST,
    show_default=True,
    shell_complete=lambda context, _parameter, typed: session_names(context, typed),
)
@click.option("--limit", default=20, show_default=True, type=MANY, help="Turns a page.")
@click.option("--page", default=1, show_default=True, type=MANY)
@click.option("--turn", metavar="N", type=MANY, help="Only turn N of the session.")
@click.option("--trace", is_flag=True, help="Show all that was done in a turn as a tree; the last one without --turn.")
@json_option()
@click.pass_context
def history(
    context: click.Context,
    db: str | None,
    user: str | None,
    session: str,
    limit: int,
    page: int,
    turn: int | None,
    trace: bool,
    as_json: bool,
) -> None:
    """Show the turns of a session, the newest first, or one turn in detail."""

    async def work(database: Database, of: User) -> None:
        info = await stored_sessions.find(database, of, session)
        key = SessionKey.of(of, info.session_id)
        if trace:
            story = await stored_trace.trace(database, key, turn)
            show(turn_trace.trace_json(story), as_json, lambda console: turn_trace.trace(story, console))
            return
        if turn is not None:
            found = [await stored_trace.numbered(database, key, turn)]
        else:
            found = await stored_turns.history(database, key, limit=limit, offset=(page - 1) * limit)
        show(documents.history_json(found), as_json, lambda console: tables.history(found, console))

    reading(configured(context, database_url=db, chat_user=user), work)


@click.command()
@where
@click.option(
    "--session",
    metavar="NAME",
    default=stored_sessions.LAST,
    show_default=True,
    shell_complete=lambda context, _parameter, typed: session_names(context, typed),
)
@json_option("Print JSON in the documented five-key shape.")
@click.pass_context
def state(context: click.Context, db: str | None, user: str | None, session: str, as_json: bool) -> None:
    """Show a session's state: who you are, what was said, who was asked, what is known of you."""

    async def work(database: Database, of: User) -> None:
        info = await stored_sessions.find(database, of, session)
        key = SessionKey.of(of, info.session_id)
        document = await stored_state.document(database, key, info)
        show(document, as_json, lambda console: tables.state(document, console))

    reading(configured(context, database_url=db, chat_user=user), work)
