"""What the offline manager says of facts, from what its tools return."""

from typing import Any

import pytest

from manager.offline import wording

OSLO, BERGEN = "my sister lives in Oslo", "my brother lives in Bergen"


def fact(text: str, found_by: str = "words") -> dict[str, Any]:
    return {"fact": text, "when": "2026-01-02T03:04:05+00:00", "found_by": found_by}


@pytest.mark.parametrize(
    "facts, query, said",
    [
        ([], "Bob", "You have told me nothing to remember about Bob. Say *remember that ...*, and I will."),
        ([], "", "You have told me nothing to remember. Say *remember that ...*, and I will."),
        ([fact(OSLO)], "sister", f"You told me: “{OSLO}”."),
        ([fact(OSLO), fact(BERGEN, "meaning")], "sister", f"You told me: “{OSLO}”."),
        ([fact(OSLO), fact(BERGEN)], "", f"You told me:\n\n- “{OSLO}”\n- “{BERGEN}”"),
        (
            [fact(OSLO, "meaning")],
            "siblings",
            f"You have told me nothing with these words about siblings. Perhaps you mean:\n\n- “{OSLO}”",
        ),
    ],
)
def test_it_tells_what_was_told_and_what_may_be_meant(facts: list[dict[str, Any]], query: str, said: str) -> None:
    assert wording.recalled({"status": "success", "facts": facts, "query": query}) == said


def test_it_forgets_only_what_is_clear() -> None:
    gone = wording.forgotten({"status": "success", "forgotten": [OSLO], "fitting": []})
    assert gone == f"I have forgotten: “{OSLO}”. This chat's record still has what was said of it."
    several = wording.forgotten({"status": "success", "forgotten": [], "fitting": [OSLO, BERGEN]})
    assert "have forgotten none" in several and OSLO in several and BERGEN in several
    assert "nothing of that" in wording.forgotten({"status": "success", "forgotten": [], "fitting": []})


def test_what_is_refused_is_told() -> None:
    error = {"status": "error", "error_message": "Content is required."}
    tells = (wording.remembered, wording.recalled, wording.forgotten)
    assert {tell(error) for tell in tells} == {"That did not work: content is required."}
