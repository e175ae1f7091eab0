"""The time, wherever it is asked for."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from state_tools.clock import get_current_time


@pytest.mark.parametrize(
    ("asked", "zone"),
    [
        ("Europe/Paris", "Europe/Paris"),
        ("Paris", "Europe/Paris"),
        ("  paris ", "Europe/Paris"),
        ("new york", "America/New_York"),
        ("asia/kolkata", "Asia/Kolkata"),
        ("Tokyo", "Asia/Tokyo"),
        ("UTC", "Etc/UTC"),
    ],
)
def test_a_zone_is_known_by_its_name_or_its_city(asked: str, zone: str) -> None:
    told = get_current_time(asked)
    assert set(told) == {"status", "iso", "timezone", "readable"}
    assert (told["status"], told["timezone"]) == ("success", zone)
    at = datetime.fromisoformat(told["iso"])
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)
    assert at.utcoffset() == at.replace(tzinfo=ZoneInfo(zone)).utcoffset()
    assert told["readable"] == f"{at:%A}, {at.day} {at:%B %Y}, {at:%H:%M}"


def test_without_a_zone_it_is_the_machines_own_time() -> None:
    told = get_current_time()
    at = datetime.fromisoformat(told["iso"])
    assert told["status"] == "success" and told["timezone"]
    assert at.utcoffset() == at.astimezone().utcoffset()


@pytest.mark.parametrize("asked", ["Atlantis", "../../etc/passwd", "/", "Europe/", "\x00", "x" * 5000])
def test_a_zone_that_is_not_known_is_told_in_a_sentence(asked: str) -> None:
    told = get_current_time(asked)
    assert set(told) == {"status", "error_message"}
    assert told["status"] == "error" and "time zone" in told["error_message"]


def test_only_blanks_are_no_zone() -> None:
    assert get_current_time("  ")["status"] == "success"
