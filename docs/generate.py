"""Writes the parts of the documentation that come from the code; a test compares them. Run it with `make docs`.

A generated part stands in a page between `<!-- generated: NAME -->` and `<!-- end -->`.
"""

import re
from collections.abc import Callable
from pathlib import Path

import click

from storage.documentation import schema_markdown
from terminal.cli import cli

PROGRAM = "persistent_multi_agent.py"
_PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def help_markdown() -> str:
    """The `--help` of the program and of each of its commands."""
    pages = [_help(cli, PROGRAM, None)]
    with click.Context(cli, info_name=PROGRAM) as parent:
        pages += [_help(command, name, parent) for name, command in sorted(cli.commands.items())]
    return "\n".join(pages)


def _help(command: click.Command, name: str, parent: click.Context | None) -> str:
    context = click.Context(command, info_name=name, parent=parent, terminal_width=100, max_content_width=100)
    return f"```\n{command.get_help(context)}\n```\n"


PARTS: dict[str, Callable[[], str]] = {"help": help_markdown, "schema": schema_markdown}


def generated(page: str) -> str:
    """The page with its generated parts as the code has them now."""
    return _PART.sub(lambda found: f"{found[1]}{PARTS[found[2]]()}{found[3]}", page)


def main() -> None:
    for path in sorted(Path(__file__).parent.glob("*.md")):
        path.write_text(generated(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
