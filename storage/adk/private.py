"""What we rely on in ADK that it does not promise: a function each, and why.

No other module of the program knows a private name of ADK's, but for `quick.py`, which is for speed alone; what can be
read without ADK is in `words.py`. What may move is looked up when it is used, so that nothing else fails with it, and
`tests/test_adk_surface.py` says which one has. The table in docs/architecture.md is made of the first lines here.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from google.adk.events import Event, EventActions
from google.adk.sessions import BaseSessionService, DatabaseSessionService, Session
from sqlalchemy import Connection
from sqlalchemy.orm import object_session

if TYPE_CHECKING:
    from google.adk.agents import Context
    from google.adk.sessions.schemas import v0, v1


_KINDS = "kinds of preferences"


def revision_of(session: Session) -> datetime | None:
    """`Session._storage_update_marker`: the revision that a session was read at, by which a stale writer is known."""
    marker = session._storage_update_marker
    return datetime.fromisoformat(marker).replace(tzinfo=UTC) if marker else None


def set_revision(session: Session, at: datetime) -> None:
    """`Session._storage_update_marker`: the revision after an event of ours, in ADK's form, as its service reads it."""
    session._storage_update_marker = at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def without_temporary(service: BaseSessionService, session: Session, event: Event) -> Event:
    """`_apply_temp_state`, `_trim_temp_delta_state`: temporary state is for the turn that makes it, and not stored."""
    service._apply_temp_state(session, event)
    return service._trim_temp_delta_state(event)


def appending(service: DatabaseSessionService, session: Session) -> AbstractAsyncContextManager[None]:
    """`_with_session_lock`: events of one session are appended one after the other, ours and ADK's own."""
    return service._with_session_lock(app_name=session.app_name, user_id=session.user_id, session_id=session.id)


def committed(service: BaseSessionService, session: Session, event: Event) -> Event:
    """`_commit_event_to_session`: an event that is stored is in the session at hand too, and so is its state."""
    return service._commit_event_to_session(session, event)


def latest_version() -> str:
    """`_schema_check_utils.LATEST_SCHEMA_VERSION`: whether tables are those that this ADK makes, or need its care."""
    from google.adk.sessions.migration import _schema_check_utils

    return _schema_check_utils.LATEST_SCHEMA_VERSION


def make_tables(conn: Connection) -> None:
    """`_setup_database_schema`, `schemas.v1.Base`: ADK makes its tables in one commit and their version in another, and
    refuses tables without one for ever; here both are made in the commit at hand."""
    from google.adk.sessions import database_session_service
    from google.adk.sessions.schemas import v1

    database_session_service._setup_database_schema(conn, v1.Base.metadata)


def accept_tables(service: DatabaseSessionService, version: str) -> None:
    """`_db_schema_version`: which tables it has, so that ADK does not look for itself; silent: ADK would take them for
    those of its first schema."""
    service._db_schema_version = version


def stored_event() -> "type[v1.StorageEvent]":
    """`schemas.v1.StorageEvent`: the row that the hook waits for; silent: the ledger would be behind until opened."""
    from google.adk.sessions.schemas import v1

    return v1.StorageEvent


def stored_session() -> "type[v1.StorageSession]":
    """`schemas.v1.StorageSession`: the row that the hook waits for when a session is made; silent: it would not be in
    the ledger until opened."""
    from google.adk.sessions.schemas import v1

    return v1.StorageSession


def given_to_user(stored: "v1.StorageSession") -> Mapping[str, Any]:
    """`schemas.v1.StorageUserState`: the state of the user, where the making of a session changes it, which ADK does in
    the same flush; silent: what it says of the user would not be taken."""
    from google.adk.sessions.schemas import v1

    flushed = object_session(stored)
    found = [each for each in flushed.dirty if isinstance(each, v1.StorageUserState)] if flushed else []
    return found[0].state if found else {}


def tell_kinds(service: DatabaseSessionService, kinds: Any) -> None:
    """`database_session_factory`: what the hook is told of the service that writes; silent: any name would do as that
    of the favorite agent."""
    service.database_session_factory.configure(info={_KINDS: kinds})


def kinds_of(stored: "v1.StorageSession") -> Any:
    """`database_session_factory`: what `tell_kinds` has told; None of a service of ADK's own."""
    flushed = object_session(stored)
    return flushed.info.get(_KINDS) if flushed else None


def pickled_event() -> "type[v0.StorageEvent]":
    """`schemas.v0.StorageEvent`: the same of ADK's first schema, of which files are imported."""
    from google.adk.sessions.schemas import v0

    return v0.StorageEvent


def unpickled(stored: bytes) -> EventActions:
    """`_restricted_pickle.loads`: what that schema has pickled, by a reader that makes nothing but data."""
    from google.adk.sessions import _restricted_pickle

    actions: EventActions = _restricted_pickle.loads(stored)
    return actions


def replace_default_sessions(make: Callable[..., BaseSessionService]) -> None:
    """`service_factory.create_local_session_service`: what `adk web` and `adk run` use without a URL, for which ADK has
    no registration; silent: they would not see the sessions of the chat."""
    from google.adk.cli.utils import service_factory

    factory: Any = service_factory
    factory.create_local_session_service = make


class LastAnswer:
    """`_run_impl`, `_output_value`, `message_as_output`: ADK fails an agent that gives a second text; before `LlmAgent`
    among an agent's classes, its last text that can be seen is its answer, as the manager's is the turn's."""

    async def _run_impl(self, *, ctx: "Context", node_input: Any) -> AsyncGenerator[Any, None]:
        adks: Any = super()
        async with aclosing(adks._run_impl(ctx=ctx, node_input=node_input)) as events:
            async for event in events:
                if isinstance(event.output, str) and event.output.strip():
                    ctx._output_value = None
                else:
                    event.output = None
                    event.node_info = event.node_info.model_copy(update={"message_as_output": False})
                yield event
