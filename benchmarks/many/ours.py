"""This program: one `Host`, and a conversation of a user of its own for each session."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.many.child import Turn, main
from benchmarks.turns.ours import Ours, ScriptedModel, settings_on
from benchmarks.turns.script import Uncounted
from benchmarks.turns.systems import WINDOW
from terminal.chat.loading import for_good

with for_good():  # as the program's command line does
    from conversation.host import Host


class OnHost:
    """A `child.Carrier`."""

    def __init__(self, host: Host) -> None:
        self._host = host

    async def session(self, name: str) -> Turn:
        return Ours(await self._host.conversation(name, new=True), Uncounted()).turn


@asynccontextmanager
async def opened(file: Path, seconds: float) -> AsyncIterator[OnHost]:
    """A host on a file."""
    model = ScriptedModel(prompts=Uncounted(), seconds=seconds)
    async with Host.open(settings_on(file, WINDOW), models=lambda _: model) as host:
        yield OnHost(host)


if __name__ == "__main__":
    main(opened)
