"""The three doors that odd lines come in by, each on a real database: what they do wrong is collected, not raised.

What may not happen: an exception that is no answer, a turn without an end or one that stays `running`, and a line that
takes longer than `LINE_SECONDS`.
"""

import signal
import sqlite3
import traceback
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from types import FrameType

from click.testing import CliRunner
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import DummyInput
from prompt_toolkit.output import DummyOutput
from rich.console import Console

from conversation.conversation import Conversation
from conversation.events import TurnEvent, TurnFinished
from settings import APP_NAME, Settings
from storage.database import Database
from storage.queries import sessions
from storage.scope import SessionKey
from terminal.chat.agents import agents_of
from terminal.chat.inputline import InputLine
from terminal.chat.state import ChatState
from terminal.chat.talk import Agents
from terminal.cli import cli
from terminal.show.console import make_console
from terminal.slash import commands
from terminal.slash.command import is_command
from tests.fuzz.lines import Soup, shown

LINE_SECONDS = 30.0
_FORGET = 200
"""After so many lines a new session begins, or its history would be all that is measured."""


class Overdue(BaseException):
    """A line took too long; no boundary of the program's takes it for an error of its own."""


@dataclass(frozen=True)
class Fault:
    """What went wrong with a line."""

    door: str
    line: str
    what: str

    def __str__(self) -> str:
        return f"{self.door}: {self.line}\n{self.what}"


@contextmanager
def limited(door: str, line: str | Sequence[str], faults: list[Fault]) -> Iterator[None]:
    """Within it, an exception or a line that takes too long is a fault."""

    def overdue(_number: int, _frame: FrameType | None) -> None:
        raise Overdue(f"more than {LINE_SECONDS:g} s")

    before = signal.signal(signal.SIGALRM, overdue)
    signal.setitimer(signal.ITIMER_REAL, LINE_SECONDS)
    try:
        yield
    except (Exception, Overdue):
        faults.append(Fault(door, shown(line), traceback.format_exc(limit=-6)))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


async def sent(soup: Soup, count: int, settings: Settings) -> list[Fault]:
    """Lines that are sent as messages; the offline model answers."""
    faults: list[Fault] = []
    async with Conversation.open(settings, new=True) as conversation:
        for number in range(count):
            if number % _FORGET == _FORGET - 1:
                conversation.switch()
            line = soup.message()
            with limited("send", line, faults):
                faults += await _turn(conversation.send(line), line)
    return faults + still_running(settings)


async def _turn(events: AsyncIterator[TurnEvent], line: str, *, may_fail: bool = False) -> list[Fault]:
    last = [event async for event in events][-1:]
    if last and isinstance(last[0], TurnFinished) and (may_fail or last[0].status == "completed"):
        return []
    return [Fault("send", shown(line), f"the turn ended with {last}")]


class _Line(InputLine):
    """An input line at which nobody sits: questions are answered with no, or yes, in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.sure = False

    async def confirm(self, question: str) -> bool:
        self.sure = not self.sure
        return self.sure


def _console(*, terminal: bool) -> Console:
    """A console as the program makes it, that nobody looks at."""
    console = make_console(StringIO(), width=80)
    console._force_terminal = terminal
    return console


@asynccontextmanager
async def _room(settings: Settings) -> AsyncIterator[ChatState]:
    async def load() -> Agents:
        return agents_of(settings)

    with create_app_session(input=DummyInput(), output=DummyOutput()):
        async with Database.open(settings.database_url) as database:
            key = SessionKey(APP_NAME, settings.chat_user, "fuzz-0")
            chat = ChatState(database, key, settings, _console(terminal=True), _Line(), load)
            chat.open()
            try:
                yield chat
            finally:
                await chat.close()


async def typed(soup: Soup, count: int, settings: Settings) -> list[Fault]:
    """Lines that are typed as slash commands into a chat, with a message now and then that they can work on."""
    faults: list[Fault] = []
    async with _room(settings) as chat:
        for number in range(count):
            chat.console = _console(terminal=number % 2 == 0)
            line = soup.slash() if number % 10 else soup.message()
            with limited("slash", line, faults):
                if is_command(line):
                    await commands.run(chat, line)
                    chat.line.redraw()
                    chat.status_line(80)
                elif line.strip():
                    # /model may have named one that cannot answer
                    faults += await _turn((await chat.talk()).send(line), line, may_fail=True)
                    await chat.refresh()
            if number % 50 == 0:
                listed = await sessions.listing(chat.database, chat.user, limit=5)
                soup.known = ["last", *(info.session_id for info in listed), *(info.title for info in listed)]
            chat.running = True
    return faults + still_running(settings)


def given(soup: Soup, count: int, settings: Settings) -> list[Fault]:
    """Lines that are given as arguments of the command line, with odd standard input; what they write is here."""
    faults: list[Fault] = []
    runner = CliRunner()
    for _ in range(count):
        line, piped = soup.arguments(), soup.text() if soup.random.random() < 0.3 else ""
        with limited("arguments", line, faults):
            result = runner.invoke(cli, line, input=piped.encode("utf-8", "surrogatepass"))
            if result.exception and not isinstance(result.exception, SystemExit):
                raise result.exception
            assert "Traceback" not in result.output, result.output
            assert result.exit_code in (0, 1, 2), f"exit code {result.exit_code}"
    return faults + still_running(settings)


def still_running(settings: Settings) -> list[Fault]:
    """Turns that have no end in the record, though nothing runs any more."""
    file = Path(settings.database_url.partition(":///")[2])
    with suppress(sqlite3.OperationalError), sqlite3.connect(file) as database:
        rows = database.execute("SELECT user_input FROM turns WHERE status = 'running'").fetchall()
        return [Fault("record", shown(text), "the turn is still running") for (text,) in rows]
    return []
