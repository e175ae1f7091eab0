"""Every path, environment variable and default of the program, in one typed place.

Values come from the process environment, then from `.env`, then from the defaults here, when `Settings` are made:
importing this reads neither. Nothing else in the program reads `os.environ` or joins paths by hand; what libraries read
by themselves (proxies, colours, a provider's key) is left to them. In a checkout `.env` is in it and the user's files
are in its `data`; an installed program has them in the platform's folders. A path is relative to where one stands, and
in `.env` to the folder of that file; `~` is the home folder.
"""

import getpass
import re
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias
from urllib.parse import quote

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

import launch
from storage.scope import LOCAL, MAX_ADK_ID, User
from storage.strict import encodable
from told import Told

ROOT = launch.ROOT
DATA = Path(str(resources.files("data")))
"""Shipped samples."""
APP_NAME = "manager"
"""ADK's app name: equal to the agent's folder, or `adk web` does not find the sessions."""


def user_folders(checkout: bool) -> tuple[Path, Path]:
    """Where the user's files are, and where `.env` is."""
    if checkout:
        return ROOT / "data", ROOT
    from platformdirs import PlatformDirs  # not needed in a checkout

    folders = PlatformDirs(launch.NAME, appauthor=False)
    return folders.user_data_path, folders.user_config_path


def user_data() -> Path:
    """Where the user's files are."""
    return user_folders(launch.in_checkout())[0]


def env_file() -> Path | None:
    """The file `.env`; None when there is to be none."""
    return user_folders(launch.in_checkout())[1] / ".env"


def env_name() -> str:
    """`.env`, as it is named to a person."""
    return ".env" if launch.in_checkout() else str(env_file())


def env_example() -> str:
    """What explains the settings, as it is named to a person."""
    return ".env.example" if launch.in_checkout() else str(DATA / "env.example")


OFFLINE = "offline"
"""The name of the built-in model."""
_FILES = ("log_file", "input_history", "inputrc")
_RELATIVE_URL = re.compile(r"(sqlite(?:\+\w+)?:///)(?!/|~(?:[^/]*/|$)|:memory:$|file:)(.+)", re.IGNORECASE)
_NO_RELATIVE_NAME = re.compile(
    r"/|~([^/]*/|$)|[A-Za-z][\w+.-]*://|(file|sqlite|postgres|postgresql|mysql)(\+\w+)?:|:memory:$", re.IGNORECASE
)
"""How the name of a database begins that is relative to nothing, or is none."""
_Seconds: TypeAlias = Annotated[float, Field(gt=0, le=1_000_000)]
"""How long something may take: it has an end."""


class SettingsError(Told):
    """The settings cannot be."""


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no login name, as in some containers
        return "user"


class Environment(BaseSettings):
    """Variables that are not ours: what the terminal says of itself, and where OpenTelemetry sends spans.

    They are not looked for in `.env`: others, who do not read it, obey them too. One that is there may be empty.
    """

    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    term: str = ""
    term_program: str = ""
    vte_version: str = ""
    wt_session: str | None = None
    konsole_version: str | None = None
    kitty_window_id: str | None = None
    domterm: str | None = None
    tmux: str = ""
    sty: str = ""
    no_color: str | None = None
    otel_exporter_otlp_endpoint: str = ""
    otel_exporter_otlp_traces_endpoint: str = ""

    @property
    def collector(self) -> str | None:
        """The variable that names a collector of spans; None when none does."""
        names = ("otel_exporter_otlp_endpoint", "otel_exporter_otlp_traces_endpoint")
        return next((name.upper() for name in names if getattr(self, name)), None)


