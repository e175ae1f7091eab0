"""The hook is put in place by a call, once for the process, and not by loading the program."""

import subprocess
import sys
from pathlib import Path

import pytest
from google.adk.sessions import DatabaseSessionService
from sqlalchemy import event

from settings import ROOT, Settings
from storage.adk import hook
from storage.adk.private import stored_event
from storage.database import Database
from tests.storage.support import exchange, file_of, rows, store, without_hook


async def turns_kept(settings: Settings) -> int:
    """How many turns the ledger has of a message that ADK's own service writes."""
    async with Database.open(settings.database_url):
        async with DatabaseSessionService(settings.database_url) as adks:
            await store(adks, exchange())
        return len(rows(file_of(settings.database_url), "SELECT 1 FROM turns"))


async def test_installed_twice_it_posts_once(settings: Settings) -> None:
    hook.install()
    hook.install()
    assert await turns_kept(settings) == 1


async def test_it_is_in_place_when_it_is_installed_and_not_before(settings: Settings) -> None:
    with without_hook():
        assert await turns_kept(settings) == 0
        hook.install()
        assert event.contains(stored_event(), "after_insert", hook._keep_ledger)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("made", "installed"),
    [("", False), ("SessionService(Database.at(sys.argv[1]))", True), ("LedgerPlugin()", True)],
)
def test_our_service_and_our_plugin_install_it(made: str, installed: bool, tmp_path: Path) -> None:
    program = (
        "import sys\nfrom manager.plugin import LedgerPlugin\nfrom storage.adk.service import SessionService\n"
        "from storage.adk import hook, private\nfrom storage.database import Database\nfrom sqlalchemy import event\n"
        f"{made}\nprint(event.contains(private.stored_event(), 'after_insert', hook._keep_ledger))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "p.db")], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(installed)
