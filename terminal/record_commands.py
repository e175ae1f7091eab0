"""The commands that read the record: sessions, history, state, stats. None of them loads ADK."""

import click
from rich.console import Group

from storage import sessions as stored_sessions
from storage import state as stored_state
from storage import stats as stored_stats
from storage import turns as stored_turns
from storage.database import Database
from storage.scope import SessionKey, User
from terminal import jsonout, tables
from terminal.options import configured, reading, show, where


@click.command()
@where
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="Sessions a page.")
@click.option("--page", default=1, show_default=True, type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def sessions(context: click.Context, db: str | None, user: str | None, limit: int, page: int, as_json: bool) -> None:
    """List the sessions, the last used first."""

    async def work(database: Database, of: User) -> None:
        found = await stored_sessions.listing(database, of, limit=limit, offset=(page - 1) * limit)
        show(jsonout.sessions_json(found), as_json, lambda console: tables.sessions(found, console))

    reading(configured(context, database_url=db, chat_user=user), work)


@click.command()
@where
@click.option("--session", metavar="NAME", default=stored_sessions.LAST, show_default=True)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="Turns a page.")
@click.option("--page", default=1, show_default=True, type=click.IntRange(1))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def history(
    context: click.Context,
    db: str | None,
    user: str | None,
    session: str,
    limit: int,
    page: int,
    as_json: bool,
) -> None:
    """Show the turns of a session, the newest first."""

    async def work(database: Database, of: User) -> None:
        info = await stored_sessions.find(database, of, session)
        key = SessionKey(of.app_name, of.user_id, info.session_id)
        found = await stored_turns.history(database, key, limit=limit, offset=(page - 1) * limit)
        show(jsonout.history_json(found), as_json, lambda console: tables.history(found, console))

    reading(configured(context, database_url=db, chat_user=user), work)


@click.command()
@where
@click.option("--session", metavar="NAME", default=stored_sessions.LAST, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON in the documented five-key shape.")
@click.pass_context
def state(context: click.Context, db: str | None, user: str | None, session: str, as_json: bool) -> None:
    """Show a session's state: who you are, what was said, who was asked, what is known of you."""

    async def work(database: Database, of: User) -> None:
        info = await stored_sessions.find(database, of, session)
        key = SessionKey(of.app_name, of.user_id, info.session_id)
        document = await stored_state.document(database, key, info)
        show(document, as_json, lambda console: tables.state(document, console))

    reading(configured(context, database_url=db, chat_user=user), work)


@click.command()
@where
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def stats(context: click.Context, db: str | None, user: str | None, as_json: bool) -> None:
    """Show how the agents did."""

    async def work(database: Database, of: User) -> None:
        totals = await stored_stats.totals(database, of)
        agents = await stored_stats.agent_stats(database, of)
        show(
            jsonout.stats_json(totals, agents),
            as_json,
            lambda console: Group(tables.totals(totals), tables.agent_stats(agents, console)),
        )

    reading(configured(context, database_url=db, chat_user=user), work)
