"""The command line: options and commands, parsed and wired.

Commands are imported when they are used, and so is what a chat needs: its prompt is to be there at once.
"""

import sys
from typing import Any

import click
from click.shell_completion import CompletionItem

import launch
from terminal.program import Program
from terminal.where import WrongUsage, json_option, where

COMMANDS = {
    "completion": "terminal.commands.completion:completion",
    "history": "terminal.commands.record:history",
    "memory": "terminal.commands.memory:memory",
    "sessions": "terminal.commands.sessions:sessions",
    "sql": "terminal.commands.sql:sql",
    "state": "terminal.commands.record:state",
    "stats": "terminal.commands.stats:stats",
}
"""Name -> where the command is."""


@click.group(
    cls=Program,
    lazy=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@where
@click.option("-p", "--prompt", metavar="TEXT", help="Answer TEXT and exit; what is piped in is its material.")
@click.option(
    "--stdin/--no-stdin",
    default=None,
    help="Read standard input for -p whatever it is, or never; else when it is a pipe or file for this program alone.",
)
@click.option("--new", is_flag=True, help="Begin a new session.")
@click.option(
    "--session",
    metavar="NAME",
    help="Continue the session with this id, beginning of an id, or title, or `last`.",
    shell_complete=lambda context, _parameter, typed: _sessions(context, typed),
)
@click.option("--model", metavar="NAME", help="Which model answers; docs/models.md lists them [env: MODEL].")
@json_option("Print what happens as JSON Lines and nothing else; before a command: print JSON.")
@click.option("--explain", metavar="TEXT", help="Show how the offline model understands TEXT, and do nothing.")
@click.option("--debug", is_flag=True, help="Write what the libraries log to the log file.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda context, _parameter, asked: _version(context, asked),
    help="Show the version and exit.",
)
@click.pass_context
def cli(
    context: click.Context,
    db: str | None,
    user: str | None,
    prompt: str | None,
    stdin: bool | None,
    new: bool,
    session: str | None,
    model: str | None,
    as_json: bool,
    explain: str | None,
    debug: bool,
) -> None:
    """A team of agents in your terminal that remembers.

    Without a command: chat, continuing your latest session.

    Exit codes: 0 done, 1 a turn failed, 2 wrong usage, or a database or model that cannot be used, 70 a
    fault of this program.
    """
    from terminal.logfile import log_to  # what only some uses need is loaded when it is needed

    log_to(None)
    _check(context.invoked_subcommand, prompt, stdin=stdin, new=new, session=session, explain=explain)
    given = {"database_url": db, "chat_user": user, "model": model}
    context.obj = {name: value for name, value in given.items() if value is not None}
    if explain is not None:
        _explain(context.obj, explain, as_json)
        return
    if context.invoked_subcommand is None:
        from terminal.app import Asked, main

        asked = Asked(prompt, stdin, session, new, as_json, debug)
        sys.exit(main(context.obj, asked))
    elif debug:
        from terminal.options import configured

        log_to(configured(context).log_file)


def _version(context: click.Context, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        from terminal.say import say

        say(f"{launch.NAME} {launch.version()}")
        context.exit()


def _check(
    command: str | None, prompt: str | None, *, stdin: bool | None, new: bool, session: str | None, explain: str | None
) -> None:
    """What is given must have a meaning together.

    Raises:
        WrongUsage: It has none.
    """
    alone = {"-p": prompt, "--explain": explain, "--new": new or None, "--session": session, "--stdin": stdin}
    misplaced = [name for name, given in alone.items() if given is not None]
    if command and misplaced:
        raise WrongUsage(f"{misplaced[0]} is for talking; the command {command!r} has its own options after its name.")
    if explain is not None and len(misplaced) > 1:
        raise WrongUsage("--explain does nothing but explain; give it alone.")
    if new and session is not None:
        raise WrongUsage("--new begins a session and --session goes on in one; give one of them.")
    if prompt is not None and not prompt.replace("\ufeff", "").strip():
        raise WrongUsage("-p needs a message, and this one is empty.")
    if stdin is not None and prompt is None:
        raise WrongUsage("--stdin and --no-stdin say what -p does with standard input; there is no -p.")


def _explain(given: dict[str, Any], text: str, as_json: bool) -> None:
    from conversation.explain import explain  # loads the agents
    from record import documents
    from terminal.options import settings_of
    from terminal.say import say

    explanation = explain(text, settings_of(given))
    say(documents.line({"text": text, "explanation": explanation}) if as_json else explanation)


def _sessions(context: click.Context, typed: str) -> list[CompletionItem[str]]:
    from terminal.commands.values import session_names  # reads the record: not needed to run anything

    return session_names(context, typed)
