"""The command line: options and commands, parsed and wired."""

import sys

import click

from terminal.logfile import log_to
from terminal.options import configured, run, where
from terminal.record_commands import history, sessions, state, stats


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@where
@click.option("-p", "--prompt", metavar="TEXT", help="Answer TEXT and exit.")
@click.option("--new", is_flag=True, help="Begin a new session.")
@click.option("--session", metavar="NAME", help="Continue the session with this id, beginning of an id, or title.")
@click.option("--model", metavar="NAME", help="gemini-*, provider/name, or offline [env: MODEL].")
@click.option("--json", "as_json", is_flag=True, help="Print what happens as JSON Lines and nothing else.")
@click.option("--debug", is_flag=True, help="Write what the libraries log to the log file.")
@click.pass_context
def cli(
    context: click.Context,
    db: str | None,
    user: str | None,
    prompt: str | None,
    new: bool,
    session: str | None,
    model: str | None,
    as_json: bool,
    debug: bool,
) -> None:
    """A team of agents in your terminal that remembers.

    Without a command: chat, continuing your latest session.

    Exit codes: 0 done, 1 a turn failed, 2 wrong usage, or a database or model that cannot be used.
    """
    context.obj = {"database_url": db, "chat_user": user, "model": model}
    context.obj = {name: value for name, value in context.obj.items() if value is not None}
    settings = configured(context)
    log_to(settings.log_file if debug else None)
    if context.invoked_subcommand is None:
        from terminal.app import talk  # ADK loads only for a conversation

        sys.exit(run(talk(settings, prompt=prompt, session=session, new=new, as_json=as_json)))


for command in (sessions, history, state, stats):
    cli.add_command(command)
