"""The command line: a team of agents in your terminal that remembers. See `--help`, and `terminal/cli.py`."""

from terminal.cli import cli

if __name__ == "__main__":
    cli(prog_name="persistent_multi_agent.py")
