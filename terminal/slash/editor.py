"""What a person writes in their own editor, while the chat waits."""

import asyncio

import click

from terminal.interrupt import on_interrupt
from terminal.slash.command import SlashError


async def written(text: str, extension: str = ".md") -> str | None:
    """What has become of a text in $EDITOR; None when it was not saved.

    Raises:
        SlashError: There is no such editor, or it failed.
    """
    try:
        with on_interrupt(lambda: None):
            return await asyncio.to_thread(click.edit, text, extension=extension)
    except click.ClickException as error:
        raise SlashError(error.format_message(), "Set $EDITOR to an editor that is installed.") from error
