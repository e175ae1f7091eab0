"""The command line: options and commands, parsed and wired.

Commands are imported when they are used, and so is what a chat needs: its prompt is to be there at once.
"""

import sys

import click
from click.shell_completion import CompletionItem

from terminal.where import LazyGroup, where

COMMANDS = {
    "completion": "terminal.shell_completion:completion",
    "history": "terminal.record_commands:history",
    "sessions": "terminal.session_commands:sessions",
    "sql": "terminal.sql_command:sql",
    "state": "terminal.record_commands:state",
    "stats": "terminal.stats_command:stats",
}
"""Name -> where the command is."""


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@where
@click.option("-p", "--prompt", metavar="TEXT", help="Answer TEXT and exit; what is piped in is its material.")
@click.option("--new", is_flag=True, help="Begin a new session.")
@click.option(
    "--session",
    metavar="NAME",
    help="Continue the session with this id, beginning of an id, or title, or `last`.",
    shell_complete=lambda context, _parameter, typed: _sessions(context, typed),
)
@click.option("--model", metavar="NAME", help="gemini-*, provider/name, or offline [env: MODEL].")
@click.option("--json", "as_json", is_flag=True, help="Print what happens as JSON Lines and nothing else.")
@click.option(
    "--explain",
    metavar="TEXT",
    is_eager=True,
    expose_value=False,
    callback=lambda context, _parameter, text: _explain(context, text),
    help="Show how the offline model understands TEXT, and do nothing.",
)
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

    Exit codes: 0 done, 1 a turn failed, 2 wrong usage, or a database or model that cannot be used, 70 a
    fault of this program.
    """
    given = {"database_url": db, "chat_user": user, "model": model}
    context.obj = {name: value for name, value in given.items() if value is not None}
    from terminal.logfile import log_to  # what only some uses need is loaded when it is needed

    log_to(None)
    if context.invoked_subcommand is None:
        from terminal.app import main

        sys.exit(main(context.obj, prompt=prompt, session=session, new=new, as_json=as_json, debug=debug))
    elif debug:
        from terminal.options import configured

        log_to(configured(context).log_file)


def _explain(context: click.Context, text: str | None) -> None:
    if text is None or context.resilient_parsing:
        return
    from conversation.understanding import explain  # loads the agents
    from terminal.console import say

    say(explain(text))
    context.exit()


def _sessions(context: click.Context, typed: str) -> list[CompletionItem[str]]:
    from terminal.shell_values import session_names  # reads the record: not needed to run anything

    return session_names(context, typed)
