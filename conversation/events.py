"""What a turn tells, as it happens: typed events for the terminal, the demo, the service and `--json`."""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, TypeAlias


class _Event:
    type: ClassVar[str]

    def to_json(self) -> dict[str, Any]:
        """The event as one JSON object, with its `type` first."""
        return {"type": self.type, **asdict(self)}  # type: ignore[call-overload]  # every subclass is a dataclass


@dataclass(frozen=True, slots=True)
class SessionOpened(_Event):
    """The session the turn belongs to; `resumed` when it had turns before."""

    type: ClassVar[str] = "session"
    session_id: str
    resumed: bool


@dataclass(frozen=True, slots=True)
class SessionDeleted(_Event):
    """The session one was in is not there any more: another program deleted it; the turn belongs to a new one."""

    type: ClassVar[str] = "session_deleted"
    session_id: str


@dataclass(frozen=True, slots=True)
class DelegationStarted(_Event):
    """An agent was given a task; `id` tells it from others that run beside it."""

    type: ClassVar[str] = "delegation_started"
    id: str
    agent: str
    task: str


@dataclass(frozen=True, slots=True)
class DelegationFinished(_Event):
    """A delegation is over: how it ended, and how long it took."""

    type: ClassVar[str] = "delegation_finished"
    id: str
    agent: str
    status: str
    seconds: float


@dataclass(frozen=True, slots=True)
class ToolCalled(_Event):
    """A tool was called and has answered, or has failed."""

    type: ClassVar[str] = "tool_call"
    id: str
    agent: str
    tool: str
    args: dict[str, Any]
    status: str
    seconds: float


@dataclass(frozen=True, slots=True)
class TextDelta(_Event):
    """A piece of the answer, as the agent writes it.

    Attributes:
        start: Whether the answer begins here, again if it had begun: a model may write a word before it calls a tool.
            The pieces from the last start on are the reply's text.
    """

    type: ClassVar[str] = "text"
    agent: str
    delta: str
    start: bool = False


@dataclass(frozen=True, slots=True)
class Reply(_Event):
    """The whole answer, and the agents it comes from."""

    type: ClassVar[str] = "reply"
    text: str
    agents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerCut(_Event):
    """Why the answer is not whole, and what to do; the turn is completed all the same."""

    type: ClassVar[str] = "cut"
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class TurnError(_Event):
    """Why there is no answer, and what to do."""

    type: ClassVar[str] = "error"
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class TurnFinished(_Event):
    """The last event of a turn: what it came to."""

    type: ClassVar[str] = "turn"
    turn_id: str
    status: str
    model: str
    model_calls: int
    prompt_tokens: int
    output_tokens: int
    seconds: float


TurnEvent: TypeAlias = (
    SessionOpened
    | SessionDeleted
    | DelegationStarted
    | DelegationFinished
    | ToolCalled
    | TextDelta
    | Reply
    | AnswerCut
    | TurnError
    | TurnFinished
)
