"""Requests that lean on the conversation: "another one", "and google?", "no, I meant Tesla", "yes", "add it".

A follow-up becomes a whole request by taking over the intent or the slots of an earlier act. When the conversation does
not hold what is missing, the outcome is a question, never a guess.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from models.offline.dialogue import Act, Dialogue, Outcome, acts_latest_first, listed
from models.offline.language.lexicon import Kind, Token
from models.offline.language.smalltalk import AGAIN, CORRECT, NO, SECOND, SWITCH, YES
from models.offline.skill import Intent, Skill

OFFER = re.compile(
    r"^\W*(shall i|should i|(do you )?want me to|would you like( me to)?|did you mean|do you mean|do you want|"
    r"which (stock|one|topic|joke|agent) (shall|should) i)\s+",
    re.IGNORECASE,
)
"""How a reply begins an offer; the rest of the sentence is the request that "yes" accepts."""
Pending = Callable[[Dialogue], tuple[Act, ...]]
_WHICH = {
    "ticker": "Which stock do you mean? A symbol like MSFT or a company name will do.",
    "topic": "Which topic?",
    "agent": "Which agent do you mean?",
    "query": "About what?",
    "name": "What name should I use?",
}
_CARRIED = ("ticker", "topic", "agent", "query")


def antecedents(
    before: Sequence[Token], acts: Sequence[Act], dialogue: Dialogue, skills: Sequence[Skill]
) -> dict[str, tuple[str, ...]]:
    """What a pronoun may stand for, by slot kind: named earlier in the message, else in the latest acts."""
    found: dict[str, tuple[str, ...]] = {}
    for token in before:
        if token.kind is Kind.SLOT and token.slot in _CARRIED:
            found[token.slot] = (*(v for v in found.get(token.slot, ()) if v not in token.values), *token.values)
    past = [*reversed(acts), *acts_latest_first(dialogue)]
    for kind in _CARRIED:
        if kind not in found:
            holding = [act.slots[kind] for act in past if act.slots.get(kind)]
            if holding:
                several = holding[0]
                for earlier in holding[1:]:
                    if len(several) > 1:
                        break
                    several = (*(v for v in earlier if v not in several), *several)
                found[kind] = several
    if "query" not in found:
        for kind in ("ticker", "topic"):
            if kind in found:
                found["query"] = tuple(spoken(skills, kind, value) for value in found[kind])
                break
    return found


def spoken(skills: Sequence[Skill], kind: str, value: str) -> str:
    """What people call a value: "nvidia" for the ticker NVDA."""
    for skill in skills:
        names = skill.vocabularies.get(kind, {}).get(value)
        if names:
            return names[0]
    return value


def resolve(skills: Sequence[Skill], act: Act, acts: Sequence[Act], dialogue: Dialogue, pending: Pending) -> Outcome:
    """`act` made whole with what the conversation holds, or the question that is left."""
    name = act.intent.name if act.intent.tool is None else ""
    if name == NO:
        return Outcome(talk=("ok",))
    if name in (YES, SECOND):
        offered = tuple(_in_words(skills, option) for option in pending(dialogue))
        if name == SECOND:
            return Outcome(acts=offered[1:2]) if len(offered) > 1 else Outcome(talk=("ok",))
        if act.slots and offered:
            return _carried_over(skills, act, [*offered], dialogue)
        return Outcome(acts=offered[:1]) if offered else Outcome(talk=("ok",))
    recent = [*reversed(acts), *(reversed(dialogue[-1].acts) if dialogue else ())]
    if name == AGAIN:
        again = next((a for a in recent if a.intent.repeats), None)
        return Outcome(acts=(again,)) if again else Outcome(question="More of what? A joke, or the headlines?")
    if name in (SWITCH, CORRECT):
        said = next((a for a in reversed(acts) if act.slots and act.slots.items() <= a.slots.items()), None)
        if said:
            return Outcome(acts=(said,))
        return _carried_over(skills, act, recent or list(pending(dialogue)), dialogue, correcting=name == CORRECT)
    if not act.slots or act.missing():
        offered = pending(dialogue) if not acts else ()
        for option in sorted(offered, key=lambda option: option.intent != act.intent):
            if option.intent == act.intent or (option.skill == act.skill and not act.slots and not option.missing()):
                return Outcome(acts=(replace(option, slots={**option.slots, **act.slots}),))
    if act.intent.after and not act.slots:
        act = next((_filled(act, kind, recent) for kind in act.intent.optional), act)
    missing = act.missing()
    if missing is None:
        return Outcome(acts=(act,))
    filled = _filled(act, missing, recent)
    if filled.missing() is None:
        return Outcome(acts=(filled,))
    return Outcome(question=_WHICH.get(missing, "What do you mean?"), options=(act,))


def _in_words(skills: Sequence[Skill], act: Act) -> Act:
    """An offered act with its subject as people say it: news about "netflix", not about "NFLX"."""
    held = act.slots.get("query", ())
    said = tuple(spoken(skills, "ticker", value) for value in held)
    return replace(act, slots={**act.slots, "query": said}) if said != held else act


def _filled(act: Act, kind: str, recent: Sequence[Act]) -> Act:
    """`act` with what the turn before was about."""
    for earlier in recent:
        known = tuple(v for v in earlier.slots.get(kind, ()) if v not in act.slots.get(kind, ()))
        if known:
            return replace(act, slots={**act.slots, kind: (*known, *act.slots.get(kind, ()))})
    return act


def _carried_over(
    skills: Sequence[Skill], act: Act, recent: Sequence[Act], dialogue: Dialogue, correcting: bool = False
) -> Outcome:
    """The latest act that takes such a slot, with the new value in it."""
    if not act.slots:
        return Outcome(question="What do you mean?")
    earlier = list(recent) or list(acts_latest_first(dialogue, turns=2))
    older = [past for past in acts_latest_first(dialogue) if past not in earlier]
    for past in [*earlier, *older]:
        for kind, values in act.slots.items():
            if kind == "query" and past in older:
                continue
            carried = _with(skills, past, kind, values)
            if carried is None or carried.missing() or carried == past:
                continue
            undo = past.intent.instead if correcting else None
            if undo:
                wanted = tuple(value for value in values if value not in past.slots.get(kind, ()))
                carried = (wanted and _with(skills, past, kind, wanted)) or carried
                intent = next(i for i in past.skill.intents if i.name == undo)
                return Outcome(acts=(Act(past.skill, intent, past.slots), carried))
            return Outcome(acts=(carried,))
    kind, values = next(iter(act.slots.items()))
    return question(skills, [Token(f"{{{kind}}}", Kind.SLOT, (), values)], [])


def _with(skills: Sequence[Skill], past: Act, kind: str, values: tuple[str, ...]) -> Act | None:
    """`past` with another value; None when it has no place for one of that kind."""
    if past.needs(kind):
        return replace(past, slots={**past.slots, kind: values})
    if kind in ("ticker", "topic") and past.needs("query"):
        return replace(past, slots={"query": (spoken(skills, kind, values[0]),), kind: values})
    sibling = _sibling(past, kind)
    return sibling and replace(sibling, slots={kind: values})


def _sibling(past: Act, kind: str) -> Act | None:
    """After "which topics do you have?", a topic asks the same agent for what it does with a topic."""
    if past.intent.tool is None or past.intent.request == ():
        return None
    for intent in past.skill.intents:
        act = Act(past.skill, intent, {})
        if intent.label and act.needs(kind):
            return act
    return None


def confirm(act: Act) -> Outcome:
    """Asks whether `act` was meant."""
    label = act.text(act.intent.label)
    return Outcome(question=f"Do you want {label}?", options=(act,)) if label else Outcome()


def question(skills: Sequence[Skill], tokens: Sequence[Token], options: Sequence[Act]) -> Outcome:
    """The question back for what was not clear: the options given, else all that fit a name in the tokens."""
    named = next((t for t in tokens if t.kind is Kind.SLOT and t.values and t.values[0]), None)
    unexplained = sum(t.kind in (Kind.UNKNOWN, Kind.STORY, Kind.CONDITION) for t in tokens)
    whole = [act for act in options if act.text(act.intent.label) and act.missing() is None]
    if not whole and named and named.slot and not unexplained:
        whole = list(_offers(skills, named.slot, named.values))
    labels = [label for act in whole if (label := act.text(act.intent.label))]
    if labels:
        return Outcome(question=f"Do you want {' or '.join(dict.fromkeys(labels))}?", options=tuple(whole))
    if not unexplained:
        for act in options:
            missing = act.missing()
            if missing:
                return Outcome(question=_WHICH.get(missing, "What do you mean?"), options=(act,))
    if not unexplained and any(t.symbol in ("it", "whatabout", "another") for t in tokens):
        return Outcome(question="What do you mean? Say it in a few words more, please.")
    return Outcome()


def _offers(skills: Sequence[Skill], kind: str, values: tuple[str, ...]) -> list[Act]:
    """What each agent could do with a name: its first offered intent that takes one."""
    found: list[Act] = []
    for skill in skills:
        for intent in skill.intents:
            if intent.label and intent.request:
                act = _offer(skill, intent, kind, values)
                if act and act.missing() is None:
                    found.append(act)
                    break
    return found


def _offer(skill: Skill, intent: Intent, kind: str, values: tuple[str, ...]) -> Act | None:
    wanted = {w.rstrip("+") for w in intent.slots.values()}
    if kind in wanted:
        return Act(skill, intent, {kind: values})
    return Act(skill, intent, {"query": (listed(values),)}) if "query" in wanted else None
