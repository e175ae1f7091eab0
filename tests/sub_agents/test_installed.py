"""What installed packages add: members and plugins, found by their entry points, and what is said of broken ones."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from conversation.conversation import Conversation
from conversation.events import DelegationFinished, Reply
from settings import ROOT, Settings
from storage.queries import preferences
from sub_agents import OURS, team
from terminal.cli import cli
from tests.conftest import Converse
from tests.scripted import Play, call
from tests.terminal.talking import ToldTalk, typed

Install = Callable[..., None]
_MEMBER = '''
from google.adk.tools import ToolContext

from state_tools.kinds import PreferenceKind
from state_tools.preferences import add_value
from state_tools.tool import StateTool
from sub_agents.member import Member

GAMES = PreferenceKind("games", clean=str.lower)


async def flip_coin(sides: int = 6):
    """Flips a coin."""
    return {"status": "success", "rolled": sides}


async def add_game(game: str, tool_context: ToolContext):
    """Remembers a game."""
    return await add_value(GAMES, "game", game, tool_context)


def member(settings):
    return Member(
        name="coin_flipper",
        description="Flips a coin.",
        instruction=f"You flip coins for {settings.chat_user}.",
        tools=(flip_coin,),
        state_tools=(StateTool(add_game, "{game} is a game that is remembered", GAMES),),
        preferences=(GAMES,),
    )
'''


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs a package of one module with entry points."""
    number = iter(range(9))

    def made(source: str, *, member: str = "", plugin: str = "", name: str = "") -> None:
        name = name or f"tiny_package_{tmp_path.name}_{next(number)}"
        about = tmp_path / "installed" / f"{name}-1.0.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        lines = [f"[persistent_multi_agent.members]\nx = {name}:{member}"] if member else []
        lines += [f"[persistent_multi_agent.plugins]\nx = {name}:{plugin}"] if plugin else []
        (about / "entry_points.txt").write_text("\n".join(lines))
        (about.parent / f"{name}.py").write_text(source)
        monkeypatch.syspath_prepend(about.parent)

    return made


def plugin_of_the_documentation() -> str:
    page = (ROOT / "docs" / "python-api.md").read_text(encoding="utf-8")
    (example,) = [text for text in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "BasePlugin" in text]
    return str(example)


def flips() -> Play:
    return Play(
        manager={
            "flip": call("coin_flipper", request="flip a coin"),
            "remember go": call("add_game", game="Go"),
        },
        members={"flip a coin": call("flip_coin", sides=20)},
    )


async def test_a_member_and_a_plugin_of_packages_take_part_in_a_turn(
    install: Install, converse: Converse, settings: Settings
) -> None:
    install(_MEMBER, member="member")
    install(plugin_of_the_documentation(), plugin="ToolLog")
    play = flips()
    async with converse(play) as conversation:
        assert conversation.notices == ()
        events = [event async for event in conversation.send("flip")]
        assert [(event.agent, event.status) for event in events if isinstance(event, DelegationFinished)] == [
            ("coin_flipper", "completed")
        ]
        [event async for event in conversation.send("remember go")]
        assert await preferences.of_user(conversation.database, conversation.key.user) == {"games": ["go"]}
        [event async for event in conversation.send("hello")]
        told = await conversation.undo(2)
    assert [change.told for change in told.changes] == ["go is a game that is remembered"]
    assert "You flip coins for ada." in str(play.requests[1].config.system_instruction)
    assert "The user's games: go." in str(play.requests[-1].config.system_instruction)
    log = settings.log_file.with_name("tools.log").read_text(encoding="utf-8").splitlines()
    assert log == ["coin_flipper flip_coin", "manager coin_flipper", "manager add_game"]


