"""Readable names for people who open the database with any SQL tool. Views hold no data and are made anew at will."""

from sqlalchemy import Connection, text

from storage.schema import selects

VIEWS = {
    "conversation_history": selects.conversation_history,
    "agent_delegations": selects.agent_delegations,
    "agent_stats": selects.agent_stats,
    "stock_watchlist": selects.stock_watchlist,
}


def create_views(conn: Connection) -> None:
    """Makes every view as this version of the program defines it."""
    for name, query in VIEWS.items():
        conn.execute(text(f"DROP VIEW IF EXISTS {name}"))
        body = query().compile(dialect=conn.dialect, compile_kwargs={"literal_binds": True})
        conn.exec_driver_sql(f"CREATE VIEW {name} AS {body}")
