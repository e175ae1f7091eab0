"""The command `stats`: an overview, a report in detail, or plots; of all of a record or a part of it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click
from rich.console import RenderableType

import launch
from record import documents, period, stats_documents
from record.prices import price_table
from storage import files
from storage.database import Database
from storage.queries import sessions
from storage.scope import User
from storage.stats import series
from storage.stats.filter import StatsFilter
from storage.stats.overview import overview
from terminal.options import MANY, configured, reading
from terminal.say import say
from terminal.show import plots as plots_text
from terminal.show import stats_screen
from terminal.show.console import make_console
from terminal.show.stats_reports import REPORTS, StatsQuery
from terminal.where import json_option, where
from told import Told

IN_TERMINAL = "-"
"""Where plots go when no file is named."""
FORMATS = (".png", ".svg", ".html")


@click.command()
@click.argument("what", required=False, type=click.Choice(list(REPORTS)), metavar=f"[{'|'.join(REPORTS)}]")
@where
@click.option("--since", metavar="TIME", help=f"Only what began since then: {period.FORMS}.")
@click.option("--until", metavar="TIME", help="Only what began before then; a date is until its end.")
@click.option("--session", metavar="NAME", help="Only one session: its id, the beginning of one, title, or `last`.")
@click.option("--agent", metavar="NAME", help="Only one agent.")
@click.option("--limit", default=20, show_default=True, type=MANY, help="Rows a page of days, sessions.")
@click.option("--page", default=1, show_default=True, type=MANY)
@json_option()
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option(
    "--plot",
    metavar="[FILE]",
    is_flag=False,
    flag_value=IN_TERMINAL,
    help="Draw turns a day, seconds and tokens: to FILE.png, .svg or .html (needs matplotlib), or as text.",
)
@click.option("--force", is_flag=True, help="Replace the FILE of --plot; of a link, the link itself.")
@click.pass_context
def stats(
    context: click.Context,
    what: str | None,
    db: str | None,
    user: str | None,
    since: str | None,
    until: str | None,
    session: str | None,
    agent: str | None,
    limit: int,
    page: int,
    as_json: bool,
    as_csv: bool,
    plot: str | None,
    force: bool,
) -> None:
    """Show what was done and how the agents did: an overview, or one report in detail.

    Times are of your time zone. Turns that were undone count, and so do the turns that a fork took along.
    """
    if as_json and as_csv:
        raise click.UsageError("--json and --csv cannot be used together")
    if plot and (as_json or as_csv or what):
        raise click.UsageError("--plot draws its own figures; use it without a report, --json and --csv")
    if plot and plot != IN_TERMINAL and Path(plot).suffix.lower() not in FORMATS:
        raise click.UsageError(f"--plot writes {', '.join(FORMATS)}, not {plot!r}")
    now = datetime.now().astimezone()
    first, after = _moment(since, "--since", now, period.since), _moment(until, "--until", now, period.until)
    if first and after and first >= after:
        raise click.UsageError("--since is not before --until")

    async def work(database: Database, of: User) -> None:
        session_id = (await sessions.find(database, of, session)).session_id if session is not None else None
        within = StatsFilter(first, after, session_id, agent)
        asked = StatsQuery(database, of, within, now, None, price_table(), limit, (page - 1) * limit)
        if plot:
            await _plot(asked, plot, force)
        elif what:
            await _report(asked, what, as_json, as_csv)
        else:
            await _overview(asked, as_json, as_csv)

    reading(configured(context, database_url=db, chat_user=user), work)


async def _overview(asked: StatsQuery, as_json: bool, as_csv: bool) -> None:
    shown = await overview(asked.database, asked.user, asked.within, now=asked.now, zone=asked.zone)
    document = stats_documents.overview_document(shown, asked.prices)
    if as_json:
        say(documents.dumps(document))
    elif as_csv:
        say(stats_documents.figures_csv(document), nl=False)
    else:
        console = make_console()
        _print(stats_screen.overview(shown, console, asked.prices, asked.now))


async def _report(asked: StatsQuery, what: str, as_json: bool, as_csv: bool) -> None:
    report = REPORTS[what]
    rows = await report.rows(asked)
    if as_json:
        say(documents.dumps(rows))
    elif as_csv:
        say(stats_documents.rows_csv(rows), nl=False)
    else:
        _print(report.render(rows, make_console(), asked.now))


async def _plot(asked: StatsQuery, target: str, force: bool) -> None:
    drawn = await series.series(asked.database, asked.user, asked.within, zone=asked.zone)
    if target == IN_TERMINAL:
        _print(plots_text.plots(drawn, make_console()))
        return
    try:
        from record import plots  # matplotlib takes long to load, and is not needed for anything else
    except ModuleNotFoundError as error:
        if error.name != "matplotlib":
            raise
        hint = f"Install it ({launch.pip_install('matplotlib')}), or use --plot without a file."
        raise Told("drawing to a file needs matplotlib", hint) from error
    file = files.at_home(Path(target))
    if asked.database.file:
        files.keep_apart(asked.database.file, file)
    plots.draw(drawn, file, asked.user.user_id, asked.now, over=force)
    say(f"Drawn to {file}.")


def _print(shown: RenderableType) -> None:
    make_console().print(shown)


def _moment(
    typed: str | None, option: str, now: datetime, read: Callable[[str, datetime], datetime]
) -> datetime | None:
    try:
        return read(typed, now) if typed else None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint=option) from error
