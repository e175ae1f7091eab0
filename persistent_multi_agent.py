"""The command line: a team of agents in your terminal that remembers. See `--help`, and `terminal/cli.py`."""

from terminal.cli import cli
from terminal.process import process

if __name__ == "__main__":
    with process():
        cli(prog_name="persistent_multi_agent.py")
