"""A session as a Markdown document: each message as a quotation, then the answer, then who did what for it.

What was said stays as it was written, but does nothing: see `quoted_markdown.py`. Titles, names and ids are text.
"""

import re
from collections.abc import Iterator

from record.quoted_markdown import quoted
from record.transcript import Exchange, Transcript, arguments
from record.wording import duration, one_line, plural
from storage.queries.turns import ToolCall

_TITLE = 200
_TASK = 300
_NAME = 128
_MARKS = re.compile(r"[\\`*\[\]<>#|~]|&(?=[#\w])|(?<!\w)_|_(?!\w)")
"""What Markdown would not take for text, within a line."""


def as_markdown(told: Transcript) -> str:
    """The document; what agents wrote in Markdown stays as they wrote it, but for what would do something."""
    return "\n".join(_lines(told)).rstrip() + "\n"


def _lines(told: Transcript) -> Iterator[str]:
    info = told.session
    yield f"# {_plain(info.title or 'Session', _TITLE)}\n"
    yield f"{plural(info.turns, 'turn')}, {info.created_at:%Y-%m-%d %H:%M} to {info.last_event_at:%Y-%m-%d %H:%M} UTC."
    yield f"Session {_code(info.session_id, _NAME)} of {_plain(told.user, _TITLE)}."
    if info.forked_from:
        yield f"Forked from session {_code(info.forked_from, _NAME)} after turn {info.forked_at_turn}."
    if told.shares:
        yield "\n| agent | tasks | failed | tool calls | time |\n|---|---:|---:|---:|---:|"
    for share in told.shares:
        name = _plain(share.agent, _NAME)
        yield f"| {name} | {share.tasks} | {share.failed} | {share.calls} | {duration(share.seconds) or '-'} |"
    for exchange in told.exchanges:
        yield from _exchange(exchange)


def _exchange(exchange: Exchange) -> Iterator[str]:
    turn = exchange.turn
    yield f"\n## {turn.number}. {turn.started_at:%Y-%m-%d %H:%M} UTC\n"
    yield quoted(turn.user_input, "> ")
    if turn.agent_response:
        yield f"\n**{_plain(exchange.by, _TITLE)}**\n\n{quoted(turn.agent_response)}"
    if turn.status != "completed" or turn.error:
        yield f"\n*{_plain(turn.status, _NAME)}{f': {_plain(turn.error, _TASK)}' if turn.error else ''}*"
    did = [*_did(exchange)]
    if did:
        yield "\nWho did what:\n"
        yield from did


def _did(exchange: Exchange) -> Iterator[str]:
    yield from (_call(call, "manager: ") for call in exchange.calls)
    for task in exchange.tasks:
        given = task.delegation
        status = _plain(given.status, _NAME)
        ended = "" if given.status == "completed" else f", {status}"
        seconds = f" ({duration(given.seconds)}{ended})" if given.seconds is not None else f" ({status})"
        yield f"- **{_plain(given.agent_name, _NAME)}**: {_plain(given.task, _TASK)}{seconds}"
        yield from (f"  {_call(call)}" for call in task.calls)


def _call(call: ToolCall, who: str = "") -> str:
    ended = "" if call.status == "completed" else f", {_plain(call.status, _NAME)}"
    return f"- {who}{_code(arguments(call), _TASK)} ({duration(call.seconds) or '-'}{ended})"


def _code(text: str, width: int) -> str:
    """Text on one line as code, whatever backticks are in it."""
    line = one_line(text, width)
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    gap = " " if line.startswith("`") or line.endswith("`") or not line else ""
    return f"{fence}{gap}{line}{gap}{fence}"


def _plain(text: str, width: int) -> str:
    """Text of a person or a model on one line, in which nothing is Markdown."""
    return _MARKS.sub(r"\\\g<0>", one_line(text, width))
