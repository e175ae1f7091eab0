"""What the model sees of a long conversation: the newest turns as they were, and a summary of all before them.

After a reply, when the turns since the last summary exceed the budget, all but the newest half of a budget go into a
new summary; where there are many, as in a fork or in what another program wrote, in steps, each of which is stored.
A summary is an ADK compaction event, so ADK's own tools see the same conversation. It is made beside the next turn,
never before it, and what it leaves out is still in the record, where agents can look it up.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from uuid import uuid4

from google.adk.events import Event, EventActions
from google.adk.events.event_actions import EventCompaction
from google.genai import types

from conversation.summary import Summarizer, extract
from models.factory import Budget
from storage.adk.service import SessionService, Window
from storage.events.log import EventLog
from storage.events.reads import SummaryCoverage
from storage.ledger.summaries import Coverage
from storage.queries import turns
from storage.queries.turns import Turn
from storage.scope import SessionKey

logger = logging.getLogger(__name__)

_CHARACTERS_A_TOKEN = 4
_TIMES_IN_PROMPT = 2
"""A message and an answer stand twice in what the manager sees: as text, and in the delegation's request and result."""


class Context:
    """Keeps the context of one conversation within its budget."""

    def __init__(self, service: SessionService, budget: Budget, summarize: Summarizer) -> None:
        self._service = service
        self._budget = budget
        self._summarize = summarize

    @property
    def window(self) -> Window:
        """How a session is read for a turn."""
        return Window(turns=self._budget.turns)

    async def compact(self, key: SessionKey, extent: SummaryCoverage) -> None:
        """Summarises the older turns of a session, when there are too many since the last summary."""
        since = extent.last_turn - extent.summarized_through
        if since <= self._budget.turns and _tokens(extent.characters) <= self._budget.tokens:
            return
        newest = await turns.history(self._service.database, key, limit=min(since, self._most_kept))
        kept = self._kept(newest)
        log, text, covered = self._service.log, "", extent.summarized_through
        if extent.summary_event_id:
            text = _summary_text(await log.event(key, extent.summary_event_id))
        while kept and (older := await self._step(key, covered, kept[-1].number)):
            text = await self._text(text, older)
            covered = older[-1].number
            if not await _store(log, key, text, Coverage(covered, older[-1].invocation_id)):
                return

    @property
    def _most_kept(self) -> int:
        return max(self._budget.turns // 2, 1)

    async def _step(self, key: SessionKey, covered: int, before: int) -> list[Turn]:
        """The next turns to summarise, oldest first: as many as fill the budget, and the first however long it is."""
        older = await turns.between(self._service.database, key, covered, before, limit=self._budget.turns)
        characters = list(accumulate(_characters(turn) for turn in older))
        fitting = sum(_tokens(so_far) <= self._budget.tokens for so_far in characters)
        return older[: max(fitting, 1)]

    def _kept(self, newest: Sequence[Turn]) -> list[Turn]:
        """Of the newest turns those that fill at most half the budget, at least one; newest first."""
        kept: list[Turn] = []
        characters = 0
        for turn in newest:
            characters += _characters(turn)
            if kept and _tokens(characters) > self._budget.tokens / 2:
                break
            kept.append(turn)
        return kept

    async def _text(self, earlier: str, older: Sequence[Turn]) -> str:
        try:
            return await self._summarize(earlier, older)
        except (Exception, asyncio.CancelledError):  # a model that fails must not cost the conversation's memory
            if (task := asyncio.current_task()) and task.cancelling():
                raise
            logger.warning("the model made no summary; extracting one", exc_info=True)
            return await extract(earlier, older)


def _characters(turn: Turn) -> int:
    return len(turn.user_input) + len(turn.agent_response or "")


def _tokens(characters: int) -> int:
    return characters * _TIMES_IN_PROMPT // _CHARACTERS_A_TOKEN


def _summary_text(event: dict[str, object] | None) -> str:
    if event is None:
        return ""
    compaction = Event.model_validate(event).actions.compaction
    parts = (compaction.compacted_content.parts if compaction and compaction.compacted_content else None) or []
    return "".join(part.text or "" for part in parts if not part.thought)


async def _store(log: EventLog, key: SessionKey, text: str, covers: Coverage) -> bool:
    """ADK leaves out the events up to the end of a compaction by their time: none of a turn that is kept may be among
    them, so where clocks differ it rather reads a turn twice."""
    kept_from = await log.first_time(key, covers.turn) or datetime.now(UTC)
    content = types.Content(role="model", parts=[types.Part(text=text)])
    end = (kept_from - timedelta(microseconds=1)).timestamp()
    compaction = EventCompaction(start_timestamp=0.0, end_timestamp=end, compacted_content=content)
    event = Event(
        invocation_id=f"e-{uuid4()}",
        author="user",
        timestamp=time.time(),
        actions=EventActions(compaction=compaction),
        custom_metadata=covers.metadata(),
    )
    return await log.add_summary(key, event.model_dump(exclude_none=True, mode="json"), covers)
