"""One turn on the screen: delegations as they run, the answer as it is written, then what stays.

While the turn runs, the last lines of all this are redrawn in place and never exceed the screen; at its end that is
wiped and the whole turn is printed once. So nothing is shown twice, however long the answer is.
"""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.segment import Segment
from rich.spinner import Spinner
from rich.text import Text

from conversation.events import (
    AnswerCut,
    DelegationFinished,
    DelegationStarted,
    Reply,
    SessionDeleted,
    SessionOpened,
    TextDelta,
    ToolCalled,
    TurnError,
    TurnEvent,
    TurnFinished,
)
from record.wording import DELETED, duration, label, one_line, plural
from terminal.show.answer import answer
from terminal.show.console import print_error

_CANCELLED = "cancelled"
_GOOD = ("completed", "success")
_PATIENCE = 3.0
"""Seconds after which a turn says how to stop it."""


@dataclass
class _Step:
    """A delegation or a tool call, as one line."""

    who: str
    what: str
    started: float
    status: str | None = None
    seconds: float | None = None
    tool: bool = False


@dataclass
class TurnView:
    """Shows turns on a console.

    Attributes:
        console: A terminal; elsewhere only the final state is printed.
        verbose: Whether tool calls are shown, and what the turn took.
        code_theme: The Pygments style for code in answers.
        links: Whether the terminal follows links.
    """

    console: Console
    verbose: bool = False
    code_theme: str = "ansi_dark"
    links: bool = False
    _steps: dict[str, _Step] = field(default_factory=dict)
    _text: str = ""
    _speaker: str = ""
    _began: float = 0.0
    _notes: list[str] = field(default_factory=list)

    async def show(self, events: AsyncGenerator[TurnEvent, None]) -> tuple[Reply | None, TurnFinished | None]:
        """Shows one turn to its end; returns the answer, if there is one, and how the turn ended."""
        self._steps, self._text, self._began, self._notes = {}, "", time.monotonic(), []
        reply: Reply | None = None
        error: TurnError | AnswerCut | None = None
        finished: TurnFinished | None = None
        live = Live(
            get_renderable=lambda: _Tail(self._running()),
            console=self.console,
            refresh_per_second=12,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        async with aclosing(events):
            with live:
                async for event in events:
                    match event:
                        case Reply():
                            reply = event
                        case TurnError() | AnswerCut():
                            error = event
                        case TurnFinished():
                            finished = event
                        case _:
                            self._take(event)
        self._print(reply, error, finished)
        return reply, finished

    def _take(self, event: TurnEvent) -> None:
        match event:
            case DelegationStarted():
                self._steps[event.id] = _Step(label(event.agent), event.task, time.monotonic())
                self._text = ""
            case DelegationFinished() if event.id in self._steps:
                step = self._steps[event.id]
                step.status, step.seconds = event.status, event.seconds
            case ToolCalled():
                args = ", ".join(f"{name}={value!r}" for name, value in event.args.items())
                what = f"{event.tool}({args})"
                self._steps[event.id] = _Step(label(event.agent), what, 0.0, event.status, event.seconds, tool=True)
                self._text = ""
            case TextDelta():
                self._text = event.delta if event.start else self._text + event.delta
                self._speaker = event.agent
            case SessionDeleted():
                self._notes.append(DELETED)
            case SessionOpened() | _:
                pass

    def _running(self) -> RenderableType:
        parts: list[RenderableType] = self._noted(spin=True)
        waited = time.monotonic() - self._began
        if self._text:
            parts += self._answer(self._text, self._speaker, after_steps=bool(parts))
        elif all(step.status for step in self._steps.values()):
            parts.append(Text.assemble(self._frame(), (f" thinking · {duration(waited)}", "muted")))
        if waited > _PATIENCE:
            parts.append(Text("Ctrl-C stops", style="hint"))
        return Group(*parts)

    def _noted(self, *, spin: bool) -> list[RenderableType]:
        return [*(Text(note, style="hint") for note in self._notes), *self._lines(spin=spin)]

    def _lines(self, *, spin: bool) -> list[Text]:
        steps = [step for step in self._steps.values() if self.verbose or not step.tool]
        return [self._line(step, spin=spin) for step in steps]

    def _line(self, step: _Step, *, spin: bool) -> Text:
        if step.status is None:
            mark = self._frame() if spin else Text("-", "muted")
        else:
            mark = Text("✓", "ok") if step.status in _GOOD else Text("✗", "error")
        if self.console.options.ascii_only and step.status is not None:
            mark = Text("+" if step.status in _GOOD else "x", mark.style)
        taken = time.monotonic() - step.started if step.status is None and spin else step.seconds
        indent = "  " if step.tool else ""
        end = f" · {duration(taken)}" if taken is not None else " · stopped"
        room = self.console.width - len(indent) - len(step.who) - len(end) - 6
        what = one_line(step.what, max(room, 8))
        who = Text(step.who, "agent" if spin and step.status is None else "muted")
        line = Text.assemble(indent, mark, " ", who, (f" · {what}{end}", "muted"))
        line.truncate(self.console.width - 1, overflow="ellipsis")
        return line

    def _frame(self) -> Text:
        spinner = Spinner("line" if self.console.options.ascii_only else "dots")
        spinner.start_time = 0.0
        frame = spinner.render(time.monotonic())
        return Text(str(frame), "agent")

    def _answer(self, text: str, who: str, *, after_steps: bool) -> list[RenderableType]:
        gap = [Text()] if after_steps else []
        return [*gap, Text(label(who), style="agent"), answer(text, self.code_theme, links=self.links)]

    def _print(self, reply: Reply | None, error: TurnError | AnswerCut | None, finished: TurnFinished | None) -> None:
        parts: list[RenderableType] = self._noted(spin=False)
        if reply:
            parts += self._answer(reply.text, " + ".join(reply.agents), after_steps=bool(parts))
        elif self._text.strip():
            parts += self._answer(self._text, self._speaker, after_steps=bool(parts))
        for part in parts:
            self.console.print(part)
        if error:
            print_error(self.console, error.message, error.hint)
        if finished and finished.status == _CANCELLED:
            self.console.print(Text("Stopped.", style="muted"))
        if finished and self.verbose:
            self.console.print(Text(_footer(finished), style="muted"))
        self.console.line()


def _footer(finished: TurnFinished) -> str:
    tokens = f"{finished.prompt_tokens:,} + {finished.output_tokens:,} tokens"
    return f"{label(finished.model)} · {plural(finished.model_calls, 'call')} · {tokens} · {duration(finished.seconds)}"


class _Tail:
    """The last lines of something, as many as the screen holds."""

    def __init__(self, whole: RenderableType) -> None:
        self._whole = whole

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = console.render_lines(self._whole, options.update(height=None), pad=False)
        for line in lines[-max(console.size.height - 2, 1) :]:
            yield from line
            yield Segment.line()
