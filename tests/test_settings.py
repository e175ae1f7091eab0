"""What the program may be told from outside, and what it does when it is told nothing."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from settings import DATA, ROOT, Settings


def test_told_nothing_it_uses_its_own_database_and_the_offline_model() -> None:
    told_nothing = Settings()
    assert told_nothing.database_url == str(ROOT / "data" / "multi_agent.db")
    assert told_nothing.model_name == "offline"
    assert told_nothing.chat_user
    assert (told_nothing.stock_provider, told_nothing.news_feeds) == ("sample", ())
    assert (told_nothing.log_file.parent, told_nothing.input_history.parent) == (DATA, DATA)


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "DATABASE_URL": "sqlite+aiosqlite:///other.db",
        "CHAT_USER": "eve",
        "MODEL": "openai/gpt-4o-mini",
        "MODEL_TIMEOUT": "1.5",
        "TURN_TIMEOUT": "20",
        "NEWS_FEEDS": " https://a.example/feed , https://b.example/atom.xml,",
    }.items():
        monkeypatch.setenv(name, value)
    told = Settings()
    assert told.database_url == "sqlite+aiosqlite:///other.db"
    assert (told.chat_user, told.model_name, told.model_timeout, told.turn_timeout) == (
        "eve",
        "openai/gpt-4o-mini",
        1.5,
        20,
    )
    assert told.news_feeds == ("https://a.example/feed", "https://b.example/atom.xml")


def test_a_key_alone_chooses_gemini(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "k")
    assert Settings().model_name == "gemini-2.5-flash"
    monkeypatch.setenv("MODEL", "offline")
    assert Settings().model_name == "offline"


@pytest.mark.parametrize("name", ["MODEL", "GOOGLE_API_KEY", "NEWS_FEEDS"])
def test_a_blank_line_in_the_environment_is_as_no_line(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "")
    assert Settings() == Settings.model_validate({})
    assert Settings().model_name == "offline"


@pytest.mark.parametrize("name", ["DATABASE_URL", "CHAT_USER", "MODEL_TIMEOUT", "STOCK_PROVIDER"])
def test_a_blank_line_for_anything_else_is_as_no_line_too(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    told_nothing = Settings()
    monkeypatch.setenv(name, "")
    assert Settings() == told_nothing


def test_the_env_file_is_read_and_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    file.write_text("CHAT_USER=from-file\nTURN_TIMEOUT=7\nSOMETHING_ELSE=1\n")
    monkeypatch.setitem(Settings.model_config, "env_file", file)
    monkeypatch.setenv("TURN_TIMEOUT", "8")
    assert (Settings().chat_user, Settings().turn_timeout) == ("from-file", 8)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODEL_TIMEOUT", "0"),
        ("TURN_TIMEOUT", "-1"),
        ("TURN_TIMEOUT", "soon"),
        ("STOCK_PROVIDER", "guess"),
        ("CHAT_USER", "x" * 129),
    ],
)
def test_what_makes_no_sense_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().chat_user = "eve"


def test_a_machine_without_a_login_name_has_a_user_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise OSError("no login name")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert Settings().chat_user == "user"


def test_every_variable_of_the_example_is_a_setting() -> None:
    example = (ROOT / ".env.example").read_text()
    named = {name.lower() for name in re.findall(r"^#?\s?([A-Z_]{4,})=", example, re.MULTILINE)}
    fields = Settings.model_fields
    assert named and named <= {str(field.validation_alias or name).lower() for name, field in fields.items()}
