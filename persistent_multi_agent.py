"""The command line: a team of agents in your terminal that remembers. See `--help`, and `terminal/cli.py`.

It is where the command line and the demo are joined; nothing else imports both.
"""

from typing import TYPE_CHECKING

import launch

if TYPE_CHECKING:
    from terminal.program import Program

COMMANDS = {"demo": "demo_flow:main"}
"""Name -> where the command is: what stands above the terminal."""


def program() -> "Program":
    """The command line with every command."""
    from terminal.cli import cli

    return cli.joined(COMMANDS)


def main() -> None:
    """Runs the command line; this is the console script `pma`."""
    launch.with_packages()
    from terminal.process import process
    from terminal.where import COMPLETE

    with process():
        program()(prog_name=launch.command(), complete_var=COMPLETE)


if __name__ == "__main__":
    main()
