"""What was said and done so far, as far as the conversation in a request shows it.

An `Act` is one thing asked of one agent; a `Turn` is a message, the acts it led to and the reply. Nothing else of the
past reaches the router, so that the same conversation always leads to the same answer.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from models.offline.skill import Intent, Skill

Slots = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Act:
    """An intent with the values of its slots (kind -> values as named in the vocabulary)."""

    skill: Skill
    intent: Intent
    slots: Slots = field(default_factory=dict)

    def missing(self) -> str | None:
        """The first slot kind that the intent needs and does not have."""
        for wanted in self.intent.slots.values():
            kind = wanted.rstrip("+")
            if kind not in self.intent.optional and len(self.slots.get(kind, ())) < (2 if wanted.endswith("+") else 1):
                return kind
        return None

    def needs(self, kind: str) -> bool:
        """Whether the intent has a slot of that kind."""
        return kind in {wanted.rstrip("+") for wanted in self.intent.slots.values()}

    def text(self, templates: Sequence[str]) -> str | None:
        """The first template whose slots are all known, filled in; None when there is none."""
        filled = {kind: listed(values) for kind, values in self.slots.items() if values}
        for template in templates:
            try:
                return template.format_map(filled)
            except KeyError:
                continue
        return None


@dataclass(frozen=True)
class Turn:
    """One message, what was done about it, and what was answered."""

    user: str
    acts: tuple[Act, ...] = ()
    reply: str = ""


Dialogue = Sequence[Turn]


def listed(values: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(values[:-1]), *values[-1:]]))


def acts_latest_first(dialogue: Dialogue, turns: int = 4) -> Iterator[Act]:
    """The acts of the last `turns` turns, the latest first."""
    for turn in reversed(dialogue[-turns:]):
        yield from reversed(turn.acts)


@dataclass(frozen=True)
class Outcome:
    """What to do about a request. All empty: nothing fits."""

    acts: tuple[Act, ...] = ()
    talk: tuple[str, ...] = ()
    """Small-talk intents, in the order said."""
    question: str = ""
    """What to ask back."""
    options: tuple[Act, ...] = ()
    """What the question offers."""
