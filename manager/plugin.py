"""What cuts across all agents, in one plugin on the app, so that `adk web` and `adk run` have it too.

It writes on each event what the ledger cannot see in it (which calls are delegations, when parallel calls ended), lets
the answer of a lone delegation be the turn's answer, tells the manager's model what was said before, keeps the snapshot
of the preferences in ADK's state, and ends a turn that no event ends.
"""

import time
from typing import Any

from google.adk.agents import BaseAgent, LlmAgent
from google.adk.agents.callback_context import CallbackContext
from google.adk.agents.invocation_context import InvocationContext
from google.adk.events import Event
from google.adk.models import Gemini, LlmRequest
from google.adk.plugins.base_plugin import BasePlugin
from google.adk.sessions import DatabaseSessionService
from google.adk.tools import BaseTool, ToolContext
from google.genai import types

from llm.errors import explain
from state_tools import CHANGING_TOOLS
from state_tools.profile import SNAPSHOT, snapshot
from state_tools.record import NoRecordError, database_of
from storage import preferences, turns
from storage.adk import SessionService
from storage.database import Database
from storage.history import without_ids
from storage.ledger import DELEGATIONS, SPANS, delegation_id
from storage.scope import SessionKey, TurnKey
from storage.tables import FAILED


class LedgerPlugin(BasePlugin):
    """See the module; one instance serves every turn of an app."""

    def __init__(self) -> None:
        super().__init__(name="ledger")
        self._started: dict[tuple[str, str], float] = {}
        self._ended: dict[tuple[str, str], float] = {}
        self._failed: dict[tuple[str, str], Exception] = {}

    async def on_user_message_callback(
        self, *, invocation_context: InvocationContext, user_message: types.Content
    ) -> None:
        service = invocation_context.session_service
        if isinstance(service, DatabaseSessionService) and not isinstance(service, SessionService):
            await Database(service.db_engine).prepare()

    async def on_event_callback(self, *, invocation_context: InvocationContext, event: Event) -> None:
        if event.partial:
            return
        calls = [call.id for call in event.get_function_calls() if call.name in _delegates(invocation_context, event)]
        responses = event.get_function_responses()
        calls += [reply.id for reply in responses if reply.name in _delegates(invocation_context, event)]
        marks: dict[str, Any] = {DELEGATIONS: calls} if calls else {}
        if spans := self._spans(event):
            marks[SPANS] = spans
        if marks:
            event.custom_metadata = {**(event.custom_metadata or {}), **marks}
        database = _database(invocation_context)
        if database and any(reply.name in CHANGING_TOOLS for reply in responses):
            known = await preferences.of_user(database, _key(invocation_context).session.user)
            event.actions.state_delta[SNAPSHOT] = snapshot(known)

    async def before_model_callback(self, *, callback_context: CallbackContext, llm_request: LlmRequest) -> None:
        context = callback_context.get_invocation_context()
        service, agent = context.session_service, context.agent
        if isinstance(service, SessionService) and isinstance(agent, LlmAgent) and agent.parent_agent is None:
            history = service.history(context.session)
            gemini = isinstance(agent.canonical_model, Gemini)
            llm_request.contents[:0] = without_ids(history) if gemini else history

    async def before_tool_callback(
        self, *, tool: BaseTool, tool_args: dict[str, Any], tool_context: ToolContext
    ) -> None:
        call_id = tool_context.function_call_id or ""
        self._started[tool_context.invocation_id, call_id] = time.time()
        if _is_only_delegation(tool, tool_context):
            tool_context.actions.skip_summarization = True

    async def after_tool_callback(
        self, *, tool: BaseTool, tool_args: dict[str, Any], tool_context: ToolContext, result: dict[str, Any]
    ) -> dict[str, Any] | None:
        """ADK makes an answer of a sub-agent's failure: here it fails the turn, or is told to the model as an error."""
        call = tool_context.invocation_id, tool_context.function_call_id or ""
        self._ended[call] = time.time()
        failure = self._failed.get(call)
        if failure and tool_context.actions.skip_summarization:
            raise failure
        return {"error": explain(failure)[0]} if failure else None

    async def on_model_error_callback(
        self, *, callback_context: CallbackContext, llm_request: LlmRequest, error: Exception
    ) -> None:
        branch = callback_context.get_invocation_context().branch
        if call_id := delegation_id({"branch": branch}):
            self._failed[callback_context.invocation_id, call_id] = error

    async def on_tool_error_callback(
        self, *, tool: BaseTool, tool_args: dict[str, Any], tool_context: ToolContext, error: Exception
    ) -> dict[str, Any] | None:
        """A tool that fails is told to the model; a delegation that fails, fails the turn."""
        self._ended[tool_context.invocation_id, tool_context.function_call_id or ""] = time.time()
        if _is_delegate(tool.name, tool_context.get_invocation_context().agent):
            return None
        message = str(error) if isinstance(error, NoRecordError) else f"{tool.name} failed: {explain(error)[0]}"
        return {"status": "error", "error_message": message}

    async def on_run_error_callback(self, *, invocation_context: InvocationContext, error: Exception) -> None:
        self._forget(invocation_context.invocation_id)
        if database := _database(invocation_context):
            await turns.fail(database, _key(invocation_context), explain(error)[0])

    async def after_run_callback(self, *, invocation_context: InvocationContext) -> None:
        self._forget(invocation_context.invocation_id)
        database = _database(invocation_context)
        if database and not invocation_context.is_aborted and not _answered(invocation_context):
            await turns.end_if_running(database, _key(invocation_context), FAILED, "the model gave no answer")

    def _forget(self, invocation_id: str) -> None:
        for calls in (self._started, self._ended, self._failed):
            for call in [call for call in calls if call[0] == invocation_id]:
                del calls[call]

    def _spans(self, event: Event) -> dict[str, list[float]]:
        ended = [(reply.id, (event.invocation_id, reply.id)) for reply in event.get_function_responses() if reply.id]
        return {
            id_: [self._started[call], self._ended[call]]
            for id_, call in ended
            if call in self._started and call in self._ended
        }


def _database(context: InvocationContext) -> Database | None:
    return database_of(context.session_service)


def _key(context: InvocationContext) -> TurnKey:
    session = context.session
    return TurnKey(SessionKey(session.app_name, session.user_id, session.id), context.invocation_id)


def _answered(context: InvocationContext) -> bool:
    """Whether the last event has ended the turn, as it nearly always has."""
    events = context.session.events
    if not events or events[-1].invocation_id != context.invocation_id or events[-1].get_function_calls():
        return False
    last = events[-1]
    return not last.branch and any(
        part.text and not part.thought for part in (last.content and last.content.parts) or []
    )


def _delegates(context: InvocationContext, event: Event) -> set[str]:
    """The agents that the author of an event can delegate to."""
    author = context.agent.root_agent.find_agent(event.author) if isinstance(context.agent, BaseAgent) else None
    return {agent.name for agent in author.sub_agents} if author else set()


def _is_delegate(name: str, agent: object) -> bool:
    return isinstance(agent, BaseAgent) and any(child.name == name for child in agent.sub_agents)


def _is_only_delegation(tool: BaseTool, context: ToolContext) -> bool:
    """Whether the reply that calls this tool delegates to one agent and does nothing else."""
    if not _is_delegate(tool.name, context.get_invocation_context().agent):
        return False
    for event in reversed(context.session.events):
        calls = event.get_function_calls()
        if any(call.id == context.function_call_id for call in calls):
            return len(calls) == 1
    return False
