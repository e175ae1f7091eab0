"""`memory ...` on the command line, as scripts use it."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from click.testing import CliRunner, Result

from memory.client import MemoryClient
from memory.shared_state import SharedState
from settings import Settings
from terminal.cli import cli

Program: TypeAlias = Callable[..., Result]
EVIL = "evil\x1b]0;title\x07\x1b[31m\u202ename"


@pytest.fixture
def program(settings: Settings) -> Program:
    """Runs the command line on a memory of Ada's, in which there is something shared and a fact."""

    async def fill() -> None:
        async with MemoryClient.open(settings.database_url) as client:
            await SharedState(client, "local", "nerd").set("report", {"rows": [1, 2]})
            await client.store_knowledge("my sister lives in Oslo", "sister", tenant_id="local", user_id="ada")
            await client.log_interaction("nerd", "user", EVIL, tenant_id="local", user_id="ada")
            await client.store_knowledge("bob's own", "secret", tenant_id="local", user_id="bob")

    asyncio.run(fill())

    def run(*arguments: str, stdin: str = "") -> Result:
        return CliRunner().invoke(cli, ["--db", settings.database_url, "--user", "ada", *arguments], input=stdin)

    return run


def document(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_without_a_scope_it_counts_and_names_the_next_command(program: Program) -> None:
    counted = document(program("memory", "--json"))
    assert {scope: counts["count"] for scope, counts in counted.items()} == {
        "shared": 1,
        "working": 0,
        "agent": 0,
        "episodic": 1,
        "semantic": 1,
        "procedural": 0,
    }
    assert "memory list --scope shared shows what is there." in " ".join(program("memory").stdout.split())


def test_a_scope_is_listed_whichever_way_it_is_named(program: Program) -> None:
    listed = [
        document(program(*words))
        for words in (
            ("memory", "--scope", "shared", "--json"),
            ("memory", "--scope", "shared", "list", "--json"),
            ("memory", "list", "--scope", "shared", "--json"),
        )
    ]
    assert listed[0] == listed[1] == listed[2]
    (item,) = listed[0]
    assert (item["name"], item["value"], item["by"], item["version"]) == ("report", {"rows": [1, 2]}, "nerd", 1)
    assert "memory set --scope working PLAN/KEY VALUE" in " ".join(
        program("memory", "--scope", "working").stdout.split()
    )


def test_one_item_is_shown_and_found(program: Program) -> None:
    assert document(program("memory", "show", "sister", "--json"))["value"] == "my sister lives in Oslo"
    assert '"rows": [' in program("memory", "show", "report").stdout
    assert [each["name"] for each in document(program("memory", "search", "OSLO", "--json"))] == ["sister"]
    assert "Nothing was found." in program("memory", "search", "nowhere").stdout
    missing = program("memory", "show", "secret")
    assert (missing.exit_code, "there is nothing called 'secret'" in missing.stderr) == (2, True)


def test_a_value_is_json_or_else_a_text(program: Program) -> None:
    values = [("42", 42), ("{", "{"), ('["a"]', ["a"]), ("plain words", "plain words"), ("[" * 100_000, None)]
    for text, value in values:
        made = program("memory", "set", "--scope", "shared", "key", text, "--json")
        if value is not None:
            assert document(made)["value"] == value
    assert document(program("memory", "--scope", "semantic", "set", "n", "42", "--json"))["value"] == "42"
    assert program("memory", "set", "key", "1").exit_code == 2
    refused = program("memory", "set", "--scope", "shared", "key", "x" * 2**21)
    assert (refused.exit_code, refused.stderr.count("\n"), "1,048,576" in refused.stderr) == (2, 2, True)


def test_what_is_edited_is_what_was_seen(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def change(text: str, extension: str) -> str:
        program("memory", "set", "--scope", "shared", "report", '"theirs"')
        return text.replace("1", "7")

    monkeypatch.setattr("click.edit", change)
    late = program("memory", "edit", "report")
    assert (late.exit_code, "version" in late.stderr) == (2, True)
    monkeypatch.setattr("click.edit", lambda text, extension: text.replace("theirs", "mine"))
    assert document(program("memory", "edit", "report", "--json"))["value"] == "mine"
    monkeypatch.setattr("click.edit", lambda text, extension: "{")
    assert "that is no JSON" in program("memory", "edit", "report").stderr
    monkeypatch.setattr("click.edit", lambda text, extension: None)
    assert "Nothing was changed." in program("memory", "edit", "report").stderr
    assert document(program("memory", "show", "report", "--json"))["value"] == "mine"


def test_forgetting_asks_before(program: Program) -> None:
    for answer in ("", "n\n", "\n"):
        asked = program("memory", "forget", "sister", stdin=answer)
        assert (asked.exit_code, "nothing was forgotten" in asked.stderr) == (1, True)
    assert program("memory", "forget", "sister", stdin="y\n").exit_code == 0
    assert document(program("memory", "forget", "report", "--yes", "--json"))["name"] == "report"
    assert {counts["count"] for scope, counts in document(program("memory", "--json")).items()} == {0, 1}


def test_what_is_printed_is_clean(program: Program) -> None:
    commands = (("list", "--scope", "episodic"), ("show", "1"), ("search", "evil"), ("forget", "1", "--yes"))
    for command in commands:
        for more in ((), ("--json",)) if command[0] != "forget" else ((),):
            result = program("memory", *command, *more)
            assert result.exit_code == 0, result.output
            assert "evil" in result.output and not {"\x1b", "\x07", "\u202e"} & set(result.output)


def test_pages_are_counted(program: Program) -> None:
    for number in range(3):
        program("memory", "set", "--scope", "shared", f"z{number}", "1")
    page = program("memory", "--scope", "shared", "list", "--limit", "2", "--page", "2")
    assert "Page 2 of 2." in page.stdout and "z1" in page.stdout and "report" not in page.stdout
