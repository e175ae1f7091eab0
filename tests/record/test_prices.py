import json
from pathlib import Path

import pytest

from record.prices import FILE, Prices, dollars
from storage.errors import StorageError
from storage.stats.turns import ModelStats

TABLE = Prices.model_validate(
    {
        "models": {
            "offline": {"prompt": 0, "output": 0},
            "big*": {"prompt": 1, "output": 10},
            "big-lite*": {"prompt": 0.5, "output": 1},
        }
    }
)


def model(name: str | None, read: int = 1_000_000, written: int = 100_000) -> ModelStats:
    return ModelStats(name, turns=1, prompt_tokens=read, output_tokens=written)


@pytest.mark.parametrize(
    ("name", "cost"),
    [("offline", 0.0), ("big-2", 2.0), ("big-lite-3", 0.6), ("maker/big-2", 2.0), ("other", None), (None, None)],
)
def test_the_longest_name_that_fits_has_the_price(name: str | None, cost: float | None) -> None:
    assert TABLE.cost(model(name)) == pytest.approx(cost)


def test_turns_without_tokens_cost_nothing() -> None:
    assert TABLE.cost(model(None, 0, 0)) == 0


def test_a_sum_names_the_models_that_are_not_in_it() -> None:
    bill = TABLE.bill([model("big-1"), model("other"), model("offline")])
    assert bill.dollars == pytest.approx(2.0)
    assert bill.without_price == ("other",)
    assert TABLE.bill([model("other"), model(None, 0, 0)]).dollars is None
    assert TABLE.bill([]).dollars == 0


def test_no_price_is_not_a_price_of_nothing() -> None:
    assert [dollars(amount) for amount in (None, 0.0, 0.0042, 12.3)] == ["no price", "$0.00", "$0.0042", "$12.30"]


def test_the_shipped_table_can_be_read() -> None:
    prices = Prices.read(FILE)
    assert prices.cost(model("offline")) == 0
    flash, lite = prices.of("gemini-2.5-flash-preview"), prices.of("gemini-2.5-flash-lite")
    assert flash and lite and flash.prompt > lite.prompt


def test_without_a_table_nothing_has_a_price(tmp_path: Path) -> None:
    assert Prices.read(tmp_path / "none.json").cost(model("offline")) is None


@pytest.mark.parametrize(
    "text", ["", "[]", '{"models": {"a": {"prompt": -1, "output": 1}}}', json.dumps({"models": {"a": 3}}), "{"]
)
def test_what_is_no_table_is_told_with_where(tmp_path: Path, text: str) -> None:
    file = tmp_path / "prices.json"
    file.write_text(text)
    with pytest.raises(StorageError, match="is not a price table") as told:
        Prices.read(file)
    assert len(str(told.value).splitlines()) == 1
    assert told.value.hint
