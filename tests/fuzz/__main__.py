"""Feeds odd lines to the program, and tells what it did wrong: `python -m tests.fuzz --lines 10000 --seed 7`."""

import asyncio
import os
import random
import sys
import tempfile
import time
from pathlib import Path

import click

import settings
from settings import Settings
from terminal.logfile import log_to
from tests.fuzz.doors import Fault, given, sent, typed
from tests.fuzz.lines import Soup

DOORS = ("send", "slash", "arguments")
_TOLD = 40


@click.command()
@click.option("--lines", default=10_000, show_default=True, type=click.IntRange(1), help="How many, in all.")
@click.option("--seed", type=int, help="Of the lines; a new one when left out.")
@click.option("--door", type=click.Choice(DOORS), help="Only this door.")
def main(lines: int, seed: int | None, door: str | None) -> None:
    """Send, type and give odd lines, on databases of their own, with the offline model and no network."""
    seed = random.SystemRandom().randrange(1_000_000) if seed is None else seed
    doors = (door,) if door else DOORS
    found: list[Fault] = []
    for number, name in enumerate(doors):
        count, began = (lines + number) // len(doors), time.monotonic()
        faults = through(name, count, seed)
        click.echo(f"{name}: {count:,} lines, seed {seed}, {time.monotonic() - began:.0f} s, {len(faults)} faults")
        found += faults
    for fault in found[:_TOLD]:
        click.echo(f"\n{fault}")
    sys.exit(bool(found))


def through(door: str, count: int, seed: int) -> list[Fault]:
    """So many lines through one door, in a folder that is gone afterwards."""
    back = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        _without_the_machine(Path(folder))
        os.chdir(folder)
        try:
            return run(door, count, seed, settings_in(Path(folder)))
        finally:
            os.chdir(back)


def run(door: str, count: int, seed: int, settings: Settings) -> list[Fault]:
    """So many lines through one door, in the working folder."""
    log_to(None)
    soup = Soup(seed)
    if door == "arguments":
        asyncio.run(sent(Soup(seed), 5, settings))  # something to work on
        return given(soup, count, settings)
    return asyncio.run(sent(soup, count, settings) if door == "send" else typed(soup, count, settings))


def settings_in(folder: Path) -> Settings:
    """Settings for a database in that folder."""
    return Settings(database_url=f"sqlite+aiosqlite:///{folder / 'fuzz.db'}", chat_user="ada", model="offline")


def isolate(folder: Path) -> dict[str, str]:
    """Environment in which nothing of the machine's settings and files is used, and no editor opens."""
    return {
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'fuzz.db'}",
        "CHAT_USER": "ada",
        "MODEL": "offline",
        "HOME": str(folder),
        "LOG_FILE": str(folder / "fuzz.log"),
        "INPUT_HISTORY": str(folder / "typed"),
        "EDITOR": "true",
        "VISUAL": "true",
    }


def _without_the_machine(folder: Path) -> None:
    for name in [name for name in os.environ if name.startswith(("GOOGLE_", "OPENAI_", "NEWS_", "STOCK_", "OTEL_"))]:
        del os.environ[name]
    os.environ |= isolate(folder)
    settings.env_file = lambda: None


if __name__ == "__main__":
    main()
