"""ADK's events to turn events, one turn long. What an event means is asked of the ledger's own function."""

from collections.abc import Iterator
from datetime import datetime

from google.adk.events import Event

from conversation.events import DelegationFinished, DelegationStarted, Reply, TextDelta, ToolCalled, TurnEvent
from storage.ledger import entries


class Translation:
    """Remembers what has started in a turn, to tell when it ended, and what was answered last.

    Attributes:
        begun: Whether the turn has told any event: its message is durable then.
        reply: The turn's answer so far. A model may go on after it, so it is told when the turn has ended.
        stopped: The code with which the last answer, or the lack of one, was told; empty when the model had ended.
    """

    def __init__(self) -> None:
        self.begun = False
        self.reply: Reply | None = None
        self.stopped = ""
        self._delegations: dict[str, tuple[str, datetime]] = {}
        self._tools: dict[str, entries.ToolCallStarted] = {}
        self._agents: list[str] = []
        self._speaker: str | None = None
        self._told: list[str] = []

    def of(self, event: Event) -> Iterator[TurnEvent]:
        """The turn events that one ADK event means."""
        self.begun = True
        if event.partial:
            yield from self._piece(event)
            return
        data = event.model_dump(exclude_none=True, mode="json")
        calls = event.get_function_calls()
        if calls and not entries.delegation_id(data):
            known = (data.get("custom_metadata") or {}).get(entries.DELEGATIONS, ())
            self._speaker = calls[0].id if len(calls) == 1 and calls[0].id in known else None
        if calls and self._is_answering(event):
            self._told.clear()
        for entry in entries.entries(data):
            yield from self._entry(event, entry)

    def ending(self) -> Iterator[TurnEvent]:
        """What a turn that has an answer tells last; the answer once more when a piece of another came after it."""
        if self.reply and self._told:
            self._told.clear()
            yield self._text(self.reply.agents[0], self.reply.text)
        if self.reply:
            yield self.reply

    def _piece(self, event: Event) -> Iterator[TurnEvent]:
        parts = (event.content.parts if event.content else None) or []
        delta = "".join(part.text for part in parts if part.text and not part.thought)
        if delta and self._is_answering(event):
            yield self._text(event.author, delta)

    def _is_answering(self, event: Event) -> bool:
        """Text counts as the answer when the manager writes it, or the only agent that was asked."""
        return entries.delegation_id({"branch": event.branch}) in (None, self._speaker)

    def _text(self, agent: str, delta: str) -> TextDelta:
        start = not self._told
        self._told.append(delta)
        return TextDelta(agent, delta, start)

    def _entry(self, event: Event, entry: entries.Entry) -> Iterator[TurnEvent]:
        match entry:
            case entries.DelegationStarted(reported=False):
                self._delegations[entry.id] = (entry.agent_name, entry.at)
                self._agents.append(entry.agent_name)
                yield DelegationStarted(entry.id, entry.agent_name, entry.task)
            case entries.ToolCallStarted():
                self._tools[entry.id] = entry
            case entries.CallEnded(delegation=True) if entry.id in self._delegations:
                agent, started = self._delegations.pop(entry.id)
                yield DelegationFinished(entry.id, agent, entry.status, _seconds(started, entry.ended_at))
            case entries.CallEnded() if entry.id in self._tools:
                call = self._tools.pop(entry.id)
                seconds = _seconds(entry.started_at or call.at, entry.ended_at)
                yield ToolCalled(entry.id, call.agent_name, call.tool_name, dict(call.arguments), entry.status, seconds)
            case entries.TurnEnded(response=response):
                self.stopped = event.error_code or ""
                if response is not None:
                    yield from self._answer(event, response)
            case _:
                pass

    def _answer(self, event: Event, text: str) -> Iterator[TurnEvent]:
        """Tells of the text what was not told piece by piece; all of it when the pieces were others."""
        agents = tuple(dict.fromkeys(self._agents)) or (event.author,)
        told = "".join(self._told)
        if not text.startswith(told):
            self._told.clear()
        if rest := text[len(told) if self._told else 0 :]:
            yield self._text(agents[0] if len(agents) == 1 else event.author, rest)
        self._told.clear()
        self.reply = Reply(text, agents)


def _seconds(start: datetime, end: datetime) -> float:
    return round(max((end - start).total_seconds(), 0.0), 3)
