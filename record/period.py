"""A moment as a person names it: how long ago (90m, 24h, 7d, 2w), or a local date or time (2026-03-31 14:00).

A date is a whole local day: since its beginning, until its end.
"""

import re
from datetime import date, datetime, time, timedelta, tzinfo

FORMS = "90m, 24h, 7d, 2w, or a date such as 2026-03-31"
_FIRST_YEAR, _LAST_YEAR = 1900, 2999
"""Farther out, a period and the one before it leave the calendar; no record is of then."""
_AGO = re.compile(r"(\d{1,6})\s*([mhdw])", re.IGNORECASE)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def since(text: str, now: datetime, zone: tzinfo | None = None) -> datetime:
    """The first moment of a period, time-zone-aware.

    Args:
        text: What the person typed.
        now: Time-zone-aware.
        zone: The person's time zone; None is the one of this machine.

    Raises:
        ValueError: It is none of the forms, or before the calendar begins; `str()` says so in one line.
    """
    return _moment(text, now, zone, days=0)


def until(text: str, now: datetime, zone: tzinfo | None = None) -> datetime:
    """The moment after the last of a period, as `since`."""
    return _moment(text, now, zone, days=1)


def _moment(text: str, now: datetime, zone: tzinfo | None, *, days: int) -> datetime:
    typed = text.strip()
    try:
        moment = _read(typed, now, zone, days)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"{text!r} is not a time: give {FORMS}") from error
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"{text!r} is not a time: give {FORMS}, from the years {_FIRST_YEAR} to {_LAST_YEAR}")
    return moment


def _read(typed: str, now: datetime, zone: tzinfo | None, days: int) -> datetime:
    if ago := _AGO.fullmatch(typed):
        return now - timedelta(**{_UNITS[ago[2].lower()]: int(ago[1])})
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", typed):
        day = date.fromisoformat(typed) + timedelta(days=days)
        return _local(datetime.combine(day, time()), zone)
    moment = datetime.fromisoformat(typed)
    return moment if moment.tzinfo else _local(moment, zone)


def _local(naive: datetime, zone: tzinfo | None) -> datetime:
    return naive.replace(tzinfo=zone) if zone else naive.astimezone()
