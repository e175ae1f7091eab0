"""A number or a time that is too big is refused in one line, and the biggest that is taken is counted to."""

from pathlib import Path

import pytest

from conversation.conversation import Conversation
from settings import Settings
from tests.scripted import ScriptedModel
from tests.terminal.commanded import run
from tests.terminal.talking import ENTER, typed

HUGE = (str(2**31), str(2**63 - 1), str(2**63), "9" * 30, "9" * 5000)


@pytest.mark.parametrize(
    "command",
    [
        "sessions --page N",
        "sessions --limit N",
        "sessions search hello --page N",
        "sessions search hello --limit N",
        "sessions fork last --at N",
        "sessions undo last --turns N",
        "sessions prune --keep N --yes",
        "sessions prune --older-than Nd --yes",
        "history --page N",
        "history --limit N",
        "history --turn N",
        "history --trace --turn N",
        "stats --limit N",
        "stats days --page N",
        "stats --since Nd",
        "stats --until Nw",
        "sql SELECT\xa01 --limit N",
        "sql SELECT\xa01 --timeout N",
    ],
)
def test_a_number_that_is_too_big_is_refused(record: Path, command: str) -> None:
    for number in HUGE:
        result = run(record, command.replace("N", number))
        assert result.exit_code == 2, command
        assert "Traceback" not in result.output and isinstance(result.exception, SystemExit)


@pytest.mark.parametrize("page", [1_000_000])
@pytest.mark.parametrize("command", ["sessions", "history", "sessions search hello", "stats days"])
def test_the_biggest_number_that_is_taken_is_counted_to(record: Path, command: str, page: int) -> None:
    assert run(record, f"{command} --page {page} --limit {page}").exit_code == 0


@pytest.mark.parametrize("timeout", ["nan", "inf", "-inf", "0", "1e300"])
def test_a_time_out_is_a_number_of_seconds(record: Path, timeout: str) -> None:
    assert run(record, f"sql SELECT\xa01 --timeout {timeout}").exit_code == 2


@pytest.mark.parametrize(
    "when", ["0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31", "9999-12-31T23:59:59-12:00", "0000-01-01"]
)
@pytest.mark.parametrize(
    "command",
    ["stats --since WHEN", "stats --until WHEN", "stats days --since WHEN", "sessions prune --older-than WHEN"],
)
def test_a_time_at_the_ends_of_the_calendar_is_refused(record: Path, command: str, when: str) -> None:
    result = run(record, command.replace("WHEN", when))
    assert result.exit_code == 2 and "is not a time" in result.output


@pytest.mark.parametrize("when", ["1900-01-02", "2999-12-30"])
def test_a_time_far_away_is_taken(record: Path, when: str) -> None:
    for command in ("stats", "stats days", "stats agents"):
        for option in ("--since", "--until"):
            assert run(record, f"{command} {option} {when}").exit_code == 0, (command, option)


@pytest.mark.parametrize("command", ["history", "sessions", "undo", "fork", "prune 1d", "sessions", "undo"])
async def test_a_number_too_big_in_the_chat_is_one_line(settings: Settings, record: Path, command: str) -> None:
    here = settings.model_copy(update={"database_url": str(record)})

    async with Conversation.open(here, models=lambda _skills: ScriptedModel(script=lambda _: "Fine.")) as talk:
        text = await typed("".join(f"/{command} {number}{ENTER}" for number in HUGE[:4]), talk, here)
    assert text.count("is not a number.") == 4
