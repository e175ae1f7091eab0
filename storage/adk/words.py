"""What ADK writes, as it is read here without ADK: by the ledger, by the event log, and by what looks at a file.

ADK promises none of these words. `tests/test_adk_surface.py` holds each of them against ADK.
"""

SCHEMA_VERSION = "1"
"""`adk_internal_metadata`: the version of ADK's tables that ours lie beside; a file with another one is refused."""

OBJECTS = (
    "sessions",
    "events",
    "user_states",
    "app_states",
    "adk_internal_metadata",
    "idx_events_app_user_session_ts_id",
)
"""`schemas.v1.Base.metadata`: ADK's tables and its newest index, their columns and its text of times, by which events
are read and written without ADK."""

ABORTED = "INVOCATION_ABORTED"
"""`INVOCATION_ABORTED`: the error code of a turn or a call that was cancelled; silent: it would count as failed."""

MADE_UP_ID = "adk-"
"""`AF_FUNCTION_CALL_ID_PREFIX`: how the ids begin that ADK gives to calls; Gemini is not sent them."""

INTERNAL_CALLS = frozenset({"adk_framework", "adk_request_credential", "adk_request_confirmation"})
"""`_is_adk_framework_event`, `_is_auth_event`, `_is_request_confirmation_event`: calls that ADK makes for itself
and tells no model of."""


def call_of(branch: str | None) -> str | None:
    """`Event.branch`: `name@call-id` tells which call an agent answers; silent: its answer would count as the turn's.

    None for the root agent, which answers none.
    """
    return branch.rsplit("@", 1)[1] if branch and "@" in branch else None
