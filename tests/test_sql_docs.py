"""The worked questions of the documentation are asked, and give the columns they promise."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from google.adk.events import Event

from settings import ROOT, Settings
from storage import sql_access
from storage.adk.service import SessionService
from storage.ledger.posting import REPORTED
from storage.schema.declared import metadata
from storage.schema.documentation import schema_markdown
from storage.schema.tables import CANCELLED, COMPLETED, FAILED, INTERRUPTED, RUNNING
from storage.schema.views import VIEWS
from sub_agents import OURS, kinds
from tests.storage.support import START, Turn, call_part, delegated_turn, response_part, store

PAGE = (ROOT / "docs" / "sql.md").read_text(encoding="utf-8")


class StatsQuery(NamedTuple):
    name: str
    sql: str
    columns: list[str]


QUESTIONS = [
    StatsQuery(name, sql, columns.split(", "))
    for name, sql, columns in re.findall(r"### ([^\n]+)\n\n```sql\n(.+?)```\n\nColumns: ([^\n]+)\n", PAGE, re.DOTALL)
]


@pytest.fixture
async def record(service: SessionService, settings: Settings) -> Settings:
    """A record in which every question has an answer."""
    await store(service, delegated_turn("turn-1", START))
    failed = Turn("turn-2", START + 100)
    failed.user("is java down?")
    failed.bare(error_code="500", error_message="the model is down")
    await store(service, failed.made)
    forgotten = Turn("turn-3", START + 200)
    forgotten.user("compare")
    forgotten.model(call_part("lost", "compare_stocks", tickers=["NVDA"]), call_part("got", "get_current_time"))
    forgotten.tools(response_part("got", "get_current_time", status="success"))
    forgotten.model("never mind")
    await store(service, forgotten.made)
    return settings


def test_there_are_ten_questions() -> None:
    assert len(QUESTIONS) == PAGE.count("### ") == 10


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
async def test_a_question_of_the_documentation_is_answered(record: Settings, question: StatsQuery) -> None:
    answer = await sql_access.query(record.database_url, question.sql)
    assert list(answer.columns) == question.columns
    assert answer.rows


def test_the_schema_has_a_sentence_on_every_column() -> None:
    page = schema_markdown()
    for table in metadata.tables.values():
        for column in table.columns:
            assert re.search(rf"^\| `{column.name}` \| \w+ \| \w.+\. \|$", page, re.MULTILINE), f"{table}.{column}"
    for name, query in VIEWS.items():
        section = page.partition(f"### `{name}` (view)")[2].partition("###")[0]
        for shown in query().selected_columns:
            assert re.search(rf"^\| `{shown.name}` \| \w.+\. \|$", section, re.MULTILINE), f"{name}.{shown.name}"


def test_every_index_trigger_and_search_table_is_told(made_database: Path) -> None:
    page = (ROOT / "docs" / "database.md").read_text(encoding="utf-8")
    with closing(sqlite3.connect(made_database)) as connection:
        found = connection.execute("SELECT type, name FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    shadow = re.compile(r"(turn|interactions|knowledge|skills)_\w+_(data|idx|docsize|config|content)")
    assert {kind for kind, _ in found} == {"index", "table", "trigger", "view"}
    assert [name for _, name in found if not shadow.fullmatch(name) and f"`{name}`" not in page] == []


def test_the_tables_of_adk_and_the_version_are_told_as_they_are(made_database: Path) -> None:
    page = (ROOT / "docs" / "database.md").read_text(encoding="utf-8")
    section = page.partition("## ADK's tables")[2].partition("\n## ")[0]
    with closing(sqlite3.connect(made_database)) as connection:
        for table in ("sessions", "events", "user_states", "app_states"):
            columns = connection.execute(f"SELECT name, pk FROM pragma_table_info('{table}')").fetchall()
            ((key, rest),) = re.findall(rf"^\| `{table}` \| (.*?) \| (.*?) \|$", section, re.MULTILINE)
            assert set(re.findall(r"`(\w+)`", key)) == {name for name, place in columns if place}
            assert {name for name, place in columns if not place} <= set(re.findall(r"`(\w+)`", rest))
        (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    assert f"Schema version `{version}`" in page


def test_the_event_data_that_is_told_is_what_an_event_has() -> None:
    page = (ROOT / "docs" / "database.md").read_text(encoding="utf-8")
    section = page.partition("## ADK's `event_data`")[2].partition("\n## ")[0]
    keys = [key for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE) for key in re.findall(r"`(\w+)`", row)]
    assert len(keys) >= 10
    assert set(keys) <= set(Event.model_fields)


KINDS = [kind.name for kind in kinds([make(Settings()) for make in OURS])]


def test_a_literal_is_told_as_it_is_in_the_data() -> None:
    page = schema_markdown()
    for literal in (RUNNING, COMPLETED, FAILED, CANCELLED, INTERRUPTED, REPORTED, *KINDS):
        assert literal.capitalize() not in re.findall(r"\| (\w+)[,.]", page)
        assert literal in KINDS or f"`{literal}`" in page
