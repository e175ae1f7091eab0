"""A session as a Markdown document: each message as a quotation, then the answer, then who did what for it."""

from collections.abc import Iterator

from storage.turns import ToolCall
from terminal.transcript import Exchange, Transcript, arguments
from terminal.wording import duration, one_line, plural, printable

_TITLE = 200
_TASK = 300


def as_markdown(told: Transcript) -> str:
    """The document; what agents wrote in Markdown stays as they wrote it."""
    return "\n".join(_lines(told)).rstrip() + "\n"


def _lines(told: Transcript) -> Iterator[str]:
    info = told.session
    yield f"# {_plain(info.title or 'Session', _TITLE)}\n"
    yield f"{plural(info.turns, 'turn')}, {info.created_at:%Y-%m-%d %H:%M} to {info.last_event_at:%Y-%m-%d %H:%M} UTC."
    yield f"Session `{info.session_id}` of {_plain(told.user, _TITLE)}."
    if info.forked_from:
        yield f"Forked from session `{info.forked_from}` after turn {info.forked_at_turn}."
    if told.shares:
        yield "\n| agent | tasks | failed | tool calls | time |\n|---|---:|---:|---:|---:|"
    for share in told.shares:
        yield f"| {share.agent} | {share.tasks} | {share.failed} | {share.calls} | {duration(share.seconds) or '-'} |"
    for exchange in told.exchanges:
        yield from _exchange(exchange)


def _exchange(exchange: Exchange) -> Iterator[str]:
    turn = exchange.turn
    yield f"\n## {turn.number}. {turn.started_at:%Y-%m-%d %H:%M} UTC\n"
    yield "\n".join(f"> {line}".rstrip() for line in printable(turn.user_input).splitlines() or [""])
    if turn.agent_response:
        yield f"\n**{exchange.by}**\n\n{printable(turn.agent_response).strip()}"
    if turn.status != "completed" or turn.error:
        yield f"\n*{turn.status}{f': {_plain(turn.error, _TASK)}' if turn.error else ''}*"
    did = [*_did(exchange)]
    if did:
        yield "\nWho did what:\n"
        yield from did


def _did(exchange: Exchange) -> Iterator[str]:
    yield from (_call(call, "manager: ") for call in exchange.calls)
    for task in exchange.tasks:
        given = task.delegation
        ended = "" if given.status == "completed" else f", {given.status}"
        seconds = f" ({duration(given.seconds)}{ended})" if given.seconds is not None else f" ({given.status})"
        yield f"- **{given.agent_name}**: {_plain(given.task, _TASK)}{seconds}"
        yield from (f"  {_call(call)}" for call in task.calls)


def _call(call: ToolCall, who: str = "") -> str:
    ended = "" if call.status == "completed" else f", {call.status}"
    fence = "``" if "`" in arguments(call) else "`"
    return f"- {who}{fence}{one_line(arguments(call), _TASK)}{fence} ({duration(call.seconds) or '-'}{ended})"


def _plain(text: str, width: int) -> str:
    """Text of a person or a model on one line, in which nothing is Markdown."""
    line = one_line(text, width)
    return "".join(f"\\{each}" if each in "\\`*_[]<>#|" else each for each in line)
