"""Tools for what is kept beside the conversation: facts of the user, and what all agents of the tenant share.

Whose memory it is, and which agent writes, is read from the session alone. A fact is private to its user, and found by
its words, and by its meaning too where there is an embedder. What memory refuses is told in its one line.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec, TypedDict

from google.adk.tools import ToolContext

from memory.client import MemoryClient
from memory.knowledge.calls import KnowledgeApi
from memory.shared_state import SharedState
from state_tools.lookup import search_words
from state_tools.record import Record
from state_tools.tool import StateTool
from storage.knowledge.knowledge import Knowledge
from storage.memory.errors import MemoryRefusedError

MOST = 10
"""Facts that one call gives."""
_CANDIDATES = 50
Answer = dict[str, Any]
Given = ParamSpec("Given")


def _telling(tool: Callable[Given, Awaitable[Answer]]) -> Callable[Given, Awaitable[Answer]]:
    """The tool, with what memory refuses as its answer."""

    @wraps(tool)
    async def told(*args: Given.args, **given: Given.kwargs) -> Answer:
        try:
            return await tool(*args, **given)
        except MemoryRefusedError as error:
            return {"status": "error", "error_message": f"{_sentence(str(error))} {error.hint}".strip()}

    return told


@_telling
async def remember_fact(fact: str, tool_context: ToolContext) -> Answer:
    """Remembers a fact for good, in all sessions, when the user asks for that or tells something lasting.

    Args:
        fact: One full sentence that can be understood by itself, in the user's words: "my sister lives in Oslo".
    """
    facts = _Facts(tool_context)
    kept = await facts.keep(fact)
    added = kept.created_at == kept.updated_at
    told = "Remembered" if added else "This was remembered already"
    return _done("remember_fact", f"{told}: {kept.content}", fact=kept.content, added=added)


@_telling
async def recall_fact(tool_context: ToolContext, query: str = "") -> Answer:
    """Finds facts that the user has asked to be remembered, in any session. What was said is found by `recall`.

    Args:
        query: What they are about, such as "sister"; leave it out for the newest ones.
    """
    facts = _Facts(tool_context)
    found = await facts.about(query, MOST)
    wanted = set(search_words(query))
    told = [_told(each, wanted) for each in found]
    message = f"{len(told)} found." if told else "Nothing of that is remembered."
    return _done("recall_fact", message, query=query, facts=told)


@_telling
async def forget_fact(fact: str, tool_context: ToolContext) -> Answer:
    """Forgets a fact that was remembered. When several fit, none is forgotten, and they are listed to choose from.

    Args:
        fact: The fact, or the words that tell it from the others.
    """
    facts = _Facts(tool_context)
    fitting = await facts.fitting(fact)
    if len(fitting) > 1:
        listed = [each.content for each in fitting[:MOST]]
        return _done("forget_fact", "Several facts fit; name one in full.", fact=fact, forgotten=[], fitting=listed)
    gone = [each.content for each in fitting if await facts.drop(each)]
    message = f"Forgotten: {gone[0]}" if gone else "Nothing of that was remembered."
    return _done("forget_fact", message, fact=fact, forgotten=gone, fitting=[])


@_telling
async def share_result(key: str, value: Any, tool_context: ToolContext) -> Answer:
    """Gives a value to all agents that work for this user's team, in every session, in place of what has that key.

    Args:
        key: What it is called, such as "nvda-report".
        value: Anything that JSON has.
    """
    written = await _shared(tool_context).set(key, value)
    if not written.applied:
        return {"status": "error", "error_message": f"{key!r} is kept as its first writer has it; use another key."}
    version = written.entry.version
    return _done("share_result", f"{key!r} is shared, version {version}.", key=key, version=version)


@_telling
async def read_shared(key: str, tool_context: ToolContext) -> Answer:
    """Reads a value that agents share, who wrote it and when.

    Args:
        key: What it is called.
    """
    entry = await _shared(tool_context).get_entry(key)
    if entry is None:
        return _done("read_shared", f"Nothing is shared as {key!r}.", key=key, found=False)
    known = {"value": entry.value, "version": entry.version, "by": entry.updated_by, "when": _when(entry.updated_at)}
    return _done("read_shared", f"{key!r} was shared by {entry.updated_by}.", key=key, found=True, **known)


MEMORY_TOOLS = (
    StateTool(remember_fact, "“{fact}” is remembered"),
    StateTool(recall_fact),
    StateTool(forget_fact, "“{fact}” is forgotten"),
    StateTool(share_result, "{key} is shared"),
    StateTool(read_shared),
)


class _Whose(TypedDict):
    tenant_id: str
    user_id: str


class _Facts:
    """The facts of the user whose session it is."""

    def __init__(self, context: ToolContext) -> None:
        record = Record.of(context)
        self._memory = KnowledgeApi(record.database, record.meaning)
        self._whose: _Whose = {"tenant_id": record.user.tenant, "user_id": record.user.user_id}
        self._from = {"agent_id": context.agent_name, "session_id": record.turn.session.session_id}

    async def keep(self, fact: str) -> Knowledge:
        return await self._memory.store_knowledge(fact.strip(), metadata=self._from, **self._whose)

    async def about(self, query: str, most: int) -> list[Knowledge]:
        if not query.strip():
            return await self._memory.list_knowledge(most, include_public=False, **self._whose)
        return await self._memory.search_knowledge(query, most, include_public=False, **self._whose)

    async def fitting(self, fact: str) -> list[Knowledge]:
        """The one that says just this, or those that have all of the words."""
        found = await self.about(fact, _CANDIDATES) if fact.strip() else []
        same = [each for each in found if _plain(each.content) == _plain(fact)]
        wanted = set(search_words(fact))
        return same[:1] or [each for each in found if wanted <= set(search_words(each.content))]

    async def drop(self, fact: Knowledge) -> bool:
        return await self._memory.delete_knowledge(id=fact.id, **self._whose)


def _shared(context: ToolContext) -> SharedState:
    record = Record.of(context)
    return SharedState(MemoryClient(record.database), record.user.tenant, context.agent_name)


def _told(fact: Knowledge, wanted: set[str]) -> Answer:
    """A fact, and whether it was found by one of the words that were wanted, or else by what it means."""
    has = not wanted or bool(wanted & set(search_words(fact.content)))
    return {"fact": fact.content, "when": _when(fact.updated_at), "found_by": "words" if has else "meaning"}


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).strip(" .!")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _when(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _done(action: str, message: str, **known: Any) -> Answer:
    return {"status": "success", "action": action, "message": message, **known}
