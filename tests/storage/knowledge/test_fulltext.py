"""Whatever is typed is a search; the index is what the rows are; what is deleted is nowhere in the files."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.database import Database
from storage.knowledge import fulltext, interactions, knowledge, skills, vectors
from storage.knowledge.searching import candidates
from storage.ledger.statements import Execute, Values
from tests.postgres import only_files

NOW = datetime(2026, 1, 2, tzinfo=UTC)
WITHIN = knowledge.within("acme", "ada")


async def store(database: Database, content: str, *, owner: str = "ada", tenant: str = "acme") -> int:
    def work(execute: Execute) -> int:
        return knowledge.store(execute, tenant, owner, content, at=NOW).id

    return await database.do(work, writes=True)


async def found(database: Database, query: str, within: fulltext.Within = WITHIN) -> list[list[int]]:
    return (await candidates(database, within, query, None)).orders


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(query=st.text(max_size=40) | st.sampled_from(["'", '"', '""', "a AND", "NEAR(", "x:y", "-a", "^a", "*", "a\\"]))
async def test_whatever_is_typed_is_a_search(database: Database, query: str) -> None:
    for order in await found(database, query):
        assert order == []


@pytest.mark.parametrize("word", ["don't", "C++", 'the"quote', "a:b", "naïve", "e-mail", "user_id", "NEAR"])
async def test_a_word_with_signs_is_found(database: Database, word: str) -> None:
    id_ = await store(database, f"before {word} after")
    await store(database, "something else")
    assert await found(database, f"{word} zeppelin") == [[id_]]


async def test_any_of_the_words_is_enough_and_the_most_telling_row_is_first(database: Database) -> None:
    one = await store(database, "red and blue")
    both = await store(database, "red and green")
    await store(database, "yellow")
    assert await found(database, "red green") == [[both, one]]


async def test_the_last_word_may_be_a_beginning_and_no_other(database: Database) -> None:
    id_ = await store(database, "invoices of the landlord")
    assert await found(database, "landlord invo") == [[id_]]
    assert await found(database, "invo") == [[id_]]
    assert await found(database, "invo zeppelin") == [[]]


async def test_small_words_are_looked_for_only_when_there_are_no_others(database: Database) -> None:
    small = await store(database, "what is this")
    telling = await store(database, "the landlord")
    assert await found(database, "what is the landlord?") == [[telling]]
    assert await found(database, "What is?") == [[small]]


async def test_scripts_without_spaces_are_found_by_any_piece(database: Database) -> None:
    tower = await store(database, "昨日、東京タワーを見ました")
    city = await store(database, "東京に住んでいます hotel")
    await store(database, "hotel")
    assert await found(database, "東京") == [[city, tower]]
    assert await found(database, "タワー 東京") == [[tower, city]]
    assert (await found(database, "京 hotel"))[0] == [city, tower]
    assert (await found(database, "É東京タワー2026"))[0] == [tower]
    assert await found(database, "the 東京") == [[city, tower]]
    assert await found(database, "大阪") == [[]]


async def test_tags_and_all_parts_of_a_skill_are_words(database: Database) -> None:
    def work(execute: Execute) -> None:
        knowledge.store(execute, "acme", "ada", "content", tags=["größe", "second tag"], at=NOW)
        skills.store(execute, "acme", "ada", "cook", "souffle", "eggs", "beaten whites", at=NOW)

    await database.do(work, writes=True)
    assert [await found(database, word) for word in ("größe", "second")] == [[[1]], [[1]]]
    mine = skills.within("acme", "ada", "cook")
    assert [await found(database, word, mine) for word in ("souffle", "eggs", "whites")] == [[[1]]] * 3


async def test_only_rows_of_the_scope_are_found(database: Database) -> None:
    await store(database, "landlord 東京", owner="bob")
    await store(database, "landlord 東京", tenant="globex")
    assert await found(database, "landlord 東京") == [[], []]


_STEPS = st.lists(st.tuples(st.sampled_from(["store", "delete"]), st.integers(0, 3), st.integers(0, 3)), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(steps=_STEPS)
async def test_a_word_is_found_where_it_stands_whatever_was_stored_and_deleted(
    database: Database, steps: list[tuple[str, int, int]]
) -> None:
    def work(execute: Execute) -> dict[str, str]:
        execute("DELETE FROM knowledge", {})
        known: dict[str, str] = {}
        for step, which, word in steps:
            name = f"doc{which}"
            if step == "store":
                known[name] = f"word{word}"
                knowledge.store(execute, "acme", "ada", known[name], external_id=name, at=NOW)
            else:
                assert knowledge.delete(execute, "acme", "ada", external_id=name, at=NOW) == (name in known)
                known.pop(name, None)
        return known

    known = await database.do(work, writes=True)
    names = {row.id: row.external_id for row in await database.do(lambda e: knowledge.newest(e, "acme", "ada"))}
    for word in (f"word{number}" for number in range(4)):
        (order,) = await found(database, word)
        assert {names[id_] for id_ in order} == {name for name, content in known.items() if content == word}


@only_files
async def test_what_is_deleted_is_in_no_file(database: Database) -> None:
    secrets = ("xylophonist", "quizmaster", "zeppelinette", "wordsmithery", "jabberwocky")

    def add(execute: Execute) -> None:
        execute("PRAGMA secure_delete = ON", {})
        for number in range(200):
            knowledge.store(execute, "acme", "ada", f"plain note {number}", at=NOW)
        knowledge.store(execute, "acme", "ada", secrets[0], external_id="doc", tags=[secrets[1]], at=NOW)
        knowledge.store(execute, "acme", "ada", secrets[4], external_id="doc", at=NOW)
        skills.store(execute, "acme", "ada", "cook", secrets[2], secrets[3], "how", at=NOW)

    def delete(execute: Execute) -> None:
        assert knowledge.delete(execute, "acme", "ada", external_id="doc", at=NOW)
        assert skills.delete(execute, "acme", "ada", "cook", secrets[2], NOW)
        execute("UPDATE changes SET key = '' WHERE topic = 'memory.procedural'", {})
        fulltext.merge(execute, database.engine.dialect.name, fulltext.KNOWLEDGE.index, fulltext.SKILLS.index)

    await database.do(add, writes=True)
    await checkpoint(database)
    assert all(secret in everything(database) for secret in secrets[1:])
    await database.do(delete, writes=True)
    await checkpoint(database)
    assert [secret for secret in secrets if secret in everything(database)] == []
    assert "plain note 7" in everything(database)


async def checkpoint(database: Database) -> None:
    await database.engine.dispose()
    await database.do(lambda execute: execute("PRAGMA wal_checkpoint(TRUNCATE)", {}))


def everything(database: Database) -> str:
    file = database.file or Path()
    return "".join(each.read_bytes().decode("latin-1") for each in file.parent.glob(f"{file.name}*"))


@only_files
@pytest.mark.parametrize(
    "within",
    [interactions.within("acme", "ada", "cook"), knowledge.within("acme", "ada"), skills.within("acme", "ada", "cook")],
    ids=lambda within: within.remembered.table,
)
async def test_vectors_are_read_of_the_scope_and_not_of_everybody(database: Database, within: fulltext.Within) -> None:
    def work(execute: Execute) -> str:
        asked: list[str] = []

        def explain(statement: str, values: Values) -> Sequence[Sequence[Any]]:
            asked.extend(str(row[3]) for row in execute(f"EXPLAIN QUERY PLAN {statement}", values))
            return ()

        vectors.of_scope(explain, within, "model")
        return " ".join(asked)

    plan = await database.do(work)
    assert "tenant=? AND user_id=?" in plan and "SCAN" not in plan
