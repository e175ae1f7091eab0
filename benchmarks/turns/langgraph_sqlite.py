# mypy: disable-error-code="import-not-found,misc,no-any-return,untyped-decorator"
"""LangGraph with its SQLite checkpointer: a manager node and an agent node, each with its tools, and a hand-over.

The hand-over is a tool that returns `Command(goto=..., graph=...)` as LangGraph's guides do it; every super-step is
written before the next (`durability="sync"`). Bounded, the manager removes messages of older turns from the state.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, RemoveMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import InjectedToolCallId, StructuredTool
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.types import Command

from benchmarks.turns.child import main
from benchmarks.turns.script import (
    ANSWER,
    EVENTS,
    MANAGER_TOOL,
    MEMBER,
    MEMBER_TOOL,
    TIME,
    TOPICS,
    Prompts,
    Step,
    next_step,
)

_HAND_OVER = "transfer_to_funny_nerd"


class ScriptedModel(BaseChatModel):
    """Says what the script says; it takes time only when it is awaited."""

    manager: bool
    prompts: Any
    seconds: float = 0.0

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        return self.bind(tools=[each.name for each in tools], **kwargs)

    def _generate(self, messages: list[Any], stop: Any = None, run_manager: Any = None, **kwargs: Any) -> ChatResult:
        own = MANAGER_TOOL if self.manager else MEMBER_TOOL
        self.prompts.add(piece for each in messages for piece in _pieces(each))
        answered = int(isinstance(messages[-1], ToolMessage) and messages[-1].name == own)
        said = _said(next_step(manager=self.manager, answered=answered), own)
        return ChatResult(generations=[ChatGeneration(message=said)])

    async def _agenerate(self, messages: list[Any], *given: Any, **kwargs: Any) -> ChatResult:
        if self.seconds:
            await asyncio.sleep(self.seconds)
        return self._generate(messages)


def _pieces(message: Any) -> list[object]:
    calls = getattr(message, "tool_calls", [])
    return [message.content, *(call["name"] for call in calls), *(call["args"] for call in calls)]


def _said(step: Step, own: str) -> AIMessage:
    usage = {"input_tokens": 10, "output_tokens": 3, "total_tokens": 13}
    if step is Step.ANSWER:
        return AIMessage(content=ANSWER, usage_metadata=usage)
    name = own if step is Step.TOOL else _HAND_OVER
    return AIMessage(
        content="",
        usage_metadata=usage,
        tool_calls=[{"name": name, "args": {}, "id": str(uuid4()), "type": "tool_call"}],
    )


def get_current_time() -> dict[str, Any]:
    """Tells the time."""
    return TIME


def list_joke_topics() -> dict[str, Any]:
    """Lists the topics there are jokes on."""
    return TOPICS


def hand_over(tool_call_id: Annotated[str, InjectedToolCallId]) -> Command[Any]:
    """Hands over to the agent that tells jokes."""
    done = ToolMessage("Handed over.", name=_HAND_OVER, tool_call_id=tool_call_id)
    return Command(goto=MEMBER, update={"messages": [done]})


def _tool(name: str, function: Callable[..., Any]) -> StructuredTool:
    """A tool for both ways of being called: without the coroutine, it would be given to a thread when awaited."""

    async def awaited(**given: Any) -> Any:
        return function(**given)

    return StructuredTool.from_function(function, awaited, name=name)


def _node(model: Any, window: int | None, *, awaited: bool) -> Callable[[MessagesState], Any]:
    """Asks a model; bounded, it removes the messages of older turns when a turn begins."""

    def ask(state: MessagesState) -> dict[str, Any]:
        removed, kept = _bounded(state["messages"], window)
        return {"messages": [*removed, model.invoke(kept)]}

    async def ask_awaited(state: MessagesState) -> dict[str, Any]:
        removed, kept = _bounded(state["messages"], window)
        return {"messages": [*removed, await model.ainvoke(kept)]}

    return ask_awaited if awaited else ask


def _bounded(held: list[Any], window: int | None) -> tuple[list[RemoveMessage], list[Any]]:
    surplus = held[: max(len(held) - window, 0)] if window and isinstance(held[-1], HumanMessage) else []
    surplus = surplus[: len(surplus) - len(surplus) % EVENTS + EVENTS] if surplus else []
    return [RemoveMessage(id=each.id) for each in surplus], held[len(surplus) :]


def graph_of(
    prompts: Prompts, window: int | None, *, awaited: bool = False, seconds: float = 0.0
) -> StateGraph[MessagesState]:
    """The graph, for `invoke` or for `ainvoke`; awaited, its models take so many seconds."""
    time, topics = _tool(MANAGER_TOOL, get_current_time), _tool(MEMBER_TOOL, list_joke_topics)
    over = _tool(_HAND_OVER, hand_over)
    manager = ScriptedModel(manager=True, prompts=prompts, seconds=seconds).bind_tools([time, over])
    member = ScriptedModel(manager=False, prompts=prompts, seconds=seconds).bind_tools([topics])

    def after_manager_tools(state: MessagesState) -> str:
        return END if state["messages"][-1].name == _HAND_OVER else "manager"

    def after_member(state: MessagesState) -> str:
        return "member_tools" if state["messages"][-1].tool_calls else END

    graph = StateGraph(MessagesState)
    graph.add_node("manager", _node(manager, window, awaited=awaited))
    graph.add_node("manager_tools", ToolNode([time, over]))
    graph.add_node(MEMBER, _node(member, None, awaited=awaited))
    graph.add_node("member_tools", ToolNode([topics]))
    graph.add_edge(START, "manager")
    graph.add_edge("manager", "manager_tools")
    graph.add_conditional_edges("manager_tools", after_manager_tools)
    graph.add_conditional_edges(MEMBER, after_member)
    graph.add_edge("member_tools", MEMBER)
    return graph


class LangGraph:
    """A `child.System`."""

    def __init__(self, app: Any, prompts: Prompts) -> None:
        self.prompts = prompts
        self._app = app

    async def turn(self, text: str) -> str:
        config = {"configurable": {"thread_id": "session"}}
        state = self._app.invoke({"messages": [HumanMessage(text)]}, config, durability="sync")
        return str(state["messages"][-1].content)


@asynccontextmanager
async def opened(file: Path, window: int | None) -> AsyncIterator[LangGraph]:
    """A graph on a checkpointer, called without threads: the fastest way it offers."""
    prompts = Prompts()
    with SqliteSaver.from_conn_string(str(file)) as saver:
        saver.setup()
        yield LangGraph(graph_of(prompts, window).compile(checkpointer=saver), prompts)


if __name__ == "__main__":
    main(opened)
