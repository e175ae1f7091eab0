"""What cuts across all agents, in one plugin on the app, so that `adk web` and `adk run` have it too.

It makes what comes from models and tools fit to be kept (`arrival.py`), writes on each event what the ledger cannot see
in it (which calls are delegations, when parallel calls ended), lets the answer of a lone delegation be the turn's
answer, tells the manager's model what was said before and the offline model the user's name, keeps the snapshot of the
preferences in ADK's state, and ends a turn that no event ends: none stays running, whatever its models did.
"""

import time
from collections import Counter
from typing import Any

from google.adk.agents import BaseAgent, LlmAgent
from google.adk.agents.callback_context import CallbackContext
from google.adk.agents.invocation_context import InvocationContext
from google.adk.events import Event
from google.adk.models import Gemini, LlmRequest, LlmResponse
from google.adk.plugins.base_plugin import BasePlugin
from google.adk.sessions import DatabaseSessionService
from google.adk.tools import BaseTool, FunctionTool, ToolContext
from google.genai import types

from manager.arrival import admit, calls, hear, is_answer, receive, result_of
from models.errors import NO_ANSWER, ModelError, explain, in_words, too_many_calls
from models.offline.model import OfflineModel
from models.offline.request import tell_user_name
from state_tools.arguments import ArgumentError, checked, checked_request
from state_tools.profile import SNAPSHOT, name_of, snapshot
from state_tools.record import NoRecordError, database_of
from storage.adk import hook
from storage.adk.history import without_ids
from storage.adk.quick import DeclaredOnce
from storage.adk.service import SessionService
from storage.database import Database
from storage.errors import BusyError, OnlyInFilesError, failure_of_storage
from storage.ledger.entries import DELEGATIONS, SPANS, delegation_id
from storage.queries import preferences, turns
from storage.schema.tables import FAILED
from storage.scope import SessionKey, TurnKey


