"""Which model answers, and what is said when it cannot."""

import importlib.util
import re

import pytest
from google.adk.models import BaseLlm, Gemini, LlmRequest

from models.errors import ModelError
from models.factory import PROVIDERS, Budget, ModelFactory, Provider, UnavailableModel, budget, model_factory
from models.offline.model import OfflineModel
from settings import Settings
from tests.scripted import ScriptedModel
from tests.test_launch import project


def model(settings: Settings, **changes: object) -> BaseLlm:
    return model_factory(settings.model_copy(update=changes))([])


async def refusal(refusing: BaseLlm) -> ModelError:
    with pytest.raises(ModelError) as raised:
        async for _ in refusing.generate_content_async(LlmRequest()):
            pass
    return raised.value


def test_without_a_key_or_a_name_the_offline_model_answers(settings: Settings) -> None:
    assert isinstance(model(settings), OfflineModel)
    assert isinstance(model(settings, model="offline"), OfflineModel)


def test_with_a_key_gemini_answers_and_waits_as_long_as_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "secret-key")
    monkeypatch.setenv("MODEL_TIMEOUT", "2.5")
    gemini = model(Settings())
    assert isinstance(gemini, Gemini)
    assert gemini.model == "gemini-2.5-flash"
    options = gemini.client_kwargs or {}
    assert options["api_key"] == "secret-key"
    assert options["http_options"].timeout == 2500


def test_a_named_model_wins_over_the_key(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "secret-key")
    monkeypatch.setenv("MODEL", "gemini-2.5-pro")
    assert model(Settings()).model == "gemini-2.5-pro"
    monkeypatch.setenv("MODEL", "offline")
    assert isinstance(model(Settings()), OfflineModel)


async def test_gemini_without_a_key_says_which_one_is_missing(settings: Settings) -> None:
    error = await refusal(model(settings, model="gemini-2.5-flash"))
    assert str(error) == "gemini-2.5-flash needs a key"
    assert "GOOGLE_API_KEY" in error.hint and "offline" in error.hint


async def test_a_litellm_model_without_litellm_says_how_to_install_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == "litellm" else found(name, *a))
    error = await refusal(model(settings, model="openai/gpt-4o-mini"))
    assert str(error) == "openai/gpt-4o-mini needs litellm"
    assert "pip install" in error.hint and "litellm<1.106.3" in error.hint


@pytest.mark.parametrize("name", ["gpt-4o", "gemini", "nonsense", "Offline", " "])
def test_a_name_of_no_model_is_refused_at_once(settings: Settings, name: str) -> None:
    with pytest.raises(ModelError, match="there is no model") as raised:
        model(settings, model=name)
    assert "offline" in raised.value.hint


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.told)
def test_a_provider_is_chosen_by_the_names_it_tells(provider: Provider, settings: Settings) -> None:
    for name in (provider.told, *provider.offered):
        called = name.replace("*", "some")
        chosen = settings.model_copy(update={"model": called})
        assert budget(chosen) == provider.budget
        assert model_factory(chosen)([]).model == called
    if provider.library:
        extra = re.split("[<>=]", provider.library)[0]
        assert provider.library in project()["optional-dependencies"].get(extra, [provider.library])


def test_a_provider_is_one_row(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def echo(name: str, _settings: Settings) -> ModelFactory:
        return lambda _: ScriptedModel(model=name, script=lambda _: "hi")

    another = Provider("echo-*", "an echo", echo, budget=Budget(3, 900), offered=("echo-1",))
    monkeypatch.setattr("models.factory.PROVIDERS", (*PROVIDERS, another))
    chosen = settings.model_copy(update={"model": "echo-2"})
    assert (model(chosen).model, budget(chosen)) == ("echo-2", Budget(3, 900))
    with pytest.raises(ModelError) as raised:
        model(settings, model="nobody")
    assert "echo-*" in raised.value.hint
    without = Provider("lost", "no library", echo, library="no_such_library_at_all>=2")
    assert isinstance(without.factory("lost", settings)([]), UnavailableModel)


def test_a_key_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "secret-key")
    assert "secret-key" not in repr(Settings())
    assert "secret-key" not in str(Settings())
