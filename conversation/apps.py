"""The apps of a process: one for each model that answers, made when it is first asked for.

An app is the team with its model, and the runner that runs it. Any number of conversations share one; those that
nobody uses any more are closed, the least recently used first, when there are too many.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

from google.adk.agents import LlmAgent
from google.adk.agents.run_config import RunConfig, StreamingMode
from google.adk.runners import Runner

from conversation.context import Context
from conversation.summary import ModelSummarizer, Summarizer, extract
from conversation.tracing import send_spans
from manager.team import build_app
from memory.knowledge.embedders import embedder
from memory.knowledge.meaning import Meaning
from models.factory import ModelFactory, budget, model_factory
from settings import OFFLINE, Settings
from state_tools import StateTool
from state_tools.recollection import LedgerMemoryService
from storage.adk.quick import uncollected
from storage.adk.service import SessionService
from sub_agents import state_tools, team

MOST = 8
"""Apps that are kept though nobody uses them."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenApp:
    """What the turns of some conversations run with.

    Attributes:
        runner: ADK's runner of the team.
        run_config: How it runs a turn.
        context: Keeps what the model is told within its budget.
        changing: The tools that change what is remembered of a user, by their names.
        notices: A line on each installed package that was left out.
    """

    runner: Runner
    run_config: RunConfig
    context: Context
    changing: Mapping[str, StateTool]
    notices: tuple[str, ...]

    @property
    def model(self) -> str:
        """The name of the model that answers."""
        agent = self.runner.agent
        return agent.canonical_model.model if isinstance(agent, LlmAgent) else ""


class Apps:
    """The apps on one session service. Use `async with Apps.open(...) as apps`.

    Attributes:
        meaning: What finds by meaning, if there is something.
    """

    def __init__(self, settings: Settings, service: SessionService, models: ModelFactory | None) -> None:
        self._settings = settings
        self._service = service
        self._models = models
        self.meaning = Meaning(embedder(settings))
        self._telemetry = None if send_spans(settings.environment.collector) else uncollected()
        self._open: dict[str, OpenApp] = {}

    @classmethod
    @asynccontextmanager
    async def open(
        cls, settings: Settings, service: SessionService, models: ModelFactory | None
    ) -> AsyncIterator[Self]:
        """Apps as the settings describe them, closed at the end.

        Args:
            settings: The team, and the model that answers where no other is asked for.
            service: Where their sessions are.
            models: Gives the agents their models instead of the settings; for tests.
        """
        apps = cls(settings, service, models)
        try:
            yield apps
        finally:
            await apps._close(list(apps._open))

    def of(self, model: str | None) -> OpenApp:
        """The app in which a model answers, the settings' own when it is None.

        Raises:
            StorageError: A file of data that a member needs is missing or broken.
            ModelError: No model is called so.
        """
        name = model or self._settings.model_name
        app = self._open.pop(name, None) or self._made(model)
        self._open[name] = app
        return app

    async def close_unused(self, in_use: Callable[[OpenApp], bool]) -> None:
        """Closes what is too much of those that nobody uses."""
        unused = [each for each, kept in self._open.items() if not in_use(kept)]
        await self._close(unused[: max(len(self._open) - MOST, 0)])

    def _made(self, model: str | None) -> OpenApp:
        settings = self._settings.model_copy(update={"model": model}) if model else self._settings
        notices: list[str] = []
        members = team(settings, notices.append)
        app = build_app(settings, self._models or model_factory(settings), members, notices.append)
        service = self._service
        runner = Runner(
            app=app, session_service=service, memory_service=LedgerMemoryService(service.database, self.meaning)
        )
        context = Context(service, budget(settings), _summarizer(runner))
        run_config = RunConfig(
            streaming_mode=StreamingMode.SSE,
            get_session_config=context.window,
            telemetry=self._telemetry,
            max_llm_calls=settings.turn_model_calls,
        )
        changing = {tool.name: tool for tool in state_tools(members) if tool.changes}
        return OpenApp(runner, run_config, context, changing, tuple(notices))

    async def _close(self, names: list[str]) -> None:
        """While one is being closed nobody is given it, or another that is to be closed."""
        for app in [self._open.pop(name) for name in names]:
            await app.runner.close()


def _summarizer(runner: Runner) -> Summarizer:
    """The offline model cannot write; for it the summary is extracted."""
    model = runner.agent.canonical_model if isinstance(runner.agent, LlmAgent) else None
    return extract if model is None or model.model == OFFLINE else ModelSummarizer(model)