class LedgerPlugin(BasePlugin):
    """See the module; one instance serves every turn of an app. What it notes of a turn goes when the turn is over."""

    def __init__(self) -> None:
        super().__init__(name="ledger")
        hook.install()
        self._started: dict[tuple[str, str], float] = {}
        self._ended: dict[tuple[str, str], float] = {}
        self._answered: dict[tuple[str, str], ModelError | None] = {}
        """Delegations whose agent has answered; why that answer is not whole."""
        self._failed: dict[tuple[str, str], Exception] = {}
        self._call_ids: dict[str, set[str]] = {}
        self._asked: Counter[str] = Counter()

    async def on_user_message_callback(
        self, *, invocation_context: InvocationContext, user_message: types.Content
    ) -> None:
        hear(user_message)
        service = invocation_context.session_service
        if isinstance(service, DatabaseSessionService) and not isinstance(service, SessionService):
            database = Database(service.db_engine)
            if database.on_server:
                raise OnlyInFilesError
            await database.prepare()

    async def on_event_callback(self, *, invocation_context: InvocationContext, event: Event) -> None:
        if event.partial:
            return
        admit(event)
        responses = event.get_function_responses()
        delegates = _delegates(invocation_context, event)
        handed = [call.id for call in event.get_function_calls() if call.name in delegates]
        handed += [reply.id for reply in responses if reply.name in delegates]
        marks: dict[str, Any] = {DELEGATIONS: handed} if handed else {}
        if spans := self._spans(event):
            marks[SPANS] = spans
        if marks:
            event.custom_metadata = {**(event.custom_metadata or {}), **marks}
        if responses and is_answer(event.content):
            self._mark_cut(event)
        database = _database(invocation_context)
        if database and responses and SNAPSHOT in event.actions.state_delta:  # of parallel tools each told its own
            known = await preferences.of_user(database, _key(invocation_context).session.user)
            event.actions.state_delta[SNAPSHOT] = snapshot(known)

    async def before_model_callback(self, *, callback_context: CallbackContext, llm_request: LlmRequest) -> None:
        context = callback_context.get_invocation_context()
        self._count(context)
        service, agent = context.session_service, context.agent
        if isinstance(agent, LlmAgent) and isinstance(agent.canonical_model, OfflineModel):
            _tell_name(callback_context, llm_request)
        if isinstance(service, SessionService) and isinstance(agent, LlmAgent) and agent.parent_agent is None:
            history = service.history(context.session)
            gemini = isinstance(agent.canonical_model, Gemini)
            llm_request.contents[:0] = without_ids(history) if gemini else history

    async def after_model_callback(self, *, callback_context: CallbackContext, llm_response: LlmResponse) -> None:
        context = callback_context.get_invocation_context()
        taken = self._call_ids.setdefault(context.invocation_id, set())
        if calls(llm_response.content) and not llm_response.partial:
            taken |= {call.id for event in context.session.events for call in event.get_function_calls() if call.id}
        why = receive(llm_response, taken)
        call_id = delegation_id({"branch": context.branch})
        if call_id is None or llm_response.partial:
            return
        if is_answer(llm_response.content) and not calls(llm_response.content):
            self._answered[context.invocation_id, call_id] = why
        elif why:
            self._failed[context.invocation_id, call_id] = why

    async def before_tool_callback(
        self, *, tool: BaseTool, tool_args: dict[str, Any], tool_context: ToolContext
    ) -> dict[str, Any] | None:
        """A call that the tool cannot take is told to the model, and not made."""
        delegates = _is_delegate(tool.name, tool_context.get_invocation_context().agent)
        try:
            if delegates:
                checked_request(tool_args)
            elif type(tool) is FunctionTool or type(tool) is DeclaredOnce:
                given = checked(tool.func, tool_args)
                tool_args.clear()
                tool_args.update(given)
        except ArgumentError as error:
            return {"status": "error", "error_message": f"{tool.name} was not called: {error}"}
        self._started[_call(tool_context)] = time.time()
        if delegates and _is_only_call(tool_context):
            tool_context.actions.skip_summarization = True
        return None

    async def after_tool_callback(
        self, *, tool: BaseTool, tool_args: dict[str, Any], tool_context: ToolContext, result: dict[str, Any]
    ) -> dict[str, Any] | None:
        """ADK makes an answer of a sub-agent's failure: here it fails the turn, or is told to the model as an error."""
        call = _call(tool_context)
        if call not in self._started:
            return None
        self._ended[call] = time.time()
        if not _is_delegate(tool.name, tool_context.get_invocation_context().agent):
            return result_of(result, tool.name)
        failed = self._failed.get(call) or (None if call in self._answered else in_words(NO_ANSWER))
        if failed and tool_context.actions.skip_summarization:
            raise failed
        if failed:
            return {"error": _line(failed)}
        cut = self._answered[call]
        return {"result": result, "note": str(cut)} if cut and not tool_context.actions.skip_summarization else None

    async def on_model_error_callback(
        self, *, callback_context: CallbackContext, llm_request: LlmRequest, error: Exception
    ) -> None:
        self._note_failure(callback_context, error)

    async def on_agent_error_callback(
        self, *, agent: BaseAgent, callback_context: CallbackContext, error: Exception
    ) -> None:
        """Whatever an agent fails with outside its model: in a tool, in a callback, or by asking too often."""
        self._note_failure(callback_context, error)

    async def on_tool_error_callback(
        self, *, tool: BaseTool, tool_args: dict[str, Any], tool_context: ToolContext, error: Exception
    ) -> dict[str, Any] | None:
        """A tool that fails is told to the model; a delegation that fails, fails the turn."""
        self._ended[_call(tool_context)] = time.time()
        if _is_delegate(tool.name, tool_context.get_invocation_context().agent):
            return None
        message = str(error) if isinstance(error, NoRecordError) else f"{tool.name} failed: {_line(error)}"
        return {"status": "error", "error_message": message}

    async def on_run_error_callback(self, *, invocation_context: InvocationContext, error: Exception) -> None:
        self._forget(invocation_context.invocation_id)
        database = _database(invocation_context)
        if database and not _is_given_up(invocation_context) and not isinstance(failure_of_storage(error), BusyError):
            await turns.fail(database, _key(invocation_context), _line(error))

    async def after_run_callback(self, *, invocation_context: InvocationContext) -> None:
        """ADK calls it even when a model broke off as if it were cancelled."""
        self._forget(invocation_context.invocation_id)
        database = _database(invocation_context)
        if database and not invocation_context.is_aborted and not _has_answer(invocation_context):
            await turns.end_if_running(database, _key(invocation_context), FAILED, str(in_words(NO_ANSWER)))

    def _count(self, context: InvocationContext) -> None:
        """ADK counts too, but fails with a line that says nothing of what to do."""
        limit = context.run_config.max_llm_calls if context.run_config else 0
        self._asked[context.invocation_id] += 1
        if 0 < limit < self._asked[context.invocation_id]:
            raise too_many_calls(limit)

    def _note_failure(self, context: CallbackContext, error: Exception) -> None:
        if call_id := delegation_id({"branch": context.get_invocation_context().branch}):
            self._failed.setdefault((context.invocation_id, call_id), error)

    def _mark_cut(self, event: Event) -> None:
        """An agent's answer that is the turn's answer says that it is not whole, as the agent's own event does."""
        for reply in event.get_function_responses():
            if why := self._answered.get((event.invocation_id, reply.id or "")):
                event.error_code, event.error_message = why.code, str(why)

    def _forget(self, invocation_id: str) -> None:
        for noted in (self._started, self._ended, self._answered, self._failed):
            for call in [call for call in noted if call[0] == invocation_id]:
                del noted[call]
        self._call_ids.pop(invocation_id, None)
        self._asked.pop(invocation_id, None)

    def _spans(self, event: Event) -> dict[str, list[float]]:
        ended = [(reply.id, (event.invocation_id, reply.id)) for reply in event.get_function_responses() if reply.id]
        return {
            id_: [self._started[call], self._ended[call]]
            for id_, call in ended
            if call in self._started and call in self._ended
        }


