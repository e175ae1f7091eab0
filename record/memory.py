"""What a person does with memory: one implementation under `memory ...` and under `/memory`.

Everything is of one person: their tenant and their user decide what there is, never a name that they type. What is
changed is what was seen, or it is a conflict; what is forgotten is gone from history and index too.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self

from memory.knowledge.calls import KnowledgeApi
from memory.knowledge.embedders import embedder
from memory.knowledge.meaning import Meaning
from memory.store import Store
from record.memory_items import SCOPES, Item, ScopeName, of_entry, of_interaction, of_knowledge, of_skill
from settings import Settings
from storage.database import Database
from storage.knowledge import browsing, interactions, knowledge, skills
from storage.knowledge.browsing import Counted
from storage.knowledge.fulltext import Within
from storage.knowledge.interactions import Interaction
from storage.knowledge.knowledge import Knowledge
from storage.knowledge.skills import Skill
from storage.ledger.statements import Execute
from storage.memory.entries import Entry
from storage.memory.errors import BadNameError, BadValueError, ConflictError, MemoryRefusedError, NotThereError
from storage.memory.scopes import AGENT, SHARED, STATE, WORKING, Scope
from storage.scope import User

_KINDS = {"shared": (SHARED,), "working": (WORKING,), "agent": (AGENT, STATE)}
_STATE_KEY = "state"
_FOUND = 50
_MOST_PARTS = 64


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a scope; pages count from 1."""

    items: Sequence[Item]
    number: int
    pages: int


