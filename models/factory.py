"""Which model answers. All agents take it from here.

All that the program knows of a provider is one of `PROVIDERS`; another provider is another of them.
"""

import importlib.util
import re
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypeAlias

from dotenv import load_dotenv
from google.adk.models import BaseLlm, LlmRequest, LlmResponse
from google.genai.types import HttpOptions

import launch
from models.errors import ModelError
from models.offline.model import OfflineModel
from models.offline.skill import Skill
from settings import OFFLINE, Settings, env_example, env_file


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of a conversation a model is sent as it was said; the rest is summarised."""

    turns: int = 20
    tokens: int = 12_000


ModelFactory: TypeAlias = Callable[[Sequence[Skill]], BaseLlm]
"""Gives an agent its model; the skills are what the agent can serve when the offline model answers for it."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Where models come from.

    Attributes:
        names: How its models are called, as `fnmatch` reads it.
        about: What answers then, for the documentation.
        make: From a model's name and the settings to what gives each agent its model.
        needs: What must be there, for the documentation.
        library: The requirement to install for it; the module is called as the distribution.
        budget: What its models are sent, unless the settings say otherwise.
        offered: Names that are offered where one chooses.
        called: How its models are called, where a pattern would not be understood.
    """

    names: str
    about: str
    make: Callable[[str, Settings], ModelFactory]
    needs: str = ""
    library: str = ""
    budget: Budget = Budget()
    offered: tuple[str, ...] = ()
    called: str = ""

    @property
    def told(self) -> str:
        """How its models are called, for a person."""
        return self.called or self.names

    def factory(self, name: str, settings: Settings) -> ModelFactory:
        """What `make` gives; without its library, a model that says so."""
        module = re.split(r"[\[<>=]", self.library)[0]
        if module and importlib.util.find_spec(module) is None:
            hint = f"Install it with: {launch.pip_install(self.library)}"
            return _unavailable(name, ModelError(f"{name} needs {module}", hint))
        return self.make(name, settings)


def _offline(_name: str, _settings: Settings) -> ModelFactory:
    return lambda skills: OfflineModel(skills=tuple(skills))


def _setup() -> str:
    return f"See {env_example()}; `--model offline` works without any key."


def _gemini(name: str, settings: Settings) -> ModelFactory:
    key = settings.google_api_key
    if key is None:
        return _unavailable(name, ModelError(f"{name} needs a key", f"Set GOOGLE_API_KEY. {_setup()}"))
    from google.adk.models import Gemini  # google-genai's client takes long to import

    timeout = HttpOptions(timeout=int(settings.model_timeout * 1000))
    return lambda _: Gemini(model=name, client_kwargs={"api_key": key.get_secret_value(), "http_options": timeout})


def _litellm(name: str, settings: Settings) -> ModelFactory:
    from google.adk.models.lite_llm import LiteLlm  # an optional extra

    if file := env_file():
        load_dotenv(file)  # LiteLLM reads each provider's key from the environment
    return lambda _: LiteLlm(model=name, timeout=settings.model_timeout, num_retries=0)


PROVIDERS = (
    Provider(OFFLINE, "the built-in offline model", _offline, budget=Budget(8, 4_000), offered=(OFFLINE,)),
    Provider(
        "*/*",
        "any [LiteLLM](https://docs.litellm.ai/docs/providers) model",
        _litellm,
        needs="the provider's own key in `.env`",
        library="litellm<1.106.3",
        called="provider/name",
    ),
    Provider(
        "gemini-*",
        "that Gemini model",
        _gemini,
        needs="`GOOGLE_API_KEY`",
        budget=Budget(30, 24_000),
        offered=("gemini-2.5-flash", "gemini-2.5-pro"),
    ),
)
"""The first that a name fits answers. What its library raises is told by `models.errors.explain`, by HTTP status."""


def _provider(name: str) -> Provider | None:
    return next((each for each in PROVIDERS if fnmatchcase(name, each.names)), None)


def model_factory(settings: Settings) -> ModelFactory:
    """The factory for the model that the settings name.

    A model without its key, or without its library, fails each turn with the reason.

    Raises:
        ModelError: No model is called so.
    """
    name = settings.model_name
    provider = _provider(name)
    if provider is None:
        known = ", ".join(each.told for each in PROVIDERS)
        raise ModelError(f"there is no model {name!r}", f"There are: {known}. {_setup()}")
    return provider.factory(name, settings)


def budget(settings: Settings) -> Budget:
    """The context budget for the model that the settings name, unless they set another."""
    provider = _provider(settings.model_name)
    usual = provider.budget if provider else Budget()
    return Budget(settings.context_turns or usual.turns, settings.context_tokens or usual.tokens)


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
