"""What the program may be told from outside, and what it does when it is told nothing."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from settings import APP_NAME, DATA, ROOT, Settings, SettingsError, load
from storage import files
from storage.scope import User


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
        "TURN_MODEL_CALLS": "9",
        "LEASE_SECONDS": "0.6",
        "TURN_WAIT": "0",
        "SWEEP_SECONDS": "5",
        "HISTORY_MAX_EVENTS": "100",
        "HISTORY_MAX_DAYS": "0.5",
        "NEWS_FEEDS": " https://a.example/feed , https://b.example/atom.xml,",
    }.items():
        monkeypatch.setenv(name, value)
    told = Settings()
    assert told.database_url == "sqlite+aiosqlite:///other.db"
    assert (told.chat_user, told.model_name, told.model_timeout, told.turn_timeout, told.turn_model_calls) == (
        "eve",
        "openai/gpt-4o-mini",
        1.5,
        20,
        9,
    )
    assert (told.lease_seconds, told.turn_wait) == (0.6, 0)
    assert (told.sweep_seconds, told.history_max_events, told.history_max_days) == (5, 100, 0.5)
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
    monkeypatch.setattr("settings.env_file", lambda: file)
    monkeypatch.setenv("TURN_TIMEOUT", "8")
    assert (Settings().chat_user, Settings().turn_timeout) == ("from-file", 8)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODEL_TIMEOUT", "0"),
        ("TURN_TIMEOUT", "-1"),
        ("TURN_TIMEOUT", "soon"),
        ("TURN_TIMEOUT", "nan"),
        ("MODEL_TIMEOUT", "inf"),
        ("FEED_TIMEOUT", "1e400"),
        ("TURN_MODEL_CALLS", "0"),
        ("LEASE_SECONDS", "0"),
        ("TURN_WAIT", "-1"),
        ("TURN_WAIT", "nan"),
        ("SWEEP_SECONDS", "0"),
        ("HISTORY_MAX_EVENTS", "0"),
        ("HISTORY_MAX_DAYS", "nan"),
        ("HISTORY_MAX_DAYS", "1e9"),
        ("STOCK_PROVIDER", "guess"),
        ("CHAT_USER", "x" * 129),
        ("CHAT_TENANT", "x" * 129),
    ],
)
def test_what_makes_no_sense_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


@pytest.mark.parametrize("name", ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"])
def test_a_collector_is_named_in_the_environment_only(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".env"
    file.write_text(f"{name}=http://127.0.0.1:9\n")
    monkeypatch.setattr("settings.env_file", lambda: file)
    monkeypatch.setenv(name, "")
    assert Settings().environment.collector is None
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert Settings().environment.collector == name


def test_a_user_and_a_tenant_fit_adk_s_tables_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAT_USER", "x" * 100)
    monkeypatch.setenv("CHAT_TENANT", "y" * 27)
    assert Settings().user == User(APP_NAME, "x" * 100, "y" * 27)
    monkeypatch.setenv("CHAT_TENANT", "y" * 28)
    with pytest.raises(SettingsError, match=r"CHAT_TENANT cannot be 'y+': .*with CHAT_USER it takes 129 characters"):
        load()
    monkeypatch.delenv("CHAT_TENANT")
    monkeypatch.setenv("CHAT_USER", "/" * 100)
    with pytest.raises(SettingsError, match=r"CHAT_TENANT cannot be 'local': .*it takes 306 characters"):
        load()


def test_a_tenant_has_a_name_and_is_local_unless_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAT_TENANT", "")
    assert Settings().user.tenant == "local"
    with pytest.raises(ValidationError, match="chat_tenant"):
        Settings(chat_tenant="")


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


HERE = "here"
IN_ENV_FILE = [
    ("t.db", "{folder}/t.db"),
    ("q?x=1%20#.db", "{folder}/q?x=1%20#.db"),
    ("sqlite+aiosqlite:///data/t.db", "sqlite+aiosqlite:///{folder}/data/t.db"),
    ("sqlite:///t%20.db", "sqlite:///{folder}/t%20.db"),
    ("sqlite:///:memory:x.db", "sqlite:///{folder}/:memory:x.db"),
    ("sqlite+aiosqlite:///~t.db", "sqlite+aiosqlite:///{folder}/~t.db"),
    ("notes:2026.db", "{folder}/notes:2026.db"),
    ("~t.db", "{folder}/~t.db"),
    (":memory:.db", "{folder}/:memory:.db"),
    ("/abs/t.db", "/abs/t.db"),
    ("sqlite+aiosqlite:////abs/t.db", "sqlite+aiosqlite:////abs/t.db"),
    ("~/t.db", "~/t.db"),
    ("sqlite+aiosqlite:///~/t.db", "sqlite+aiosqlite:///~/t.db"),
    (":memory:", ":memory:"),
    ("sqlite:///:memory:", "sqlite:///:memory:"),
    ("file:t.db", "file:t.db"),
    ("sqlite:///FILE:t.db", "sqlite:///FILE:t.db"),
    ("postgresql://h/x", "postgresql://h/x"),
]


@pytest.fixture
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The `.env` of a project that one does not stand in."""
    (tmp_path / HERE).mkdir()
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / HERE)
    file = tmp_path / "project" / ".env"
    monkeypatch.setattr("settings.env_file", lambda: file)
    return file


