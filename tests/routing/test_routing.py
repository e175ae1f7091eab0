"""The offline model does what people ask in the recorded utterances, and nothing in random words and prose."""

import json
import subprocess
import sys

import pytest

from models.offline.model import OfflineModel
from models.offline.routing.classifier import SHIPPED, Classifier, packed, unpacked
from models.offline.routing.learning import Lesson, learn
from models.offline.routing.trained import TrainedRouter
from models.offline.skill import Intent, Skill
from settings import ROOT
from tests.routing.evaluate import Case, cases, passed, report, team, wrong_actions
from tests.routing.noise import prose, salad
from tests.routing.training import fingerprint


def test_at_least_300_utterances_are_measured() -> None:
    assert len(cases()) >= 300


def test_97_percent_are_right_and_nothing_is_done_in_the_negative_part() -> None:
    command = [sys.executable, "-m", "tests.routing.evaluate"]  # a process of its own is not slowed by coverage
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=80)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.slow
@pytest.mark.parametrize("made", [salad, prose])
def test_text_that_asks_for_nothing_leads_to_an_action_in_fewer_than_1_of_1000(made: object) -> None:
    acted = wrong_actions(made(1000, seed=3))  # type: ignore[operator]
    assert len(acted) <= 1, [(outcome.case.text, outcome.calls) for outcome in acted]


def test_a_wrong_action_fails_the_evaluation_however_many_are_right() -> None:
    outcomes = [team().run(case) for case in cases()[:60]]
    assert passed(outcomes), report(outcomes)
    acted = team().run(Case("negative", "tell me a joke", ()))
    assert acted.wrong_action
    assert not passed([*outcomes, acted])


def test_the_shipped_weights_were_learnt_from_what_is_here_now() -> None:
    made_from = json.loads(SHIPPED.read_text(encoding="utf-8"))["source"]
    assert made_from == fingerprint(), "run python -m tests.routing.training"


def test_learning_is_deterministic_and_its_file_gives_the_same_probabilities() -> None:
    lessons = [Lesson(("w:joke", "w:a"), "joke"), Lesson(("w:price", "w:a"), "price")] * 20
    learnt = learn(lessons)
    assert learnt == learn(lessons)
    stored = unpacked(packed(learnt, ""))
    for features in (("w:joke",), ("w:price",), ("w:nothing",)):
        expected = learnt.probabilities(features)
        assert stored.probabilities(features) == pytest.approx(expected, abs=0.05)
    assert learnt.probabilities(("w:joke",))["joke"] > 0.9


def test_an_agent_that_the_classifier_does_not_know_works_by_its_examples() -> None:
    weather = Skill(
        agent="weather",
        help="the weather",
        intents=(Intent("forecast", ("weather", "the weather forecast"), tool="forecast", request=("Weather.",)),),
        things={"weather": ("weather", "forecast", "weather forecast")},
    )
    model = OfflineModel(skills=[*team().manager.skills, weather])
    assert isinstance(model.router, TrainedRouter)
    assert [act.intent.name for act in model.router.decide("weather forecast please").acts] == ["forecast"]
    assert [act.intent.name for act in model.router.decide("quick joke while my build runs").acts] == ["joke"]


def test_without_weights_the_examples_decide_alone() -> None:
    model = OfflineModel(skills=team().manager.skills, classifier=None)
    assert not isinstance(model.router, TrainedRouter)
    assert [act.intent.name for act in model.router.decide("tell me a joke").acts] == ["joke"]


def test_a_classifier_for_agents_that_are_not_there_is_not_asked() -> None:
    other = Classifier(("none", "elsewhere.tool"), {})
    assert not isinstance(OfflineModel(skills=team().manager.skills, classifier=other).router, TrainedRouter)
