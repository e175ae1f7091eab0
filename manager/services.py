"""What `adk web manager` and `adk run manager` load before they open a session service.

It gives them our engine (WAL, write lock at begin, schema in one commit) instead of the driver's defaults, for the URL
that the documentation names, and when none is given: then they use the database of the chat, so that its sessions are
there. ADK loads this file by its place and runs it, so that it ends with the call of `install`.
"""

import sys
from pathlib import Path
from typing import Any

# ADK puts only this folder on the path before it loads this file.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from google.adk.cli.service_registry import get_service_registry

from settings import load
from storage.adk.private import replace_default_sessions
from storage.adk.service import SessionService
from storage.database import Database
from sub_agents import kinds, team


def session_service(uri: str, **_options: Any) -> SessionService:
    """The session service for a database URL, with leases as the chat has them."""
    lease = load().lease_seconds
    database = Database.at(uri, lease_seconds=lease)
    return SessionService(database, lease_seconds=lease, kinds=lambda: kinds(team(load())))


def default_session_service(**_options: Any) -> SessionService:
    """The session service when ADK is given no URL: the chat's own database."""
    return session_service(load().database_url)


def install() -> None:
    """Gives ADK's tools our session service, in this process; again does nothing more."""
    get_service_registry().register_session_service("sqlite+aiosqlite", session_service)
    replace_default_sessions(default_session_service)


install()
