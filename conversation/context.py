"""What the model sees of a long conversation: the newest turns as they were, and a summary of all before them.

After a reply, when the turns since the last summary exceed the budget, the older half of them goes into a new summary.
It is stored as an ADK compaction event, so ADK's own tools see the same conversation. It is made beside the next turn,
never before it, and what it leaves out is still in the record, where agents can look it up.
"""

import logging
import time
from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

from google.adk.events import Event, EventActions
from google.adk.events.event_actions import EventCompaction
from google.genai import types

from conversation.summary import Summarizer, extract
from llm.models import Budget
from storage import turns
from storage.adk import SessionService, Window
from storage.event_log import EventLog
from storage.event_reads import Extent
from storage.scope import SessionKey
from storage.turns import Turn

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

    async def tidy(self, key: SessionKey, extent: Extent) -> None:
        """Summarises the older turns of a session, when there are too many since the last summary."""
        since = extent.last_turn - extent.summarized_through
        if since <= self._budget.turns and _tokens(extent.characters) <= self._budget.tokens:
            return
        recent = await turns.history(self._service.database, key, limit=min(since, 2 * self._budget.turns))
        kept = self._kept(recent)
        older = [turn for turn in recent if turn.number < kept[-1].number]
        if not older:
            return
        log = self._service.log
        earlier = await log.event(key, extent.summary_event_id) if extent.summary_event_id else None
        text = await self._text(_summary_text(earlier), list(reversed(older)))
        end = kept[-1].started_at - timedelta(microseconds=1)
        await _store(log, key, text, end.timestamp(), older[0].number)

    def _kept(self, recent: Sequence[Turn]) -> list[Turn]:
        """The newest turns that fill at most half the budget, at least one; newest first."""
        kept: list[Turn] = []
        characters = 0
        for turn in recent[: max(self._budget.turns // 2, 1)]:
            characters += len(turn.user_input) + len(turn.agent_response or "")
            if kept and _tokens(characters) > self._budget.tokens / 2:
                break
            kept.append(turn)
        return kept

    async def _text(self, earlier: str, older: Sequence[Turn]) -> str:
        try:
            return await self._summarize(earlier, older)
        except Exception:  # a model that fails must not cost the person the conversation's memory
            logger.warning("the model made no summary; extracting one", exc_info=True)
            return await extract(earlier, older)


def _tokens(characters: int) -> int:
    return characters * _TIMES_IN_PROMPT // _CHARACTERS_A_TOKEN


def _summary_text(event: dict[str, object] | None) -> str:
    if event is None:
        return ""
    compaction = Event.model_validate(event).actions.compaction
    parts = (compaction.compacted_content.parts if compaction and compaction.compacted_content else None) or []
    return "".join(part.text or "" for part in parts)


async def _store(log: EventLog, key: SessionKey, text: str, end: float, through: int) -> None:
    content = types.Content(role="model", parts=[types.Part(text=text)])
    compaction = EventCompaction(start_timestamp=0.0, end_timestamp=end, compacted_content=content)
    event = Event(
        invocation_id=f"e-{uuid4()}",
        author="user",
        timestamp=time.time(),
        actions=EventActions(compaction=compaction),
    )
    await log.add_summary(key, event.model_dump(exclude_none=True, mode="json"), through)
