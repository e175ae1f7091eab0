"""A tenant and a user are one text in ADK's tables, and no two users are the same text."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import create_engine, literal, select

from storage.errors import StorageError
from storage.schema.tables import tenant_of
from storage.scope import LOCAL, SessionKey, User

_PARTS = st.one_of(st.text("ab/%25F", max_size=8), st.text(max_size=8))
_TENANTS = st.one_of(st.just(LOCAL), _PARTS)
_USERS = st.builds(User, st.just("app"), _PARTS, _TENANTS)


@given(_USERS, _USERS)
@example(User("app", "b", "a"), User("app", "a/b"))
@example(User("app", "a%2Fb"), User("app", "a/b"))
@example(User("app", "b/c", "a"), User("app", "c", "a/b"))
def test_two_users_are_never_stored_alike(one: User, other: User) -> None:
    assert (one.adk_id == other.adk_id) == (one == other)


@given(_USERS)
@example(User("app", "", ""))
def test_a_user_is_read_back_as_it_was_stored(user: User) -> None:
    assert User.stored("app", user.adk_id) == user
    assert SessionKey.of(user, "one").user == user


@given(st.text(max_size=8).filter(lambda name: "/" not in name))
@example("100%25")
def test_a_user_of_the_chat_is_stored_as_ever(name: str) -> None:
    assert User("app", name).adk_id == name


@pytest.mark.parametrize(
    ("user", "stored"),
    [
        (User("app", "ada", "acme"), "acme/ada"),
        (User("app", "a/b"), "local/a%2Fb"),
        (User("app", "50%", "a/b"), "a%2Fb/50%25"),
        (User("app", "Jörg"), "Jörg"),
    ],
)
def test_how_users_are_written(user: User, stored: str) -> None:
    assert user.adk_id == stored


@given(_PARTS)
@example("local/ada")
@example("a/b/c")
@example("a%2fb/c")
@example("acme/50%")
def test_a_text_is_one_user_or_none(stored: str) -> None:
    try:
        assert User.stored("app", stored).adk_id == stored
    except StorageError as error:
        assert "/" in stored
        assert "no user" in str(error) and "tenant/user" in error.hint


@given(_USERS)
def test_the_database_computes_the_same_tenant(user: User) -> None:
    if "\0" in user.adk_id:  # SQLite's functions end a text there, and no door lets one in
        return
    engine = create_engine("sqlite://")
    with engine.connect() as conn:
        assert conn.execute(select(tenant_of(literal(user.adk_id)))).scalar_one() == user.tenant
    engine.dispose()
