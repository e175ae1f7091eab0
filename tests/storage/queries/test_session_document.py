"""The documented state: exactly five keys, assembled from the ledger."""

from storage.adk.service import SessionService
from storage.database import Database
from storage.queries import preferences, session_document, sessions
from tests.storage.support import ADA, START, delegated_turn, exchange, key, store


async def test_the_document_has_exactly_the_documented_shape(database: Database, service: SessionService) -> None:
    await store(service, delegated_turn("turn-1", START))
    await store(service, exchange("hello", "hi", "turn-2", START + 100))
    await store(service, exchange("elsewhere", "yes", "turn-3", START + 200), "session-2")
    for kind, value in [
        ("user_name", "Ada"),
        ("favorite_agent", "funny_nerd"),
        ("joke_preferences", "python"),
        ("joke_preferences", "math"),
        ("stock_watchlist", "NVDA"),
        ("nerd_topics", "databases"),
    ]:
        await preferences.add(database, ADA, kind, value)
    info = await sessions.find(database, ADA, "session-1")
    document = await session_document.document(database, key(), info)
    delegated = document.pop("agent_delegations")
    assert sorted(delegated, key=lambda entry: str(entry["agent_name"])) == [
        {
            "timestamp": "2026-01-02T03:04:06+00:00",
            "agent_name": "funny_nerd",
            "task": "a joke",
            "status": "completed",
        },
        {
            "timestamp": "2026-01-02T03:04:06+00:00",
            "agent_name": "stock_analyst",
            "task": "a price",
            "status": "completed",
        },
    ]
    assert document == {
        "user_name": "Ada",
        "conversation_history": [
            {
                "timestamp": "2026-01-02T03:04:05+00:00",
                "user_input": "a joke and a price",
                "agent_response": "ha, and 250",
                "event_id": "turn-1-7",
            },
            {
                "timestamp": "2026-01-02T03:05:45+00:00",
                "user_input": "hello",
                "agent_response": "hi",
                "event_id": "turn-2-1",
            },
        ],
        "user_preferences": {
            "favorite_agent": "funny_nerd",
            "joke_preferences": ["python", "math"],
            "stock_watchlist": ["NVDA"],
            "nerd_topics": ["databases"],
        },
        "session_metadata": {
            "created_at": "2026-01-02T03:04:05+00:00",
            "last_activity": "2026-01-02T03:05:46+00:00",
            "total_interactions": 2,
        },
    }


async def test_a_user_who_said_nothing_about_themselves_is_called_by_their_id(
    database: Database, service: SessionService
) -> None:
    await store(service, exchange())
    document = await session_document.document(database, key(), await sessions.find(database, ADA, "last"))
    assert list(document) == [
        "user_name",
        "conversation_history",
        "agent_delegations",
        "user_preferences",
        "session_metadata",
    ]
    assert document["user_name"] == "ada"
    assert document["user_preferences"] == {
        "favorite_agent": None,
        "joke_preferences": [],
        "stock_watchlist": [],
        "nerd_topics": [],
    }


async def test_a_turn_without_an_answer_counts_too(database: Database, service: SessionService) -> None:
    await store(service, exchange()[:1])
    document = await session_document.document(database, key(), await sessions.find(database, ADA, "last"))
    (entry,) = document["conversation_history"]
    assert (entry["user_input"], entry["agent_response"], entry["event_id"]) == ("hello", None, "turn-1-0")
    assert document["session_metadata"]["total_interactions"] == 1
