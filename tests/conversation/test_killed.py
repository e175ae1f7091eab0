"""A process that is killed in the middle of a turn loses nothing that was said, and the session goes on."""

import os
import subprocess
import sys

import pytest

from settings import ROOT, Settings
from storage.queries import turns
from tests.conftest import Converse
from tests.conversation.support import reply, status, team, told
from tests.storage.support import file_of, rows


def killed_in_the_middle_of_a_turn(settings: Settings) -> None:
    """Runs another process until one of its two agents has answered and the other is at work, and kills it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.conversation.slow_process", settings.database_url],
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert sorted(process.stdout.readline() for _ in range(2)) == ["at work\n", "one is done\n"]
        process.kill()


@pytest.mark.slow
async def test_what_was_said_is_kept_the_turn_is_interrupted_and_the_session_goes_on(
    converse: Converse, settings: Settings
) -> None:
    killed_in_the_middle_of_a_turn(settings)
    file = file_of(settings.database_url)
    assert rows(file, "SELECT status FROM turns WHERE user_input = 'two things'") == [{"status": "running"}]
    async with converse(team()) as conversation:
        before = await turns.history(conversation.database, conversation.key, limit=9)
        assert [(turn.user_input, turn.status) for turn in before] == [
            ("two things", "interrupted"),
            ("hello", "completed"),
        ]
        handed = rows(file, "SELECT agent_name, status FROM delegations ORDER BY agent_name")
        assert [tuple(row.values()) for row in handed] == [
            ("funny_nerd", "interrupted"),
            ("stock_analyst", "completed"),
        ]
        events = await told(conversation, "hello")
        assert events[0]["resumed"] is True
        assert (status(events), reply(events)) == ("completed", "Hello  there,\n*you*!")
        after = await turns.history(conversation.database, conversation.key, limit=9)
        assert [(turn.number, turn.status) for turn in after] == [
            (3, "completed"),
            (2, "interrupted"),
            (1, "completed"),
        ]