async def test_a_member_without_phrases_is_asked_by_its_name_and_the_offline_model_says_that_it_cannot_speak_for_it(
    install: Install, settings: Settings
) -> None:
    install(_MEMBER, member="member")
    async with Conversation.open(settings) as conversation:
        heard = {}
        for text in ("please ask coin_flipper for a 6", "Coin flipper!", "flip a coin", "don't ask the coin flipper"):
            events = [event async for event in conversation.send(text)]
            asked = [event.agent for event in events if isinstance(event, DelegationFinished)]
            heard[text] = (asked, next(event.text for event in events if isinstance(event, Reply)))
        [event async for event in conversation.send("my favorite agent is the coin flipper")]
        known = await preferences.of_user(conversation.database, conversation.key.user)
    mute = "The offline model cannot speak for coin_flipper"
    assert [(asked, said.startswith(mute)) for asked, said in heard.values()] == [
        (["coin_flipper"], True),
        (["coin_flipper"], True),
        ([], False),
        ([], False),
    ]
    assert known == {"favorite_agent": ["coin_flipper"]}


BROKEN = {
    "it cannot be imported": ("1 / 0", "division by zero"),
    "it ends the program": ("import sys; sys.exit(3)", "3"),
    "it is not there": ("", "member"),
    "it gives something else": ("def member(settings): return 5", "it gives no Member but int"),
    "it needs more": ("def member(settings, more): ...", "more"),
    "no agent can be called so": (_MEMBER.replace('"coin_flipper"', '"coin flipper"'), "coin flipper"),
    "an agent is called so": (_MEMBER.replace('"coin_flipper"', '"librarian"'), "there is a 'librarian' already"),
    "the manager is called so": (_MEMBER.replace('"coin_flipper"', '"manager"'), "there is a 'manager' already"),
    "a tool is called so": (_MEMBER.replace("add_game", "recall"), "there is a 'recall' already"),
    "a kind is called so": (_MEMBER.replace('"games"', '"user_name"'), "there is a 'user_name' already"),
    "a tool that no model can be told": (_MEMBER.replace("sides: int = 6", "sides: 'Nothing' = 6"), "Nothing"),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_package_is_told_in_one_line_and_left_out(
    name: str, install: Install, converse: Converse, settings: Settings
) -> None:
    source, why = BROKEN[name]
    install(source, member="member")
    async with converse(Play()) as conversation:
        (notice,) = conversation.notices
        assert [event async for event in conversation.send("hello")][-1].to_json()["status"] == "completed"
    assert notice.startswith("the installed package tiny") and why in notice and "\n" not in notice
    lines: list[str] = []
    assert len(team(settings, lines.append)) == len(OURS)
    assert lines == [notice]


async def test_of_two_packages_with_an_agent_of_one_name_the_first_joins(install: Install, settings: Settings) -> None:
    install(_MEMBER, member="member", name="tiny_b_twin")
    install(_MEMBER, member="member", name="tiny_a_twin")
    lines: list[str] = []
    assert [member.name for member in team(settings, lines.append)].count("coin_flipper") == 1
    (line,) = lines
    assert "tiny_b_twin" in line and "'coin_flipper' already" in line


@pytest.mark.parametrize("given", ['"ledger"', "5"])
async def test_a_plugin_cannot_take_the_place_of_ours(given: str, install: Install, converse: Converse) -> None:
    base = "from google.adk.plugins.base_plugin import BasePlugin\n"
    install(f"{base}def plugin(): return BasePlugin({given})", plugin="plugin")
    async with converse(Play()) as conversation:
        assert "a plugin cannot be called" in conversation.notices[0]


def test_what_is_left_out_is_told_on_standard_error_and_not_among_the_events(
    install: Install, settings: Settings
) -> None:
    install("1 / 0", member="member")
    given = ["--db", settings.database_url, "--user", "ada", "--json", "-p", "hi"]
    result = CliRunner().invoke(cli, given)
    assert result.exit_code == 0
    assert "division by zero" in result.stderr and "division" not in result.stdout


async def test_what_is_left_out_is_told_in_the_chat(settings: Settings, made_database: Path) -> None:
    text = await typed("hello\r", ToldTalk(notices=("the installed package x is left out",)), settings)
    assert "the installed package x is left out" in text and "You said hello." in text
