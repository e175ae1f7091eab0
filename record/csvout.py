"""What `--csv` prints: a line of names and a line for each row, for programs and for spreadsheets.

A spreadsheet runs a text that begins like a formula, so such a text gets an apostrophe in front, which a spreadsheet
does not show. Numbers are as they are, what is not known is empty.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from record import documents
from storage.harmless import printable

_FORMULA = re.compile("[\\t\\r\\n]|\\s*[=+@\uff1d\uff0b\uff20\uff0d-]")


def dumps(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """The names and the rows, each ended by a line feed."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(map(_cell, names))
    writer.writerows(map(_cell, row) for row in rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    value = value if isinstance(value, float) else documents.plain(value)
    if not isinstance(value, str):
        return value
    text = printable(value)
    return f"'{text}" if _FORMULA.match(text) else text
