"""What a process has once, however many conversations there are: the database, the apps, and what they leave running.

No conversation knows of another. All that belongs to one of them, or to one of its turns, is in its own objects; what
they write goes through one event log, which commits what many of them have given at once.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Self
from weakref import WeakSet

from conversation.apps import Apps, OpenApp
from conversation.conversation import Conversation
from conversation.team import kinds_of_team
from conversation.turn import Tasks
from memory.sweeper import Sweeper
from models.factory import ModelFactory, model_factory
from settings import APP_NAME, Settings
from storage.adk.catchup import bring_up_to_date
from storage.adk.quick import load_for_turns
from storage.adk.service import SessionService
from storage.database import Database
from storage.errors import StorageError
from storage.queries import sessions
from storage.scope import MAX_ADK_ID, SessionKey, User

load_for_turns()

_SUMMARY_PATIENCE = 10.0
"""Seconds the program's end waits for summaries."""


class Host:
    """Conversations on one database. Use `async with Host.open(settings) as host`."""

    def __init__(self, settings: Settings, service: SessionService, apps: Apps) -> None:
        self.database = service.database
        self._settings = settings
        self._service = service
        self._apps = apps
        self._conversations: WeakSet[Conversation] = WeakSet()
        self._summaries = Tasks()
        self._runs = Tasks()
        self._watches = Tasks()
        self._watched: set[User] = set()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, settings: Settings, *, models: ModelFactory | None = None, database: Database | None = None
    ) -> AsyncIterator[Self]:
        """Opens the database, and closes it with all that is left running at the end.

        Args:
            settings: In which database, and what answers.
            models: Gives the agents their models instead of the settings; for tests.
            database: The database, when the caller has it open; it stays open.

        Raises:
            StorageError: The database cannot be used.
            ModelError: No model is called as the settings say.
        """
        if models is None:
            model_factory(settings)  # so that a wrong name makes no file
        async with AsyncExitStack() as stack:
            lease, wait = settings.lease_seconds, settings.turn_wait
            if database is None:
                database = await stack.enter_async_context(Database.open(settings.database_url, lease_seconds=lease))
            kinds = partial(kinds_of_team, settings)
            service = SessionService(database, lease_seconds=lease, turn_wait=wait, everybody=False, kinds=kinds)
            await service.prepare_tables()
            apps = await stack.enter_async_context(Apps.open(settings, service, models))
            await stack.enter_async_context(Sweeper.of(settings, database, apps.meaning))
            host = cls(settings, service, apps)
            stack.push_async_callback(host._settle)
            yield host

    async def conversation(
        self,
        user: str | User,
        session: str | SessionKey | None = None,
        *,
        new: bool = False,
        model: str | None = None,
    ) -> Conversation:
        """A session of a user to talk in: the latest, the one that is named, or a new one.

        Nothing is written until the first message. It needs no closing.

        Args:
            user: Whose session; a name is that of a user of this app, and of the settings' tenant.
            session: What `storage.queries.sessions.find` understands, or a session's own key, whether anything was said
                in it or not.
            new: Begin a new session.
            model: The model that answers, in place of the settings'.

        Raises:
            StorageError: No session is called so, the name is too long, or the database cannot be used.
            ModelError: No model is called so.
        """
        user = User(APP_NAME, user, self._settings.chat_tenant) if isinstance(user, str) else user
        if len(user.adk_id) > MAX_ADK_ID:
            raise StorageError(f"with its tenant a user's name may take {MAX_ADK_ID} characters")
        await bring_up_to_date(self.database, user, kinds=partial(kinds_of_team, self._settings))
        self._watch_over(user)
        if isinstance(session, SessionKey):
            key = session
            if key.user != user:
                raise StorageError(f"{user.user_id!r} has no session {key.session_id!r}")
        else:
            key = await sessions.chosen(self.database, user, session, new=new)
        begun = await sessions.get(self.database, key) is not None
        app = self._apps.of(model)
        conversation = Conversation(
            self._service, app, key, self._settings.turn_timeout, self._runs, self._summaries, begun=begun
        )
        self._conversations.add(conversation)
        await self._apps.close_unused(self._is_used)
        return conversation

    def _watch_over(self, user: User) -> None:
        """Turns of a user that others run are ended when those are dead, whether somebody waits for them or not."""
        if user not in self._watched:
            self._watched.add(user)
            watching = self._watches.keep(asyncio.create_task(self._service.watch_over(user)))
            watching.add_done_callback(lambda _: self._watched.discard(user))

    def _is_used(self, app: OpenApp) -> bool:
        return any(conversation.app is app for conversation in self._conversations)

    async def _settle(self) -> None:
        """Waits for the summaries that are being made, and stops once more what was left running; not for long."""
        await self._watches.stop()
        await self._summaries.finished(_SUMMARY_PATIENCE)
        await self._summaries.stop()
        await self._runs.stop()
