"""Shows why a message was understood as it was: what was extracted, every score, and the decision."""

from models.offline.dialogue import Act
from models.offline.language.lexicon import Kind
from models.offline.routing.router import ACCEPT, Decision, Segment


def explained(decision: Decision) -> str:
    """A decision as lines of text for a person."""
    lines: list[str] = []
    for number, segment in enumerate(decision.segments, start=1):
        lines += [f"request {number}", *_segment(segment)]
    if decision.chances:
        weighed = ", ".join(f"{chance:.2f} {name}" for name, chance in decision.chances)
        lines.append(f"the whole message: {weighed}")
    lines.append(f"decision: {_outcome(decision)}")
    return "\n".join(lines)


def _segment(segment: Segment) -> list[str]:
    known = [
        f"{t.raw or '...'} -> {t.symbol or t.kind.name.lower()}" for t in segment.tokens if t.kind is not Kind.UNKNOWN
    ]
    unknown = [t.raw for t in segment.tokens if t.kind is Kind.UNKNOWN]
    lines = [f"  understood: {'; '.join(known) or 'nothing'}"]
    if unknown:
        lines.append(f"  not understood: {', '.join(unknown)}")
    for candidate in segment.candidates:
        mark = "*" if candidate is segment.best else " "
        slots = ", ".join(f"{kind}={'/'.join(values)}" for kind, values in candidate.act().slots.items())
        lines.append(
            f"  {mark} {candidate.score:.2f} {candidate.example.skill.agent}.{candidate.intent.name}"
            f" ~ {candidate.example.text!r}{f' ({slots})' if slots else ''}"
        )
    if segment.best is None:
        lines.append(f"    none is over {ACCEPT:.2f} and clearly ahead")
    return lines


def _outcome(decision: Decision) -> str:
    if decision.acts:
        return "; ".join(map(_act, decision.acts))
    if decision.question:
        return f"ask back: {decision.question}"
    if decision.talk:
        return f"small talk: {', '.join(decision.talk)}"
    return "refused" if decision.refused else "nothing fits"


def _act(act: Act) -> str:
    slots = ", ".join(f"{kind}={'/'.join(values)}" for kind, values in act.slots.items())
    return f"{act.skill.agent}: {act.intent.tool}({slots})"
