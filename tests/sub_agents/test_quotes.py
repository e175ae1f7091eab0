"""What is worked out from closes."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sub_agents.stock_analyst.quotes import BLOCKS, Quote, as_answer, day_change, period_change_percent, sparkline


def test_the_change_is_against_the_close_before() -> None:
    assert day_change([90.0, 100.0, 110.0]) == (10.0, 10.0)


def test_a_single_close_has_not_changed() -> None:
    assert day_change([100.0]) == (0.0, 0.0)
    assert period_change_percent([100.0]) == 0.0


def test_the_period_change_is_from_the_first_close_to_the_last() -> None:
    assert period_change_percent([50.0, 10.0, 75.0]) == 50.0


def test_a_sparkline_goes_from_the_lowest_block_to_the_highest() -> None:
    assert sparkline([1, 2, 3, 4, 5, 6, 7, 8]) == BLOCKS


def test_a_sparkline_of_sixty_closes_fits_a_table() -> None:
    line = sparkline([float(n) for n in range(60)])
    assert len(line) == 20
    assert list(line) == sorted(line)


def test_a_level_line_sits_in_the_middle() -> None:
    assert sparkline([5.0, 5.0, 5.0]) == "▅▅▅"


def test_nothing_has_an_empty_sparkline() -> None:
    assert sparkline([]) == ""


@given(st.lists(st.floats(min_value=0.01, max_value=1e6), min_size=1, max_size=200), st.integers(1, 80))
def test_a_sparkline_is_never_wider_than_asked_and_only_blocks(values: list[float], width: int) -> None:
    line = sparkline(values, width)
    assert len(line) == min(width, len(values))
    assert set(line) <= set(BLOCKS)


def test_an_answer_is_rounded_and_names_its_source_and_date() -> None:
    quote = Quote("AAPL", "Apple", "USD", (100.0, 101.2345), date(2026, 10, 30), "sample data, as of 2026-10-30")
    assert as_answer(quote) == {
        "ticker": "AAPL",
        "name": "Apple",
        "price": 101.23,
        "currency": "USD",
        "change": 1.23,
        "change_percent": 1.23,
        "source": "sample data, as of 2026-10-30",
        "as_of": "2026-10-30",
        "sparkline": "▁█",
    }


def test_a_quote_needs_a_price() -> None:
    with pytest.raises(ValueError, match="without a price"):
        Quote("AAPL", "Apple", "USD", (), date(2026, 10, 30), "nowhere")
