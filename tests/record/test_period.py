from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from record import period

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 30, 12, 0, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("typed", "ago"),
    [
        ("90m", timedelta(minutes=90)),
        ("24h", timedelta(hours=24)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(days=14)),
        (" 7 D ", timedelta(days=7)),
    ],
)
def test_a_length_is_how_long_ago(typed: str, ago: timedelta) -> None:
    assert period.since(typed, NOW, BERLIN) == period.until(typed, NOW, BERLIN) == NOW - ago


def test_a_date_is_a_whole_local_day() -> None:
    assert period.since("2026-03-28", NOW, BERLIN) == datetime(2026, 3, 27, 23, tzinfo=UTC)
    assert period.until("2026-03-28", NOW, BERLIN) == datetime(2026, 3, 28, 23, tzinfo=UTC)


def test_a_day_on_which_the_clocks_change_has_its_own_length() -> None:
    begun, over = period.since("2026-03-29", NOW, BERLIN), period.until("2026-03-29", NOW, BERLIN)
    assert over.astimezone(UTC) - begun.astimezone(UTC) == timedelta(hours=23)


def test_a_time_is_local_unless_it_says_otherwise() -> None:
    assert period.since("2026-03-28 14:30", NOW, BERLIN) == datetime(2026, 3, 28, 13, 30, tzinfo=UTC)
    assert period.until("2026-03-28T14:30", NOW, BERLIN) == datetime(2026, 3, 28, 13, 30, tzinfo=UTC)
    assert period.since("2026-03-28T14:30+00:00", NOW, BERLIN) == datetime(2026, 3, 28, 14, 30, tzinfo=UTC)


def test_without_a_zone_it_is_that_of_the_machine() -> None:
    assert period.since("2026-03-28", NOW) == datetime(2026, 3, 28).astimezone()


@pytest.mark.parametrize("typed", ["", "soon", "7", "7y", "-7d", "2026-13-01", "2026-02-30", "999999w", "28.3.2026"])
def test_what_is_no_time_is_told_with_what_is_one(typed: str) -> None:
    with pytest.raises(ValueError, match="is not a time: give 90m"):
        period.since(typed, NOW, BERLIN)