def _tell_name(context: CallbackContext, request: LlmRequest) -> None:
    if name := name_of(context.state):
        tell_user_name(request, name)


def _line(error: Exception) -> str:
    """What went wrong, with the model or with the record."""
    return explain(failure_of_storage(error) or error)[0]


def _database(context: InvocationContext) -> Database | None:
    return database_of(context.session_service)


def _key(context: InvocationContext) -> TurnKey:
    session = context.session
    return TurnKey(SessionKey(session.app_name, session.user_id, session.id), context.invocation_id)


def _has_answer(context: InvocationContext) -> bool:
    """Whether the last event has ended the turn, as it nearly always has."""
    events = context.session.events
    if not events or events[-1].invocation_id != context.invocation_id or events[-1].author == "user":
        return False
    last = events[-1]
    return not last.branch and not last.get_function_calls() and is_answer(last.content)


def _is_given_up(context: InvocationContext) -> bool:
    """Whether the turn has been ended without waiting for what still runs here."""
    service = context.session_service
    return isinstance(service, SessionService) and service.is_over(context.invocation_id)


def _call(context: ToolContext) -> tuple[str, str]:
    return context.invocation_id, context.function_call_id or ""


def _delegates(context: InvocationContext, event: Event) -> set[str]:
    """The agents that the author of an event can delegate to."""
    author = context.agent.root_agent.find_agent(event.author) if isinstance(context.agent, BaseAgent) else None
    return {agent.name for agent in author.sub_agents} if author else set()


def _is_delegate(name: str, agent: object) -> bool:
    return isinstance(agent, BaseAgent) and any(child.name == name for child in agent.sub_agents)


def _is_only_call(context: ToolContext) -> bool:
    """Whether the reply that makes this call does nothing else."""
    for event in reversed(context.session.events):
        calls = event.get_function_calls()
        if any(call.id == context.function_call_id for call in calls):
            return len(calls) == 1
    return False
