"""Requests as ADK builds them, and the models of the real team."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from google.adk.models import LlmRequest
from google.genai import types

from models.offline.model import OfflineModel
from models.offline.routing.router import Router
from tests.routing.evaluate import Team, team

Ask = Callable[..., list[types.Part]]


@pytest.fixture(scope="session")
def offline_team() -> Team:
    return team()


@pytest.fixture(scope="session")
def manager(offline_team: Team) -> OfflineModel:
    return offline_team.manager


@pytest.fixture(scope="session")
def router(manager: OfflineModel) -> Router:
    return manager.router


def user(text: str) -> types.Content:
    return types.Content(role="user", parts=[types.Part(text=text)])


def called(name: str, **args: object) -> types.Content:
    return types.Content(role="model", parts=[types.Part(function_call=types.FunctionCall(name=name, args=args))])


def returned(*results: tuple[str, dict[str, Any]]) -> types.Content:
    parts = [types.Part(function_response=types.FunctionResponse(name=n, response=r)) for n, r in results]
    return types.Content(role="user", parts=parts)


def request(*contents: types.Content, tools: Sequence[str] = (), system: str = "") -> LlmRequest:
    declared = types.Tool(function_declarations=[types.FunctionDeclaration(name=name) for name in tools])
    config = types.GenerateContentConfig(tools=[declared] if tools else [], system_instruction=system or None)
    return LlmRequest(contents=list(contents), config=config)
