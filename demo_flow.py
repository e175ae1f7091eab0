"""The whole flow step by step, on a database of its own: session, state, runner, events, a restart, stats."""

import click

from settings import DATA
from terminal.logfile import log_to
from terminal.options import run, settings_of
from terminal.process import process

USER = "demo"


@click.command()
@click.option("--fast", is_flag=True, help="Without pauses between the steps.")
@click.option(
    "--db",
    default=str(DATA / "demo.db"),
    show_default="data/demo.db",
    help="File to use; an earlier demo in it is deleted, and one with anything else is refused.",
)
@click.option("--after-restart", is_flag=True, hidden=True)
def main(fast: bool, db: str, after_restart: bool) -> None:
    """Show the whole flow step by step: database, session, state, runner, exchanges, restart, stats."""
    log_to(None)
    settings = settings_of({"database_url": db, "chat_user": USER})
    from terminal.demo import Demo  # loads the agents, which need settings that can be

    demo = Demo(settings, __file__, 0.0 if fast else 1.5)
    run(demo.carry_on() if after_restart else demo.run())


if __name__ == "__main__":
    with process():
        main()
