"""What a person has seen of the turns, on a screen or in `--json` output: that much must be in the database."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

USER = "ada"
"""Whose record is killed at."""
NEIGHBOUR = "bob"
"""Who talks on the same file meanwhile."""
_DONE = re.compile(r"✓ (\w+) · ")
_WHO = re.compile(r"[a-z_]+( \+ [a-z_]+)*")
"""The line above an answer: the agents it comes from."""
_LINK = re.compile(r"\]\([^)\s]*\)")


@dataclass(frozen=True)
class Seen:
    """What was shown of one turn.

    Attributes:
        message: What was said; no other turn of the user has the same, but for a retry.
        user: Who said it.
        session_id: The session, where it was told.
        turn_id: The turn, where it was told.
        status: How the turn ended, where it was told.
        reply: The answer, as soon as it was told to be the whole one.
        rendered: The answer as a screen had it, reduced to what `reduced` leaves.
        calls: Id of a delegation or tool call -> its status, `running` where only its start was told.
        delegated: Agents whose delegations were shown as done.
    """

    message: str
    user: str = USER
    session_id: str | None = None
    turn_id: str | None = None
    status: str | None = None
    reply: str | None = None
    rendered: str | None = None
    calls: dict[str, str] = field(default_factory=dict)
    delegated: tuple[str, ...] = ()

    @property
    def anything(self) -> bool:
        """Whether something was shown that follows from the message."""
        return bool(self.reply or self.rendered or self.turn_id or self.calls or self.delegated)


class Book:
    """All that was seen in one database."""

    def __init__(self, seen: Iterable[Seen] = ()) -> None:
        self.seen = list(seen)

    def add(self, seen: Iterable[Seen]) -> None:
        self.seen += [each for each in seen if each.anything]

    def forget(self, sessions: Iterable[str]) -> None:
        """Sessions that were deleted because somebody wanted it."""
        gone = set(sessions)
        self.seen = [each for each in self.seen if each.session_id not in gone]


def in_lines(output: str, messages: Sequence[str], user: str = USER) -> list[Seen]:
    """What `--json` output tells, turn by turn; a line that was not written to its end was not seen."""
    found: list[Seen] = []
    for line in output.splitlines(keepends=True):
        if line.endswith("\n") and line.startswith("{"):
            event = json.loads(line)
            if event["type"] == "session":
                found.append(Seen(messages[len(found)], user, session_id=event["session_id"]))
            elif found:
                found[-1] = _with(found[-1], event)
    return found


def _with(seen: Seen, event: dict[str, str]) -> Seen:
    match event["type"]:
        case "delegation_started":
            return replace(seen, calls={**seen.calls, event["id"]: "running"})
        case "tool_call" | "delegation_finished":
            return replace(seen, calls={**seen.calls, event["id"]: event["status"]})
        case "reply":
            return replace(seen, reply=event["text"])
        case "turn":
            return replace(seen, turn_id=event["turn_id"], status=event["status"])
        case _:
            return seen


def in_file(output: Path, messages: Sequence[str], user: str = USER) -> list[Seen]:
    """As `in_lines`, of a file; nothing when it is not there."""
    return in_lines(output.read_text(encoding="utf-8"), messages, user) if output.exists() else []


def on_screen(lines: Sequence[str], message: str, session_id: str | None = None) -> Seen:
    """What a chat's screen shows of its last turn: the answer counts when the next prompt is there."""
    asked = max((number for number, line in enumerate(lines) if line == f"> {message}"), default=None)
    if asked is None:
        return Seen(message)
    shown = list(lines[asked + 1 :])
    ended = next((number for number, line in enumerate(shown) if line == ">"), None)
    agents = tuple(found[1] for line in shown if (found := _DONE.match(line)))
    said = shown[: ended or 0]
    begins = next((number for number, line in enumerate(said, 1) if _WHO.fullmatch(line)), len(said))
    rendered = reduced("".join(said[begins:])) or None
    return Seen(message, session_id=session_id, rendered=rendered, delegated=agents)


def reduced(text: str) -> str:
    """The letters and digits of a text, without the addresses of its links: what no rendering changes."""
    return "".join(each for each in _LINK.sub("]", text) if each.isalnum())
