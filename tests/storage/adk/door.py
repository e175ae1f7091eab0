"""A session service as the tests of ADK's contract reach it, and events for it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.adk.events import Event, EventActions
from google.adk.sessions import BaseSessionService, Session
from google.adk.sessions.base_session_service import GetSessionConfig
from google.genai import types

APP, ADA, EVE = "app", "ada", "eve"


@dataclass(frozen=True)
class Door:
    """A session service, and how another one on the same file is opened."""

    service: BaseSessionService
    file: Path

    async def make(self, id_: str | None = None, user: str = ADA, app: str = APP, **state: Any) -> Session:
        return await self.service.create_session(app_name=app, user_id=user, session_id=id_, state=state or None)

    async def get(self, id_: str = "s", user: str = ADA, app: str = APP, **config: Any) -> Session | None:
        wanted = GetSessionConfig(**config) if config else None
        return await self.service.get_session(app_name=app, user_id=user, session_id=id_, config=wanted)

    async def again(self, id_: str = "s", user: str = ADA, app: str = APP, **config: Any) -> Session:
        """The session as it is stored."""
        found = await self.get(id_, user, app, **config)
        assert found is not None
        return found

    async def add(self, session: Session, *events: Event) -> None:
        for event in events:
            await self.service.append_event(session, event)

    async def listed(self, user: str | None = ADA, app: str = APP) -> list[Session]:
        return (await self.service.list_sessions(app_name=app, user_id=user)).sessions


def said(text: str = "hello", author: str = "user", **values: Any) -> Event:
    role = "user" if author == "user" else "model"
    content = types.Content(role=role, parts=[types.Part(text=text)])
    return Event(invocation_id=values.pop("invocation_id", "turn"), author=author, content=content, **values)


def changing(**delta: Any) -> Event:
    """An event that changes states; a double underscore stands for the colon of a prefix."""
    state = {name.replace("__", ":"): value for name, value in delta.items()}
    return Event(invocation_id="turn", author="agent", actions=EventActions(state_delta=state))
