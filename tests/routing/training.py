"""Makes the offline model's weights: `python -m tests.routing.training` writes `models/offline/routing/weights.json`.

The lessons are the examples in the agents' skills, the labelled utterances of this folder, parts of those that hold
several requests, and generated text in which nobody asks for anything.
"""

import hashlib
import random
from collections.abc import Iterator, Sequence

from models.offline.dialogue import Act, Dialogue, Turn
from models.offline.language.smalltalk import AGAIN, CORRECT, FOLLOW_UPS, SWITCH
from models.offline.request import remembered
from models.offline.routing.classifier import NONE, SEVERAL, SHIPPED, Classifier, packed
from models.offline.routing.evidence import evidence
from models.offline.routing.learning import Lesson, learn
from models.offline.routing.router import ACCEPT, Router, kind_of
from models.offline.routing.trained import flat, previous
from tests.routing.evaluate import FOLDERS, Call, Case, Team, cases, history, user
from tests.routing.noise import prose, salad
from tests.routing.synthesis import look_alikes, misspelt, pairs, requests
from tests.routing.templates import LOOK_ALIKES, REQUESTS

FILLERS = {"topic": "python", "ticker": "Apple", "place": "Tokyo", "agent": "funny nerd", "number": "3", "name": "Ada"}
SUBJECTS = ("robots", "climate", "electric cars", "chess", "privacy", "Tesla")


SOURCES = (
    "language/english",
    "language/text",
    "language/lexicon",
    "language/exclusion",
    "routing/reading",
    "routing/evidence",
)
"""The modules that decide what the classifier sees of a message."""


def lessons(sets: Sequence[Sequence[Case]]) -> list[Lesson]:
    """What there is to learn from the skills, from sets of labelled cases and from noise."""
    team = Team(classifier=None)
    router = team.manager.router
    found = [*_from_skills(router)]
    for cases_of_set in sets:
        for case in cases_of_set:
            found += _from_case(team, router, case)
    dice = random.Random(3)
    made = list(requests(2500, seed=5))
    for at, (text, kind) in enumerate(made):
        found.append(_lesson(router, misspelt(text, dice) if at % 6 == 0 else text, (), kind, 0.6))
    singles = [
        case.text for cases_of_set in sets for case in cases_of_set if len(case.expect) == 1 and not case.context
    ]
    for text in pairs([*(text for text, _ in made), *singles, *singles], 900, seed=6):
        found.append(_lesson(router, text, (), SEVERAL, 0.6))
    for text in look_alikes(seed=7):
        found.append(_lesson(router, text, (), NONE, 0.8))
    noise = [*salad(2500, seed=11), *salad(1200, seed=12, shortest=3, longest=6, cues=0.4)]
    found += [_lesson(router, text, (), NONE) for text in prose(500, seed=11)]
    found += [_lesson(router, text, (), NONE) for text in noise if not router.decide(text).acts]
    return found


def _lesson(router: Router, text: str, dialogue: Dialogue, label: str, weight: float = 1.0) -> Lesson:
    return Lesson(tuple(evidence(flat(router.lexicon, text), previous(dialogue))), label, weight)


def _from_skills(router: Router) -> Iterator[Lesson]:
    for skill in router.skills:
        for intent in skill.intents:
            label = kind_of(skill, intent)
            if intent.tool is None and intent.name not in FOLLOW_UPS:
                label = NONE
            for at, text in enumerate((*intent.examples, *intent.request)):
                said = text.replace("{query}", SUBJECTS[at % len(SUBJECTS)]).format_map(FILLERS)
                turn: Dialogue = ()
                if intent.after or intent.name in FOLLOW_UPS:
                    name = intent.after[0] if intent.after else ("joke", "quote", "search")[at % 3]
                    turn = [Turn("", _before(router, name))]
                yield _lesson(router, said, turn, label, 0.5)


def _before(router: Router, name: str) -> tuple[Act, ...]:
    return next(((Act(s, i, {}),) for s in router.skills for i in s.intents if i.name == name), ())


def _from_case(team: Team, router: Router, case: Case) -> Iterator[Lesson]:
    memory = remembered(router, [*history(case.context), user(case.text)])
    dialogue = memory.dialogue
    label = _label(team, router, case, dialogue)
    yield _lesson(router, case.text, dialogue, label)
    if len(case.expect) > 1 and label == SEVERAL and team.run(case).correct:
        for segment in router.decide(case.text, dialogue).segments:
            if segment.best and segment.best.intent.tool:
                features = tuple(evidence(segment.tokens, previous(dialogue)))
                yield Lesson(features, kind_of(segment.best.example.skill, segment.best.intent), 0.7)


def _label(team: Team, router: Router, case: Case, dialogue: Dialogue) -> str:
    if case.reply == "clarify" and not case.expect:
        asked = [s.candidates[0] for s in router.decide(case.text, dialogue).segments if s.candidates]
        unsaid = [c for c in asked if c.score >= ACCEPT and c.act().missing()]
        return kind_of(unsaid[0].example.skill, unsaid[0].intent) if len(unsaid) == 1 else NONE
    if not case.expect:
        return NONE
    kinds = list(dict.fromkeys(_kind(call) for call in case.expect))
    if dialogue and case.category in ("followup", "correction"):
        if team.run(case).correct:
            done = [s.best for s in router.decide(case.text, dialogue).segments if s.best]
            done = [b for b in done if b.intent.tool or b.intent.name in FOLLOW_UPS]
            if len(done) == 1:
                return kind_of(done[0].example.skill, done[0].intent)
        if len(case.expect) > 1:
            return CORRECT if case.category == "correction" else SEVERAL
        before = [kind_of(a.skill, a.intent) for a in dialogue[-1].acts]
        if kinds[0] in before:
            act = dialogue[-1].acts[before.index(kinds[0])]
            named = {str(v).casefold() for v in case.expect[0].args.values() if not isinstance(v, list)}
            known = {v.casefold() for vs in act.slots.values() for v in vs}
            if named <= known:
                return AGAIN
            return CORRECT if case.category == "correction" else SWITCH
        return kinds[0]
    return kinds[0] if len(kinds) == 1 else SEVERAL


def _kind(call: Call) -> str:
    preference = call.args.get("preference")
    return f"{call.agent}.{call.tool}" + (f".{preference}" if preference else "")


def trained(sets: Sequence[Sequence[Case]]) -> Classifier:
    """The classifier learnt from the skills and these sets."""
    return learn(lessons(sets))


def fingerprint() -> str:
    """What the shipped weights were learnt from, so that a test sees when they are out of date."""
    told: list[object] = [REQUESTS, LOOK_ALIKES, cases()]
    for skill in Team(classifier=None).manager.router.skills:
        told += [skill.acts, skill.things, skill.vocabularies]
        told += [(intent.name, intent.examples, intent.request) for intent in skill.intents]
    told += [(SHIPPED.parent.parent / f"{name}.py").read_text(encoding="utf-8") for name in SOURCES]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def main() -> None:
    """Write the weights."""
    SHIPPED.write_text(packed(trained([cases(folder) for folder in FOLDERS]), fingerprint()), encoding="utf-8")


if __name__ == "__main__":
    main()