@dataclass(frozen=True, slots=True)
class PersonalMemory:
    """Memory as one person has it."""

    database: Database
    user: User
    meaning: Meaning = field(default_factory=lambda: Meaning(None))

    @classmethod
    def of(cls, database: Database, user: User, settings: Settings) -> Self:
        """With the embedder of the settings.

        Raises:
            SettingsError: There is no such embedder.
        """
        return cls(database, user, Meaning(embedder(settings)))

    async def overview(self) -> dict[ScopeName, Counted]:
        """How much there is in each scope."""
        return await self.database.do(lambda execute: {scope: self._count(execute, scope) for scope in SCOPES})

    async def page(self, scope: ScopeName, number: int = 1, size: int = 20) -> Page:
        """A page of a scope: entries by name, what was said, known and learnt newest first."""
        offset = (number - 1) * size

        def read(execute: Execute) -> tuple[Sequence[Item], int]:
            return self._page(execute, scope, size, offset), self._count(execute, scope).count

        items, count = await self.database.do(read)
        return Page(items, number, max(-(-count // size), 1))

    async def search(self, words: str, scope: ScopeName | None = None, limit: int = 20) -> list[Item]:
        """What has the words, and means the same where there is an embedder; in one scope, or in all one after another.

        Raises:
            MemoryRefusedError: There is nothing to look for.
        """
        if not words.strip():
            raise BadValueError("there are no words to look for")
        found: list[Item] = []
        for each in (scope,) if scope else SCOPES:
            found += await self._found(each, words, min(limit, _FOUND))
        return found[:limit]

    async def find(self, name: str, scope: ScopeName | None = None) -> Item:
        """The item of that name, in a scope or in any.

        Raises:
            NotThereError: There is none.
            MemoryRefusedError: There are several.
        """
        found = [item async for item in self._named(name, (scope,) if scope else SCOPES)]
        if not found:
            where = f"in {scope} memory" if scope else "in memory"
            raise NotThereError(f"there is nothing called {name!r} {where}", "List what there is, or search for it.")
        if len({item.scope for item in found}) > 1:
            scopes = ", ".join(dict.fromkeys(item.scope for item in found))
            raise MemoryRefusedError(f"{name!r} is in several scopes: {scopes}", "Name the scope too.")
        return found[0]

    async def put(self, scope: ScopeName, name: str, value: Any) -> Item:
        """Keeps a value under a name, in place of the one that is there.

        Raises:
            MemoryRefusedError: It cannot be kept so.
        """
        try:
            return await self.edit(await self.find(name, scope), value)
        except NotThereError:
            return await self._create(scope, name, value)

    async def edit(self, seen: Item, value: Any) -> Item:
        """Puts another value in the place of the one that was seen.

        Raises:
            ConflictError: It was changed meanwhile, or forgotten.
            MemoryRefusedError: It cannot be changed, or not so.
        """
        match seen.source:
            case Entry() as entry:
                return await self._set(entry.scope, entry.key, value, entry.version)
            case Knowledge() as known if seen.mine:
                return await self._reword(known, _text(value))
            case Skill() as skill if seen.mine:
                return await self._relearn(skill, _text(value))
            case Interaction():
                raise MemoryRefusedError("what was said stays as it was said", "It can be forgotten.")
        raise MemoryRefusedError(f"{seen.name!r} is not yours to change: {seen.by or 'somebody else'} has stored it")

    async def forget(self, item: Item) -> None:
        """Deletes it, with the values in its history and the words in the index.

        Raises:
            NotThereError: It is gone already.
            MemoryRefusedError: It is somebody else's.
        """
        self.check_own(item)
        if not await self._delete(item):
            raise NotThereError(f"{item.name!r} is gone already")

    @staticmethod
    def check_own(item: Item) -> None:
        """Raises `MemoryRefusedError` for what is somebody else's, before a person is asked anything."""
        if not item.mine:
            raise MemoryRefusedError(
                f"{item.name!r} is not yours to forget: {item.by or 'somebody else'} has stored it"
            )

    @property
    def _store(self) -> Store:
        return Store(self.database)

    @property
    def _calls(self) -> KnowledgeApi:
        return KnowledgeApi(self.database, self.meaning)

    def _within(self, scope: ScopeName) -> Within:
        whose = self.user.tenant, self.user.user_id
        if scope == "semantic":
            return knowledge.within(*whose)
        return browsing.said(*whose) if scope == "episodic" else browsing.learnt(*whose)

    def _count(self, execute: Execute, scope: ScopeName) -> Counted:
        if kinds := _KINDS.get(scope):
            return browsing.count_entries(execute, self.user.tenant, self.user.user_id, kinds, self.database.now())
        return browsing.count(execute, self._within(scope))

    def _page(self, execute: Execute, scope: ScopeName, limit: int, offset: int) -> list[Item]:
        if scope in _KINDS:
            return self._entries(execute, scope, (), limit, offset)
        within = self._within(scope)
        numbers = browsing.newest(execute, within, limit, offset)
        return self._read(execute, scope, within, dict.fromkeys(numbers, 0.0))

    def _entries(
        self, execute: Execute, scope: ScopeName, words: Sequence[str], limit: int, offset: int = 0
    ) -> list[Item]:
        tenant, user_id = self.user.tenant, self.user.user_id
        found = browsing.entries(execute, tenant, user_id, _KINDS[scope], self.database.now(), words, limit, offset)
        return list(map(of_entry, found))

    def _read(self, execute: Execute, scope: ScopeName, within: Within, scores: dict[int, float]) -> list[Item]:
        if scope == "semantic":
            return [of_knowledge(each, self.user.user_id) for each in knowledge.read(execute, within, scores)]
        if scope == "episodic":
            return [of_interaction(each) for each in interactions.read(execute, within, scores)]
        return [of_skill(each, self.user.user_id) for each in skills.read(execute, within, scores)]

    async def _found(self, scope: ScopeName, words: str, limit: int) -> list[Item]:
        if scope in _KINDS:
            return await self.database.do(lambda execute: self._entries(execute, scope, words.split(), limit))
        within = self._within(scope)
        scores = await self.meaning.search(self.database, within, words, limit)
        return await self.database.do(lambda execute: self._read(execute, scope, within, scores))

    async def _named(self, name: str, scopes: Sequence[ScopeName]) -> AsyncIterator[Item]:
        for scope in scopes:
            if found := await self._in(scope, name):
                yield found

    async def _in(self, scope: ScopeName, name: str) -> Item | None:
        """The item of a scope; what cannot be called so there is not there."""
        try:
            if scope in _KINDS:
                return await self._entry(scope, name)
            return await self.database.do(partial(self._by_name, scope=scope, name=name))
        except BadNameError:
            return None

    async def _entry(self, scope: ScopeName, name: str) -> Item | None:
        for where, key in self._places(scope, name):
            if entry := await self._store.get(where, key):
                return of_entry(entry)
        return None

    def _places(self, scope: ScopeName, name: str) -> list[tuple[Scope, str]]:
        """Where an entry of that name may be, the person's own before what is all of the tenant's."""
        tenant, users = self.user.tenant, (self.user.user_id, "")
        if scope == "shared":
            tried = [(SHARED, "", "", name)]
        else:
            cuts = [place for place, letter in enumerate(name) if letter == "/"][:_MOST_PARTS]
            kind = WORKING if scope == "working" else AGENT
            tried = [(kind, name[:cut], user, name[cut + 1 :]) for cut in cuts for user in users]
            tried += [(STATE, name, user, _STATE_KEY) for user in users if scope == "agent"]
        return [place for each in tried if (place := _place(tenant, *each))]

    def _by_name(self, execute: Execute, scope: ScopeName, name: str) -> Item | None:
        whose = self.user.tenant, self.user.user_id
        if scope == "procedural":
            agent, _, called = name.rpartition("/")
            for user in (whose[1], ""):
                if called and (skill := skills.get(execute, whose[0], user, agent, called)):
                    return of_skill(skill, self.user.user_id)
            return None
        number = int(name) if name.isascii() and name.isdigit() and len(name) < 19 else None
        if number is not None:
            within = self._within(scope)
            found = self._read(execute, scope, within, {number: 0.0})
            if found and found[0].name == name:
                return found[0]
        named = knowledge.get(execute, *whose, external_id=name) if scope == "semantic" else None
        return of_knowledge(named, self.user.user_id) if named else None

    async def _create(self, scope: ScopeName, name: str, value: Any) -> Item:
        if scope == "semantic":
            tenant, user_id = self.user.tenant, self.user.user_id
            known = await self._calls.store_knowledge(_text(value), name, tenant_id=tenant, user_id=user_id)
            return of_knowledge(known, user_id)
        if scope not in _KINDS:
            raise MemoryRefusedError(
                f"agents write {scope} memory themselves", "What is there can be shown and forgotten."
            )
        places = [place for place in self._places(scope, name) if place[0].user_id or scope == "shared"]
        if not places:
            raise BadNameError(f"{name!r} names no place in {scope} memory", _FORM[scope])
        return await self._set(*places[0], value, 0)

    async def _set(self, scope: Scope, key: str, value: Any, version: int) -> Item:
        written = await self._store.set(scope, key, value, by=self.user.user_id, expected_version=version)
        if not written.applied:
            raise ConflictError(f"{key!r} was created to stay as it is", "It can be forgotten.", entry=written.entry)
        return of_entry(written.entry)

    async def _reword(self, known: Knowledge, content: str) -> Item:
        """Stores the new words and drops the old in one transaction, if they are still what was seen."""
        whose, vector = (self.user.tenant, self.user.user_id), await self.meaning.of(content)

        def work(execute: Execute) -> Knowledge:
            now = knowledge.get(execute, *whose, id=known.id)
            if now is None or now.content != known.content:
                raise ConflictError("it was changed meanwhile, or forgotten; nothing was written")
            made = knowledge.store(
                execute,
                *whose,
                content,
                external_id=known.external_id,
                is_public=known.is_public,
                metadata=known.metadata,
                tags=known.tags,
                source=known.source,
                vector=vector,
                at=self.database.now(),
            )
            if made.id != known.id:
                knowledge.delete(execute, *whose, id=known.id, at=self.database.now())
            return made

        return of_knowledge(await self.database.do(work, writes=True), self.user.user_id)

    async def _relearn(self, skill: Skill, content: str) -> Item:
        vector = await self.meaning.of(f"{skill.name} {skill.context}")
        whose = skill.tenant_id, skill.user_id, skill.agent_id

        def work(execute: Execute) -> Skill:
            now = skills.get(execute, *whose, skill.name)
            if now is None or now.content != skill.content:
                raise ConflictError("it was changed meanwhile, or forgotten; nothing was written")
            return skills.store(
                execute, *whose, skill.name, skill.context, content, vector=vector, at=self.database.now()
            )

        return of_skill(await self.database.do(work, writes=True), self.user.user_id)

    async def _delete(self, item: Item) -> bool:
        tenant, user_id = self.user.tenant, self.user.user_id
        match item.source:
            case Entry(scope=scope, key=key):
                return await self._store.delete(scope, key, by=user_id)
            case Knowledge(id=id):
                return await self._calls.delete_knowledge(id=id, tenant_id=tenant, user_id=user_id)
            case Skill(agent_id=agent, name=name):
                return await self._calls.delete_skill(agent, name, tenant_id=tenant, user_id=user_id)
            case Interaction(id=id):
                dialect = self.database.engine.dialect.name
                return await self.database.do(
                    lambda execute: browsing.forget_said(execute, dialect, tenant, user_id, id, self.database.now()),
                    writes=True,
                )
        return False


_FORM = {
    "shared": "It is KEY.",
    "working": "It is PLAN/KEY.",
    "agent": "It is AGENT/KEY, or AGENT for its state.",
}


def _place(tenant: str, kind: str, id: str, user_id: str, key: str) -> tuple[Scope, str] | None:
    """A place, if there can be one of that name."""
    try:
        return (Scope(tenant, kind, id, user_id), key) if key else None
    except BadNameError:
        return None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise BadValueError(f"it must be a text, not {type(value).__name__}")
    return value
