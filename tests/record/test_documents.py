import json
from datetime import UTC, datetime, timedelta, timezone

from record import documents
from storage.queries.sessions import SessionInfo
from storage.stats.figures import AgentStats, Totals

NOON = datetime(2026, 10, 30, 14, 0, tzinfo=timezone(timedelta(hours=2)))
UTC_NOON = "2026-10-30T12:00:00+00:00"


def test_times_are_iso_in_utc() -> None:
    (session,) = documents.sessions_json([SessionInfo("s", "Ünder", NOON, NOON, 1)])
    assert (session["session_id"], session["title"], session["turns"]) == ("s", "Ünder", 1)
    assert (session["created_at"], session["last_event_at"]) == (UTC_NOON, UTC_NOON)


def test_stats_have_totals_and_a_success_rate_for_each_agent() -> None:
    document = documents.stats_json(
        Totals(0, 0, 0, 0, 0, 0, 0, None, None), [AgentStats("a", 2, 1, 1, 0.1, 0.2, NOON.astimezone(UTC))]
    )
    assert document["totals"]["first_turn"] is None
    assert document["agents"][0]["success_rate"] == 0.5
    assert json.loads(documents.dumps(document)) == document


def test_characters_are_printed_as_they_are() -> None:
    assert "Ü" in documents.dumps({"title": "Ü"})
