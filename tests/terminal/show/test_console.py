"""What a terminal is taken to be able to do, and what it is given then."""

import pytest

from terminal.show.answer import answer
from terminal.show.console import follows_links, print_error
from tests.terminal.talking import screen

NEWS = "Read [the whole article](https://example.com/a-very-long-address) now."


@pytest.mark.parametrize(
    ("environ", "follows"),
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
        ({}, False),
    ],
)
def test_a_terminal_follows_links_when_it_says_which_one_it_is(environ: dict[str, str], follows: bool) -> None:
    assert follows_links(environ) is follows


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
