"""Whatever was said, by whomever: what is exported is read in elsewhere, and exported there as the same document."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from google.adk.models import LlmRequest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from storage.adk.service import SessionService
from storage.database import Database
from storage.queries import archive
from storage.scope import SessionKey
from tests.conftest import Converse
from tests.conversation.support import told
from tests.scripted import Saying, call, is_manager, responses
from tests.storage.support import Turn, call_part, delegating, key, response_part, store

HALVES = "\ud83d\ude00\ud800\udfff"
ODD = "a \0\x01\x1b\x7f\x85\u2028\ufffe\uffff\ufeff\ufffd\u202e'\"\\\n"
STORED = st.text(st.sampled_from(ODD) | st.characters(exclude_categories=["Cs"]), max_size=6)
SAID = st.text(st.sampled_from(ODD + HALVES) | st.characters(), max_size=6)


@pytest.fixture
async def elsewhere(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database.open(f"sqlite+aiosqlite:///{tmp_path / 'elsewhere.db'}") as opened:
        await SessionService(opened).prepare_tables()
        yield opened


async def comes_back(database: Database, session: SessionKey, elsewhere: Database) -> None:
    document = (await archive.export(database, session)).model_dump_json(indent=2)
    there = await archive.import_(elsewhere, session.user, document)
    assert (await archive.export(elsewhere, there)).model_dump_json(indent=2) == document


@pytest.mark.slow
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SAID, SAID, SAID)
@example("a\0b", "c\0d", "e\0f")
@example("\ufffe", "\ud800", "x" * 200)
async def test_what_a_person_a_model_and_a_tool_said(
    converse: Converse, elsewhere: Database, message: str, answer: str, name: str
) -> None:
    request = call("funny_nerd", request=f"r{message}")
    reported = call("track_agent_delegation", agent_name=f"n{name}", task=f"t{answer}")
    says: list[Saying] = [f"a{answer}", request, reported, call(name, **{f"k{name}": answer})]

    def script(asked: LlmRequest) -> Saying:
        return says[0] if is_manager(asked) and not responses(asked) else f"a{answer}"

    async with converse(script, new=True) as conversation:
        while says:
            await told(conversation, f"m{message}")
            del says[0]
        await comes_back(conversation.database, conversation.key, elsewhere)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STORED, STORED, STORED)
@example("a\0b", "c\0d", "e\0f")
async def test_what_another_program_has_written(
    service: SessionService, elsewhere: Database, message: str, answer: str, name: str
) -> None:
    turn, session = Turn(), key(str(uuid4()))
    turn.user(f"u{message}")
    turn.model(
        call_part("joke", "funny_nerd", request=message), call_part("tool", name, value=answer), **delegating("joke")
    )
    turn.tools(response_part("joke", "funny_nerd", result=answer), response_part("tool", name, error=message))
    turn.bare(error_code=f"E{name}", error_message=answer)
    turn.model(answer)
    await store(service, turn.made, session.session_id)
    await comes_back(service.database, session, elsewhere)
