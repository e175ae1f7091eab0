"""Which model answers: Gemini, any LiteLLM model, or the built-in offline model. All agents take it from here."""

import importlib.util
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dotenv import load_dotenv
from google.adk.models import BaseLlm, LlmRequest, LlmResponse
from google.genai.types import HttpOptions

import launch
from models.errors import ModelError
from models.offline.model import OfflineModel
from models.offline.skill import Skill
from settings import ENV_EXAMPLE, ENV_FILE, OFFLINE, Settings


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of a conversation a model is sent as it was said; the rest is summarised."""

    turns: int
    tokens: int


ModelFactory: TypeAlias = Callable[[Sequence[Skill]], BaseLlm]
"""Gives an agent its model; the skills are what the agent can serve when the offline model answers for it."""

_BUDGETS = {OFFLINE: Budget(turns=8, tokens=4_000), "gemini-": Budget(turns=30, tokens=24_000)}
_BUDGET = Budget(turns=20, tokens=12_000)
"""For models that are not named above."""

_SETUP = f"See {ENV_EXAMPLE}; `--model offline` works without any key."


def model_factory(settings: Settings) -> ModelFactory:
    """The factory for the model that the settings name.

    A model without its key, or without its extra, fails each turn with the reason.

    Raises:
        ModelError: No model is called so.
    """
    name = settings.model_name
    if name == OFFLINE:
        return lambda skills: OfflineModel(skills=tuple(skills))
    if "/" in name:
        return _litellm(name, settings)
    if name.startswith("gemini-"):
        return _gemini(name, settings)
    raise ModelError(f"there is no model {name!r}", f"Use gemini-*, provider/name (LiteLLM) or offline. {_SETUP}")


def budget(settings: Settings) -> Budget:
    """The context budget for the model that the settings name, unless they set another."""
    name = settings.model_name
    usual = next((held for prefix, held in _BUDGETS.items() if name.startswith(prefix)), _BUDGET)
    return Budget(settings.context_turns or usual.turns, settings.context_tokens or usual.tokens)


def _gemini(name: str, settings: Settings) -> ModelFactory:
    key = settings.google_api_key
    if key is None:
        return _unavailable(name, ModelError(f"{name} needs a key", f"Set GOOGLE_API_KEY. {_SETUP}"))
    from google.adk.models import Gemini  # google-genai's client takes long to import

    timeout = HttpOptions(timeout=int(settings.model_timeout * 1000))
    return lambda _: Gemini(model=name, client_kwargs={"api_key": key.get_secret_value(), "http_options": timeout})


def _litellm(name: str, settings: Settings) -> ModelFactory:
    if importlib.util.find_spec("litellm") is None:
        missing = ModelError(f"{name} needs LiteLLM", f"Install it with: {launch.pip_install('litellm<1.106.3')}")
        return _unavailable(name, missing)
    from google.adk.models.lite_llm import LiteLlm  # an optional extra

    load_dotenv(ENV_FILE)  # LiteLLM reads each provider's key from the environment
    return lambda _: LiteLlm(model=name, timeout=settings.model_timeout, num_retries=0)


def _unavailable(name: str, error: ModelError) -> ModelFactory:
    return lambda _: UnavailableModel(model=name, error=error)


class UnavailableModel(BaseLlm):
    """A model that was asked for and cannot answer: every turn fails with the reason, and the session stays usable."""

    error: ModelError

    async def generate_content_async(
        self, llm_request: LlmRequest, stream: bool = False
    ) -> AsyncGenerator[LlmResponse, None]:
        raise self.error
        yield  # makes this a generator, as ADK expects
