"""A small part of what `make fuzz` does, always the same; `make fuzz` finds new lines each time."""

from pathlib import Path

import pytest

from settings import Settings
from tests.fuzz.__main__ import DOORS, isolate, run
from tests.fuzz.lines import Soup

pytestmark = pytest.mark.slow

_SEED = 7


@pytest.mark.parametrize("door", DOORS)
def test_no_line_is_a_traceback(door: str, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in isolate(tmp_path).items():
        monkeypatch.setenv(name, value)
    faults = run(door, 100, _SEED, settings)
    assert not faults, "\n".join(map(str, faults))


def test_the_same_seed_is_the_same_soup() -> None:
    one, other = Soup(7), Soup(7)
    assert [one.message() for _ in range(50)] == [other.message() for _ in range(50)]
    assert [one.arguments() for _ in range(50)] == [other.arguments() for _ in range(50)]
