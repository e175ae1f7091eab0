"""The whole flow step by step, on a database of its own: session, state, runner, events, a restart, stats."""

if __name__ == "__main__":
    import launch

    launch.with_packages("demo")

import sys

import click

from settings import user_data
from terminal.logfile import log_to
from terminal.options import configured, run
from terminal.process import process

USER = "demo"
FILE = "demo.db"


@click.command()
@click.option("--fast", is_flag=True, help="Without pauses between the steps.")
@click.option(
    "--db",
    default=lambda: str(user_data() / FILE),
    show_default=f"{FILE} beside your own record",
    help="File to use; an earlier demo in it is deleted, and one with anything else is refused.",
)
@click.option("--model", help="Which model answers; docs/models.md lists them [env: MODEL].", metavar="NAME")
@click.option("--after-restart", is_flag=True, hidden=True)
@click.pass_context
def main(context: click.Context, fast: bool, db: str, model: str | None, after_restart: bool) -> None:
    """Show the whole flow step by step: database, session, state, runner, exchanges, restart, stats."""
    log_to(None)
    before = context.obj or {}  # as in `pma --db FILE demo`
    if context.get_parameter_source("db") is click.core.ParameterSource.DEFAULT:
        db = before.get("database_url", db)
    settings = configured(context, database_url=db, chat_user=USER, model=model)
    from terminal.demo import Demo  # loads the agents, which need settings that can be

    again = [sys.executable, __file__, "--db", settings.database_url, "--after-restart", "--model", settings.model_name]
    demo = Demo(settings, again, 0.0 if fast else 1.5)
    run(demo.carry_on() if after_restart else demo.run())


if __name__ == "__main__":
    with process():
        main()
