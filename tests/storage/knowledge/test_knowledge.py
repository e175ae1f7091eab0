"""Who may change and see what is known, whatever the order in which users store it."""

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.database import Database
from storage.knowledge import knowledge
from storage.knowledge.vectors import Vector, of_scope
from storage.ledger.statements import Execute
from storage.memory.errors import MemoryRefusedError

NOW = datetime(2026, 1, 2, tzinfo=UTC)
_STORED = st.tuples(
    st.sampled_from(["acme", "globex"]), st.sampled_from(["ada", "bob"]), st.sampled_from(["x", "y"]), st.booleans()
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(stored=st.lists(_STORED, max_size=10))
async def test_nobody_changes_or_finds_what_is_anothers(
    database: Database, stored: list[tuple[str, str, str, bool]]
) -> None:
    """Held against a dictionary of (tenant, owner, name) -> whether it is public."""

    def work(execute: Execute) -> dict[tuple[str, str, str], bool]:
        execute("DELETE FROM knowledge", {})
        known: dict[tuple[str, str, str], bool] = {}
        for tenant, owner, name, public in stored:
            taken = any(
                is_public and (of, called) == (tenant, name) and who != owner
                for (of, who, called), is_public in known.items()
            )
            try:
                knowledge.store(execute, tenant, owner, f"{owner}s", external_id=name, is_public=public, at=NOW)
            except MemoryRefusedError:
                assert public and taken
            else:
                assert not (public and taken)
                known[tenant, owner, name] = public
        return known

    known = await database.do(work, writes=True)
    for tenant in ("acme", "globex"):
        for user in ("ada", "bob"):
            rows = await database.do(lambda execute, t=tenant, u=user: knowledge.newest(execute, t, u))  # type: ignore[misc]
            mine = {(t, o, n) for (t, o, n), public in known.items() if t == tenant and (public or o == user)}
            assert {(row.tenant_id, row.user_id, row.external_id) for row in rows} == mine


async def test_what_is_stored_again_has_the_vector_of_its_new_text(database: Database) -> None:
    def work(execute: Execute) -> list[tuple[list[int], list[bytes]]]:
        found = []
        for content, vector in (("old", Vector("m", b"1234")), ("new", Vector("m", b"5678")), ("newer", None)):
            knowledge.store(execute, "acme", "ada", content, external_id="doc", vector=vector, at=NOW)
            found.append(of_scope(execute, knowledge.within("acme", "ada"), "m"))
        return found

    assert await database.do(work, writes=True) == [([1], [b"1234"]), ([1], [b"5678"]), ([], [])]


async def test_ones_own_comes_before_what_is_public(database: Database) -> None:
    def work(execute: Execute) -> list[str]:
        later = NOW + timedelta(seconds=1)
        knowledge.store(execute, "acme", "bob", "bob's", external_id="doc", is_public=True, at=later)
        first = knowledge.get(execute, "acme", "ada", external_id="doc")
        knowledge.store(execute, "acme", "ada", "ada's", external_id="doc", at=NOW)
        second = knowledge.get(execute, "acme", "ada", external_id="doc")
        assert first and second
        assert knowledge.get(execute, "acme", "ada", id=second.id) == second
        return [first.content, second.content]

    assert await database.do(work, writes=True) == ["bob's", "ada's"]


async def test_the_number_of_anothers_deletes_nothing(database: Database) -> None:
    def work(execute: Execute) -> list[bool]:
        public = knowledge.store(execute, "acme", "bob", "text", is_public=True, at=NOW).id
        asked = (("acme", "ada"), ("globex", "bob"), ("acme", "bob"))
        return [knowledge.delete(execute, tenant, user, id=public, at=NOW) for tenant, user in asked]

    assert await database.do(work, writes=True) == [False, False, True]
