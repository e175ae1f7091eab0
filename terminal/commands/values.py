"""Values that a shell completes on the command line, looked up in the record."""

import asyncio
import logging
import re

import click
from click.shell_completion import CompletionItem

from record.wording import one_line
from storage.database import Database
from storage.names import is_id
from storage.queries import sessions
from terminal.options import settings_of
from terminal.show.tables import title_of

logger = logging.getLogger(__name__)

_OFFERED = 30
_AS_IT_IS = re.compile(r"[\w.-]+", re.ASCII)
"""What a shell takes as one word, and as nothing else; a session with another id is not offered."""
_LABEL = 60


def session_names(context: click.Context, typed: str) -> list[CompletionItem[str]]:
    """The ids of the sessions used last that begin with what is typed, each with its title.

    What is no id a person can type is not offered: a shell takes it for something else.
    """
    given = {"database_url": _given(context, "db"), "chat_user": _given(context, "user")}

    async def listed() -> list[CompletionItem[str]]:
        settings = settings_of({name: value for name, value in given.items() if value is not None})
        async with Database.open(settings.database_url, create=False) as database:
            found = await sessions.listing(database, settings.user, limit=_OFFERED)
        return [
            CompletionItem(info.short_id, help=one_line(title_of(info), _LABEL))
            for info in found
            if is_id(info.short_id)
        ]

    try:
        found = asyncio.run(listed())
    except Exception:  # a shell has nowhere to show it, and the command itself will
        logger.exception("there is nothing to complete with")
        return []
    return [item for item in found if item.value.startswith(typed) and _AS_IT_IS.fullmatch(item.value)]


def _given(context: click.Context | None, name: str) -> str | None:
    """An option of the command, or of the one before it."""
    while context is not None:
        if context.params.get(name) is not None:
            return str(context.params[name])
        context = context.parent
    return None
