# mypy: disable-error-code="import-not-found"
"""LangGraph: one graph on one `AsyncSqliteSaver`, its nodes, models and tools awaited; a session is a thread of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from langchain_core.messages import HumanMessage
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from benchmarks.many.child import Turn, main
from benchmarks.turns.langgraph_sqlite import graph_of
from benchmarks.turns.script import Uncounted
from benchmarks.turns.systems import WINDOW


class OnGraph:
    """A `child.Carrier`."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def session(self, name: str) -> Turn:
        config = {"configurable": {"thread_id": name}}

        async def turn(text: str) -> str:
            state = await self._app.ainvoke({"messages": [HumanMessage(text)]}, config, durability="sync")
            return str(state["messages"][-1].content)

        return turn


@asynccontextmanager
async def opened(file: Path, seconds: float) -> AsyncIterator[OnGraph]:
    """The graph on a checkpointer."""
    async with AsyncSqliteSaver.from_conn_string(str(file)) as saver:
        await saver.setup()
        yield OnGraph(graph_of(Uncounted(), WINDOW, awaited=True, seconds=seconds).compile(checkpointer=saver))


if __name__ == "__main__":
    main(opened)
