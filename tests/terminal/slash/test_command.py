import pytest

from terminal.slash.command import SlashError, is_command, parse
from terminal.slash.commands import COMMANDS


@pytest.mark.parametrize(
    ("line", "name", "argument"),
    [
        ("/help", "help", ""),
        ("/res  last ", "resume", "last"),
        ("/WATCH add NVDA", "watchlist", "add NVDA"),
        ("/quit", "exit", ""),
        ("/n", "new", ""),
        ("/new\n", "new", ""),
    ],
)
def test_a_command_is_found_by_name_alias_or_unique_beginning(line: str, name: str, argument: str) -> None:
    command, rest = parse(line, COMMANDS)
    assert (command.name, rest) == (name, argument)


def test_an_ambiguous_beginning_lists_what_it_may_be() -> None:
    with pytest.raises(SlashError, match="/sessions, /search, /state, /stats"):
        parse("/s", COMMANDS)


@pytest.mark.parametrize(("typed", "near"), [("/histroy", "/history"), ("/resme", "/resume"), ("/modle x", "/model")])
def test_an_unknown_command_suggests_the_near_one(typed: str, near: str) -> None:
    with pytest.raises(SlashError) as wrong:
        parse(typed, COMMANDS)
    assert f"Did you mean {near}?" in wrong.value.hint


@pytest.mark.parametrize("typed", ["/", "/ ", "/xyzzyxyzzy", "/🎉"])
def test_what_is_like_nothing_points_to_the_help(typed: str) -> None:
    with pytest.raises(SlashError) as wrong:
        parse(typed, COMMANDS)
    assert "Did you mean" not in wrong.value.hint
    assert "/help" in wrong.value.hint


def test_a_line_that_begins_with_a_space_is_a_message() -> None:
    assert is_command("/help")
    assert not is_command(" /help")
    assert not is_command("what does /help do?")


def test_names_are_unique_and_every_command_says_what_it_does() -> None:
    names = [name for command in COMMANDS for name in (command.name, *command.aliases)]
    assert len(names) == len(set(names))
    assert all(0 < len(command.help) < 50 for command in COMMANDS)
