"""Every path, environment variable and default of the program, in one typed place.

Values come from the process environment, then from `.env` in the project folder, then from the defaults here. Nothing
else in the program reads `os.environ` or joins paths by hand.
"""

import getpass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).resolve().parent
DATA = ROOT / "data"
"""Shipped samples, and by default the database (git-ignored)."""
APP_NAME = "manager"
"""ADK's app name: equal to the agent's folder, or `adk web` does not find the sessions."""
ENV_FILE = ROOT / ".env"
OFFLINE = "offline"
"""The name of the built-in model."""


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no login name, as in some containers
        return "user"


class Settings(BaseSettings):
    """What a run of the program may be told from outside; see `.env.example`."""

    model_config = SettingsConfigDict(
        env_file=ENV_FILE, env_ignore_empty=True, extra="ignore", populate_by_name=True, frozen=True
    )

    database_url: str = Field(default=f"sqlite+aiosqlite:///{DATA / 'multi_agent.db'}", description="SQLAlchemy URL")
    chat_user: str = Field(default_factory=_login, min_length=1, max_length=128, description="whose record this is")
    model: str | None = Field(default=None, description="gemini-*, provider/name through LiteLLM, or offline")
    google_api_key: SecretStr | None = None
    model_timeout: float = Field(default=60.0, gt=0, description="seconds one model call may take")
    turn_timeout: float = Field(default=300.0, gt=0, description="seconds one turn may take")
    context_turns: int | None = Field(default=None, ge=2, description="turns a model is sent as they were said")
    context_tokens: int | None = Field(default=None, ge=500, description="tokens of such turns, about")
    stock_provider: Literal["sample", "yfinance"] = "sample"
    news_feeds: Annotated[tuple[str, ...], NoDecode] = Field(default=(), description="RSS/Atom URLs, comma-separated")
    feed_timeout: float = Field(default=10.0, gt=0, description="seconds one news feed may take")
    theme: Literal["dark", "light", "plain"] = Field(
        default="dark", validation_alias="CHAT_THEME", description="colours of the chat"
    )
    inputrc: Path = Field(default=Path("~/.inputrc"), description="readline's settings: vi or emacs keys")
    log_file: Path = DATA / "multi_agent.log"
    input_history: Path = DATA / "chat_input_history"

    @field_validator("news_feeds", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @property
    def model_name(self) -> str:
        """The model that answers: as set, else Gemini when there is a key for it, else the offline model."""
        if self.model:
            return self.model
        return "gemini-2.5-flash" if self.google_api_key else OFFLINE
