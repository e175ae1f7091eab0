"""The worked questions of the documentation are asked, and give the columns they promise."""

import re
from typing import NamedTuple

import pytest

from settings import ROOT, Settings
from storage import sql_access
from storage.adk.service import SessionService
from storage.schema.documentation import schema_markdown
from storage.schema.tables import metadata
from storage.schema.views import VIEWS
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