@pytest.mark.parametrize(("written", "meant"), IN_ENV_FILE)
def test_a_database_in_the_env_file_is_relative_to_its_folder(written: str, meant: str, env_file: Path) -> None:
    env_file.write_text(f"DATABASE_URL='{written}'\n")
    assert Settings().database_url == meant.format(folder=env_file.parent)


def test_a_database_url_in_the_env_file_of_a_folder_with_any_name(
    tmp_path: Path, env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "what? 100%"
    env_file.parent.rename(folder)
    monkeypatch.setattr("settings.env_file", lambda: folder / ".env")
    (folder / ".env").write_text("DATABASE_URL=sqlite+aiosqlite:///data/t.db\n")
    assert files.locate(Settings().database_url) == folder / "data" / "t.db"


@pytest.mark.parametrize("name", ["log_file", "input_history", "inputrc"])
def test_other_files_in_the_env_file_are_relative_to_its_folder_too(name: str, env_file: Path) -> None:
    env_file.write_text(f"{name.upper()}=x/y\n")
    assert getattr(Settings(), name) == env_file.parent / "x" / "y"


@pytest.mark.parametrize("name", ["log_file", "input_history"])
def test_in_the_environment_they_are_relative_to_where_one_stands(
    name: str, env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name.upper(), "x/y")
    monkeypatch.setenv("DATABASE_URL", "t.db")
    assert getattr(Settings(), name).absolute() == env_file.parent.parent / HERE / "x" / "y"
    assert files.locate(Settings().database_url) == env_file.parent.parent / HERE / "t.db"


@pytest.mark.parametrize("name", ["log_file", "input_history"])
def test_a_tilde_is_the_home_folder_wherever_it_is_said(
    name: str, env_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env_file.write_text(f"{name.upper()}=~/a\n")
    assert getattr(Settings(), name) == Path.home() / "a"
    monkeypatch.setenv(name.upper(), "~/b")
    assert getattr(Settings(), name) == Path.home() / "b"


def test_settings_that_cannot_be_are_said_in_one_line(env_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_FILE", "~nobody-of-that-name/log")
    with pytest.raises(SettingsError, match="LOG_FILE cannot be"):
        load()
    monkeypatch.delenv("LOG_FILE")
    env_file.write_bytes(b"CHAT_USER=\xff")
    with pytest.raises(SettingsError, match="not UTF-8"):
        load()
    env_file.unlink()
    env_file.mkdir()
    with pytest.raises(SettingsError, match="it is a folder"):
        load()
