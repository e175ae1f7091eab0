"""What a terminal is taken to be able to do, and what it is given then."""

import pytest

from settings import Environment
from terminal.show.answer import answer
from terminal.show.console import follows_links, print_error
from tests.terminal.talking import screen

NEWS = "Read [the whole article](https://example.com/a-very-long-address) now."


@pytest.mark.parametrize(
    ("said", "follows"),
    [
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM_PROGRAM": "iTerm.app", "TERM": "xterm-256color"}, True),
        ({"VTE_VERSION": "7006"}, True),
        ({"WT_SESSION": "1"}, True),
        ({"VTE_VERSION": "4600"}, False),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/tmux"}, False),
        ({"TERM": "xterm-kitty", "NO_COLOR": "1"}, False),
        ({"TERM": "xterm-kitty", "NO_COLOR": ""}, False),
        ({"DOMTERM": ""}, True),
        ({}, False),
    ],
)
def test_a_terminal_follows_links_when_it_says_which_one_it_is(
    said: dict[str, str], follows: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in Environment.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    assert follows_links(Environment()) is follows


def test_a_link_hides_its_address_only_where_it_is_one() -> None:
    console, out = screen(80, terminal=True)
    console.print(answer(NEWS, "ansi_dark", links=True))
    assert "\x1b]8;" in out.getvalue()
    assert "(https" not in out.getvalue()
    console, out = screen(80)
    console.print(answer(NEWS, "ansi_dark"))
    assert "(https://example.com/a-very-long-address)" in out.getvalue().replace("\n", "")


def test_an_error_is_a_sentence_and_what_to_do() -> None:
    console, out = screen(80)
    print_error(console, "the model took too long", "Send it again.")
    assert out.getvalue() == "The model took too long\nSend it again.\n"
