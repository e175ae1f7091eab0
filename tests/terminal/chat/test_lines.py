import json
import os
import signal
from collections.abc import AsyncIterator
from io import StringIO

import pytest

from conversation.events import AnswerCut, Reply, TurnError, TurnEvent
from storage.queries import turns
from terminal.chat.lines import run_lines
from tests.conftest import Converse
from tests.terminal.talking import ToldTalk, finished, screen


def fails(_text: str) -> list[TurnError | object]:
    return [TurnError("the model took too long", "Send it again."), finished("failed")]


async def test_each_line_is_a_turn_and_only_replies_are_printed() -> None:
    talk, out, err = ToldTalk(), StringIO(), StringIO()
    code = await run_lines(talk, ["one\n", "\n", "  two  \n"], as_json=False, out=out, err=err)
    assert (code, talk.sent) == (0, ["one", "two"])
    assert out.getvalue() == "You said one.\n\nYou said two.\n"
    assert err.getvalue() == ""


async def test_json_is_one_event_a_line_and_characters_as_they_are() -> None:
    out = StringIO()
    code = await run_lines(ToldTalk(), ["grüße"], as_json=True, out=out, err=StringIO())
    events = [json.loads(line) for line in out.getvalue().splitlines()]
    assert code == 0
    assert [event["type"] for event in events] == ["session", "text", "reply", "turn"]
    assert "grüße" in out.getvalue()


async def test_a_failed_turn_is_told_on_the_error_output_and_the_rest_goes_on() -> None:
    talk = ToldTalk(fails)  # type: ignore[arg-type]
    out, err = StringIO(), StringIO()
    assert await run_lines(talk, ["one", "two"], as_json=False, out=out, err=err) == 1
    assert talk.sent == ["one", "two"]
    assert out.getvalue() == ""
    assert err.getvalue().startswith("error: the model took too long\nSend it again.\n")


async def test_an_answer_that_is_not_whole_is_printed_and_said_to_be_so_on_the_error_output() -> None:
    def cut(_text: str) -> list[TurnEvent]:
        return [Reply("Half", ("manager",)), AnswerCut("the answer is not whole", "Ask for less."), finished()]

    out, err = StringIO(), StringIO()
    assert await run_lines(ToldTalk(cut), ["one"], as_json=False, out=out, err=err) == 0
    assert (out.getvalue(), err.getvalue()) == ("Half\n", "cut: the answer is not whole\nAsk for less.\n")


async def test_lines_may_come_one_by_one() -> None:
    async def lines() -> AsyncIterator[str]:
        yield "one"

    talk = ToldTalk()
    assert await run_lines(talk, lines(), as_json=False, out=StringIO(), err=StringIO()) == 0
    assert talk.sent == ["one"]


async def test_an_interrupt_stops_the_turn_and_ends_the_run() -> None:
    talk = ToldTalk(interrupt=lambda: os.kill(os.getpid(), signal.SIGINT))
    before = signal.getsignal(signal.SIGINT)
    err = StringIO()
    assert await run_lines(talk, ["one", "two"], as_json=False, out=StringIO(), err=err) == 1
    assert talk.sent == ["one"]
    assert err.getvalue() == "stopped\n"
    assert signal.getsignal(signal.SIGINT) is before


async def test_an_interrupt_while_waiting_for_a_line_ends_the_run() -> None:
    def lines() -> list[str]:
        raise KeyboardInterrupt

    async def waiting() -> AsyncIterator[str]:
        for line in lines():
            yield line

    assert await run_lines(ToldTalk(), waiting(), as_json=False, out=StringIO(), err=StringIO()) == 1


async def test_on_a_terminal_a_turn_is_shown_as_in_the_chat() -> None:
    console, shown = screen(60, terminal=True)
    out = StringIO()
    assert await run_lines(ToldTalk(), ["one"], as_json=False, out=out, err=StringIO(), console=console) == 0
    assert "manager" in shown.getvalue()
    assert out.getvalue() == ""


class _Gone(SystemExit):
    """What a stream raises that nobody reads any more."""


class _Closed(StringIO):
    def write(self, text: str) -> int:
        if '"type": "text"' in text:
            raise _Gone(141)
        return len(text)


async def test_when_nobody_reads_any_more_the_turn_is_cancelled_and_recorded_so(
    converse: Converse,
) -> None:
    async with converse(lambda _request: "an answer") as conversation:
        with pytest.raises(_Gone):
            await run_lines(conversation, ["one", "two"], as_json=True, out=_Closed(), err=StringIO())
        listed = await turns.history(conversation.database, conversation.key, limit=5)
    assert [(turn.user_input, turn.status) for turn in listed] == [("one", "cancelled")]
