"""The offline model does what people ask in the recorded utterances, and nothing in random words and prose."""

import pytest

from tests.routing.evaluate import Case, Outcome, cases, passed, report, team, wrong_actions
from tests.routing.noise import prose, salad


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return [team().run(case) for case in cases()]


def test_at_least_300_utterances_are_measured() -> None:
    assert len(cases()) >= 300


def test_97_percent_are_right_and_nothing_is_done_in_the_negative_part(outcomes: list[Outcome]) -> None:
    assert passed(outcomes), report(outcomes)


@pytest.mark.parametrize("made", [salad, prose])
def test_text_that_asks_for_nothing_leads_to_an_action_in_fewer_than_1_of_1000(made: object) -> None:
    acted = wrong_actions(made(1000, seed=3))  # type: ignore[operator]
    assert len(acted) <= 1, [(outcome.case.text, outcome.calls) for outcome in acted]


def test_a_wrong_action_fails_the_evaluation_however_many_are_right(outcomes: list[Outcome]) -> None:
    acted = team().run(Case("negative", "tell me a joke", ()))
    assert acted.wrong_action
    assert not passed([*outcomes, acted])
