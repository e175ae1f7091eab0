"""A session as one HTML file: nothing is loaded from elsewhere, and it reads well on a phone, by day and by night.

All text is escaped. Answers are rendered as Markdown without raw HTML, images or links but to the web; the page forbids
scripts besides.
"""

import re
from collections.abc import Iterator, MutableMapping, Sequence
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from record.transcript import Exchange, Transcript, arguments
from record.wording import duration, one_line, plural, printable
from storage.queries.turns import ToolCall

_WEB = re.compile("https?://|mailto:", re.IGNORECASE)
_TITLE = 200
_TASK = 1000
_CSS = """
:root { color-scheme: light dark; --text: #1d1f23; --soft: #6a6f78; --page: #fff; --box: #f3f4f6; --line: #d9dce1;
  --accent: #0b6bcb; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e6ea; --soft: #9aa0aa; --page: #16181c; --box: #22252b;
  --line: #363a42; --accent: #6cb2ff; --bad: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 46rem; padding: 1rem 1rem 4rem; background: var(--page); color: var(--text);
  font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: anywhere; -webkit-text-size-adjust: 100%; }
h1 { font-size: 1.4rem; line-height: 1.25; margin: .5rem 0; }
a { color: var(--accent); }
.facts, summary, .did, footer { color: var(--soft); font-size: .875rem; }
article { margin: 1.75rem 0; }
.said { background: var(--box); border-radius: .75rem; padding: .6rem .9rem; margin: 0 0 .9rem 12%;
  white-space: pre-wrap; }
.by { color: var(--accent); font-weight: 600; margin: 0; }
.answer > :first-child { margin-top: .3rem; }
.answer h1, .answer h2, .answer h3 { font-size: 1.1rem; }
pre, code { font: .875em/1.45 ui-monospace, monospace; }
pre { background: var(--box); border-radius: .5rem; padding: .75rem; overflow-x: auto; overflow-wrap: normal; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; overflow-wrap: normal; }
.answer table { display: block; overflow-x: auto; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .8rem .3rem 0; text-align: left; }
td.n, th.n { text-align: right; }
summary { cursor: pointer; padding: .3rem 0; }
details ul { margin: .2rem 0; padding-left: 1.2rem; }
.did b { color: var(--text); }
.bad { color: var(--bad); }
blockquote { border-left: 3px solid var(--line); margin-left: 0; padding-left: .9rem; color: var(--soft); }
footer { border-top: 1px solid var(--line); margin-top: 3rem; padding-top: .6rem; }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


class _Reader(MarkdownIt):
    """Makes a link of what leads to the web or to a mailbox."""

    def validateLink(self, url: str) -> bool:
        return bool(_WEB.match(url))


def _markdown() -> MarkdownIt:
    reader = _Reader("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")

    def open_link(
        self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        tokens[index].attrSet("rel", "noopener noreferrer")
        return self.renderToken(tokens, index, options, env)

    reader.add_render_rule("link_open", open_link)
    return reader


def as_html(told: Transcript) -> str:
    """The file's text."""
    return "\n".join(_lines(told)) + "\n"


def _lines(told: Transcript) -> Iterator[str]:
    info, reader = told.session, _markdown()
    title = _text(one_line(info.title or "Session", _TITLE))
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}</title>\n<style>{_CSS}</style>\n</head>\n<body>\n<h1>{title}</h1>"
    span = f"{info.created_at:%Y-%m-%d %H:%M} to {info.last_event_at:%Y-%m-%d %H:%M} UTC"
    yield f'<p class="facts">{plural(info.turns, "turn")}, {span}</p>'
    if info.forked_from:
        where = _text(info.forked_from)
        yield f'<p class="facts">Forked from session {where} after turn {info.forked_at_turn}.</p>'
    yield from _shares(told)
    for exchange in told.exchanges:
        yield from _exchange(exchange, reader)
    yield f"<footer>Session {_text(info.session_id)} of {_text(told.user)}</footer>\n</body>\n</html>"


def _shares(told: Transcript) -> Iterator[str]:
    if not told.shares:
        return
    heads = "".join(f'<th class="n">{name}</th>' for name in ("tasks", "failed", "tool calls", "time"))
    yield f'<div class="wide"><table>\n<tr><th>agent</th>{heads}</tr>'
    for share in told.shares:
        values = (share.tasks, share.failed, share.calls, duration(share.seconds) or "-")
        cells = "".join(f'<td class="n">{value}</td>' for value in values)
        yield f"<tr><td>{_text(share.agent)}</td>{cells}</tr>"
    yield "</table></div>"


def _exchange(exchange: Exchange, reader: MarkdownIt) -> Iterator[str]:
    turn = exchange.turn
    yield f'<article id="turn-{turn.number}">'
    yield f'<p class="facts">{turn.number} · {turn.started_at:%Y-%m-%d %H:%M} UTC</p>'
    yield f'<p class="said">{_text(turn.user_input)}</p>'
    if turn.agent_response:
        yield f'<p class="by">{_text(exchange.by)}</p>\n<div class="answer">'
        yield f"{reader.render(printable(turn.agent_response))}</div>"
    if turn.status != "completed" or turn.error:
        why = f": {_text(turn.error)}" if turn.error else ""
        yield f'<p class="bad">{_text(turn.status)}{why}</p>'
    if exchange.tasks or exchange.calls:
        yield f'<details class="did"><summary>{_text(_summary(exchange))}</summary>\n<ul>'
        yield from _did(exchange)
        yield "</ul></details>"
    yield "</article>"


def _summary(exchange: Exchange) -> str:
    calls = len(exchange.calls) + sum(len(task.calls) for task in exchange.tasks)
    parts = [plural(len(exchange.tasks), "task")] if exchange.tasks else []
    parts += [plural(calls, "tool call")] if calls else []
    took = duration(exchange.turn.seconds)
    return f"Who did what: {', '.join(parts)}{f', {took}' if took else ''}"


def _did(exchange: Exchange) -> Iterator[str]:
    yield from (_call(call, "<b>manager</b>: ") for call in exchange.calls)
    for task in exchange.tasks:
        given = task.delegation
        said = _text(one_line(given.task, _TASK))
        yield f"<li><b>{_text(given.agent_name)}</b>: {said} ({_ended(given.status, given.seconds)})"
        if task.calls:
            yield "<ul>"
            yield from map(_call, task.calls)
            yield "</ul>"
        yield "</li>"


def _call(call: ToolCall, who: str = "") -> str:
    made = _text(one_line(arguments(call), _TASK))
    return f"<li>{who}<code>{made}</code> ({_ended(call.status, call.seconds)})</li>"


def _ended(status: str, seconds: float | None) -> str:
    took = duration(seconds)
    if status == "completed":
        return took or "done"
    return f'<span class="bad">{_text(status)}</span>{f", {took}" if took else ""}'


def _text(text: str) -> str:
    return escape(printable(text))
