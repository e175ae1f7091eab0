"""UTC times in the database as local days and hours of a person, across daylight saving.

SQL cuts a time to its UTC hour, which is quick; what that hour is locally, is asked of the time zone for each hour by
itself. In a zone that is not whole hours off UTC, times are cut to the minute instead.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, String, func

HOUR, MINUTE = 13, 16
"""Characters of a stored time that tell it to the hour, and to the minute."""

Hours: TypeAlias = Counter[tuple[date, int]]
"""Local day and hour -> how often."""


def width(zone: tzinfo | None, first: datetime, last: datetime) -> int:
    """To how many characters times between two moments are cut for a zone; None is the zone of this machine."""
    years = range(first.year - 1, last.year + 2)
    moments = [datetime(year, month, 15, tzinfo=UTC) for year in years for month in (1, 7)]
    offsets = [moment.astimezone(zone).utcoffset() for moment in moments]
    return HOUR if all(offset is not None and not offset.total_seconds() % 3600 for offset in offsets) else MINUTE


def stamp(column: ColumnElement[Any], characters: int) -> ColumnElement[str]:
    """SQL: the beginning of a stored time."""
    return func.substr(column, 1, characters, type_=String)


def local(stamped: str, zone: tzinfo | None) -> datetime:
    """The local time that a stamp is the beginning of."""
    minute = int(stamped[14:16] or 0)
    return datetime(
        int(stamped[:4]), int(stamped[5:7]), int(stamped[8:10]), int(stamped[11:13]), minute, tzinfo=UTC
    ).astimezone(zone)


def counted(joined: str, characters: int, zone: tzinfo | None) -> Hours:
    """How often each local hour occurs in stamps that SQL has joined to one text.

    One text is several times faster than grouping in SQL, or than as many rows.
    """
    return by_hour(Counter(joined[at : at + characters] for at in range(0, len(joined), characters)), zone)


def by_hour(stamps: Mapping[str, int], zone: tzinfo | None) -> Hours:
    """Stamp -> how often, summed by local hour."""
    hours: Hours = Counter()
    for stamped, count in stamps.items():
        moment = local(stamped, zone)
        hours[moment.date(), moment.hour] += count
    return hours
