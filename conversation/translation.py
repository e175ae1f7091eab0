"""ADK's events to turn events, one turn long. What an event means is asked of the ledger's own function."""

from collections.abc import Iterator
from datetime import datetime

from google.adk.events import Event

from conversation.events import DelegationFinished, DelegationStarted, Reply, TextDelta, ToolCalled, TurnEvent
from storage import ledger


class Translation:
    """Remembers what has started in a turn, to tell when it ended."""

    def __init__(self) -> None:
        self._delegations: dict[str, tuple[str, datetime]] = {}
        self._tools: dict[str, ledger.ToolCallStarted] = {}
        self._agents: list[str] = []
        self._speaker: str | None = None
        self._streamed = False

    def of(self, event: Event) -> Iterator[TurnEvent]:
        """The turn events that one ADK event means."""
        if event.partial:
            yield from self._piece(event)
            return
        data = event.model_dump(exclude_none=True, mode="json")
        calls = event.get_function_calls()
        if calls and not ledger.delegation_id(data):
            known = (data.get("custom_metadata") or {}).get(ledger.DELEGATIONS, ())
            self._speaker = calls[0].id if len(calls) == 1 and calls[0].id in known else None
            self._streamed = False
        for entry in ledger.entries(data):
            yield from self._entry(event, entry)

    def _piece(self, event: Event) -> Iterator[TurnEvent]:
        """Text counts as the answer when the manager writes it, or the only agent that was asked."""
        call_id = ledger.delegation_id({"branch": event.branch})
        if call_id is not None and call_id != self._speaker:
            return
        parts = (event.content.parts if event.content else None) or []
        delta = "".join(part.text for part in parts if part.text and not part.thought)
        if delta:
            self._streamed = True
            yield TextDelta(event.author, delta)

    def _entry(self, event: Event, entry: ledger.Entry) -> Iterator[TurnEvent]:
        match entry:
            case ledger.DelegationStarted(reported=False):
                self._delegations[entry.id] = (entry.agent_name, entry.at)
                self._agents.append(entry.agent_name)
                yield DelegationStarted(entry.id, entry.agent_name, entry.task)
            case ledger.ToolCallStarted():
                self._tools[entry.id] = entry
            case ledger.CallEnded(delegation=True) if entry.id in self._delegations:
                agent, started = self._delegations.pop(entry.id)
                yield DelegationFinished(entry.id, agent, entry.status, _seconds(started, entry.ended_at))
            case ledger.CallEnded() if entry.id in self._tools:
                call = self._tools.pop(entry.id)
                seconds = _seconds(entry.started_at or call.at, entry.ended_at)
                yield ToolCalled(entry.id, call.agent_name, call.tool_name, dict(call.arguments), entry.status, seconds)
            case ledger.TurnEnded(response=str(text)):
                agents = tuple(dict.fromkeys(self._agents)) or (event.author,)
                if not self._streamed:
                    yield TextDelta(agents[0] if len(agents) == 1 else event.author, text)
                yield Reply(text, agents)
            case _:
                pass


def _seconds(start: datetime, end: datetime) -> float:
    return round(max((end - start).total_seconds(), 0.0), 3)
