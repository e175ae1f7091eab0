"""Which model answers: Gemini, any LiteLLM model, or the built-in offline model. All agents take it from here."""

import importlib.util
import os
from collections.abc import Callable, Sequence
from typing import TypeAlias

from google.adk.models import BaseLlm
from google.genai.types import HttpOptions

from llm.errors import ModelError
from llm.offline import OfflineModel
from llm.skill import Skill
from settings import OFFLINE, Settings

ModelFactory: TypeAlias = Callable[[Sequence[Skill]], BaseLlm]
"""Gives an agent its model; the skills are what the agent can serve when the offline model answers for it."""

_SETUP = "See .env.example; `--model offline` works without any key."


def model_factory(settings: Settings) -> ModelFactory:
    """The factory for the model that the settings name.

    Raises:
        ModelError: The model cannot be used: no key for it, or a missing extra.
    """
    name = settings.model_name
    if name == OFFLINE:
        return lambda skills: OfflineModel(skills=tuple(skills))
    if "/" in name:
        return _litellm(name, settings)
    if name.startswith("gemini-"):
        return _gemini(name, settings)
    raise ModelError(f"there is no model {name!r}", f"Use gemini-*, provider/name (LiteLLM) or offline. {_SETUP}")


def _gemini(name: str, settings: Settings) -> ModelFactory:
    key = settings.google_api_key
    on_vertex = os.environ.get("GOOGLE_GENAI_USE_VERTEXAI", "").lower() in ("1", "true")
    if key is None and not on_vertex:
        raise ModelError(f"{name} needs a key", f"Set GOOGLE_API_KEY. {_SETUP}")
    from google.adk.models import Gemini  # google-genai's client takes long to import

    options = {"http_options": HttpOptions(timeout=int(settings.model_timeout * 1000))}
    if key is not None:
        return lambda _: Gemini(model=name, client_kwargs={**options, "api_key": key.get_secret_value()})
    return lambda _: Gemini(model=name, client_kwargs=options)


def _litellm(name: str, settings: Settings) -> ModelFactory:
    if importlib.util.find_spec("litellm") is None:
        raise ModelError(f"{name} needs LiteLLM", 'Install it with: pip install "litellm<1.106.3"')
    from google.adk.models.lite_llm import LiteLlm  # an optional extra

    return lambda _: LiteLlm(model=name, timeout=settings.model_timeout, num_retries=0)