class Settings(BaseSettings):
    """What a run of the program may be told from outside; see `.env.example`."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", populate_by_name=True, frozen=True)

    database_url: str = Field(
        default_factory=lambda: str(user_data() / "multi_agent.db"),
        description="a file, its URL, or that of a PostgreSQL",
    )
    chat_user: str = Field(default_factory=_login, min_length=1, max_length=128, description="whose record this is")
    chat_tenant: str = Field(
        default=LOCAL, min_length=1, validate_default=True, description="whose user that is; ada of another is another"
    )
    model: str | None = Field(default=None, description="which model answers")
    google_api_key: SecretStr | None = None
    model_timeout: _Seconds = Field(default=60.0, description="seconds one model call may take")
    embedding_model: str | None = Field(
        default=None, description="what finds memories by their meaning: `provider/name`, or `off`"
    )
    turn_timeout: _Seconds = Field(default=300.0, description="seconds one turn may take")
    turn_model_calls: int = Field(default=25, ge=1, le=10_000, description="how often a turn may ask its models")
    lease_seconds: _Seconds = Field(
        default=15.0, description="seconds after which a silent program is dead; alike for all on one database"
    )
    turn_wait: float = Field(
        default=30.0, ge=0, le=1_000_000, description="seconds a message waits for its session's running turn"
    )
    sweep_seconds: _Seconds = Field(
        default=60.0, description="seconds between two looks for what has expired in memory, and what is too old"
    )
    history_max_events: int = Field(default=10_000, ge=1, description="changes of memory that are kept for a tenant")
    history_max_days: float = Field(
        default=90.0, gt=0, le=36_500, description="days that a change of memory is kept for"
    )
    plan_memory_days: float = Field(
        default=30.0, gt=0, le=36_500, description="days that what a plan needed is kept for after its end"
    )
    context_turns: int | None = Field(default=None, ge=2, description="turns a model is sent as they were said")
    context_tokens: int | None = Field(default=None, ge=500, description="tokens of such turns, about")
    stock_provider: Literal["sample", "yfinance"] = "sample"
    news_feeds: Annotated[tuple[str, ...], NoDecode] = Field(default=(), description="RSS/Atom URLs, comma-separated")
    feed_timeout: _Seconds = Field(default=10.0, description="seconds one news feed may take")
    theme: Literal["dark", "light", "plain"] = Field(
        default="dark", validation_alias="CHAT_THEME", description="colours of the chat"
    )
    inputrc: Path = Field(default=Path("~/.inputrc"), description="readline's settings: vi or emacs keys")
    log_file: Path = Field(default_factory=lambda: user_data() / "multi_agent.log")
    input_history: Path = Field(default_factory=lambda: user_data() / "chat_input_history")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, _EnvFile(settings_cls, env_file=env_file())

    @field_validator("chat_user", "chat_tenant", mode="before")
    @classmethod
    def _encodable(cls, value: object) -> object:
        """A terminal may hand over what no database takes."""
        return encodable(value) if isinstance(value, str) else value

    @field_validator("chat_tenant")
    @classmethod
    def _fits(cls, tenant: str, info: ValidationInfo) -> str:
        stored = len(User(APP_NAME, info.data.get("chat_user", ""), tenant).adk_id)
        if stored > MAX_ADK_ID:
            raise ValueError(f"with CHAT_USER it takes {stored} characters, and may take {MAX_ADK_ID}")
        return tenant

    @field_validator("news_feeds", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("log_file", "input_history")
    @classmethod
    def _at_home(cls, file: Path) -> Path:
        try:
            return file.expanduser()
        except RuntimeError as error:  # there is no such user, or no home folder
            raise ValueError(str(error)) from error

    @cached_property
    def environment(self) -> Environment:
        """What is said by variables that are not ours, when it is first asked."""
        return Environment()

    @property
    def user(self) -> User:
        """Whose record this is."""
        return User(APP_NAME, self.chat_user, self.chat_tenant)

    @property
    def model_name(self) -> str:
        """The model that answers: as set, else Gemini when there is a key for it, else the offline model."""
        if self.model:
            return self.model
        return "gemini-2.5-flash" if self.google_api_key else OFFLINE


class _EnvFile(DotEnvSettingsSource):
    """What `.env` says; a path in it is relative to its folder."""

    def __call__(self) -> dict[str, Any]:
        values = super().__call__()
        if not isinstance(self.env_file, (str, Path)):
            return values
        folder = Path(self.env_file).absolute().parent
        for name in _FILES:
            if name in values and not str(values[name]).startswith("~"):
                values[name] = folder / values[name]
        if "database_url" in values:
            values["database_url"] = _database_in(folder, values["database_url"])
        return values


def _database_in(folder: Path, url: str) -> str:
    if relative := _RELATIVE_URL.fullmatch(url):
        return f"{relative[1]}{quote(str(folder))}/{relative[2]}"
    return url if _NO_RELATIVE_NAME.match(url) else str(folder / url)


def load(**given: Any) -> Settings:
    """The settings, with what is given in place of what the environment and `.env` say.

    Raises:
        SettingsError: One has a value that cannot be, or `.env` cannot be read.
    """
    file = env_file()
    try:
        if file and file.exists() and not file.is_file():
            raise OSError(22, "it is a folder" if file.is_dir() else "it is no file")
        return Settings(**given)
    except ValidationError as error:
        wrong = error.errors()[0]
        name = ".".join(str(part) for part in wrong["loc"]).upper()
        raise SettingsError(
            f"{name} cannot be {wrong['input']!r}: {wrong['msg']}",
            f"Correct it in the environment or in {env_name()}; {env_example()} explains the settings.",
        ) from error
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"cannot read {file}: {why}", f"{env_example()} shows what is in such a file.") from error
