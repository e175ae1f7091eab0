"""Orders are joined by their ranks, and an embedder is a help that may fail."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from memory.knowledge.meaning import BATCH, Meaning, fused
from storage.database import Database
from storage.knowledge import knowledge, vectors
from storage.ledger.statements import Execute
from tests.memory.support import Letters

WITHIN = knowledge.within("acme", "ada")
orders = st.lists(st.lists(st.integers(1, 30), unique=True, max_size=30), max_size=4)


async def store(database: Database, content: str, external_id: str | None = None) -> int:
    def work(execute: Execute) -> int:
        return knowledge.store(execute, "acme", "ada", content, external_id=external_id, at=datetime.now(UTC)).id

    return await database.do(work, writes=True)


@given(orders)
def test_scores_fall_and_are_at_most_one(given_: list[list[int]]) -> None:
    scores = list(fused(given_).values())
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1.000001 for score in scores)
    assert set(fused(given_)) == {id_ for order in given_ for id_ in order}


@given(st.lists(st.integers(1, 30), unique=True))
def test_one_order_stays_as_it_is(order: list[int]) -> None:
    assert list(fused([order])) == order


@given(orders, st.integers(31, 40))
def test_what_is_first_everywhere_is_first(given_: list[list[int]], best: int) -> None:
    found = fused([[best, *order] for order in given_])
    assert not given_ or next(iter(found.items()))[0] == best


def test_in_both_beats_first_in_one() -> None:
    assert next(iter(fused([[1, 2, 3], [4, 2, 5]]))) == 2


async def test_an_embedder_that_fails_is_left_alone_and_words_are_found(database: Database) -> None:
    letters = Letters()
    meaning = Meaning(letters)
    id_ = await store(database, "listen to this")
    letters.broken = True
    assert list(await meaning.search(database, WITHIN, "listen", 5)) == [id_]
    letters.broken = False
    assert list(await meaning.search(database, WITHIN, "silent", 5)) == []
    assert letters.asked == []
    assert await meaning.refresh(database) == 0


async def test_vectors_are_made_anew_for_another_embedder(database: Database) -> None:
    for number in range(3):
        await store(database, f"note {number}")
    first = Meaning(Letters())
    assert await first.refresh(database) == 3
    assert await first.refresh(database) == 0
    second = Meaning(Letters("other letters"))
    assert await second.search(database, WITHIN, "tone", 5) == {}
    assert await second.refresh(database) == 3
    assert len(await second.search(database, WITHIN, "tone", 5)) == 3


async def test_vectors_are_made_in_batches(database: Database) -> None:
    for number in range(5):
        await store(database, f"note {number}")
    meaning = Meaning(Letters())
    assert [await meaning.refresh(database, 2) for _ in range(4)] == [2, 2, 1, 0]
    assert BATCH > 2


async def test_a_vector_of_a_text_that_was_changed_meanwhile_is_not_kept(database: Database) -> None:
    await store(database, "listen", "doc")
    meaning = Meaning(Letters())
    stale = await database.do(lambda execute: vectors.stale(execute, "letters", 10))
    made = await meaning.of_each([row.text for row in stale])
    await store(database, "something else", "doc")
    pairs = list(zip(stale, made, strict=True))
    assert await database.do(lambda execute: vectors.keep(execute, pairs), writes=True) == 0
    assert len(await database.do(lambda execute: vectors.stale(execute, "letters", 10))) == 1
