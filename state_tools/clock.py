"""The tool that tells the time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones


def get_current_time(timezone: str = "") -> dict[str, str]:
    """Tells the current date and time.

    Args:
        timezone: An IANA name such as "Europe/Paris", or the name of a city in one; empty for the user's own time.
    """
    zone = _zone(timezone)
    if zone is None and timezone.strip():
        return {"status": "error", "error_message": f"{timezone!r} is not a time zone I know, such as Europe/Paris."}
    now = datetime.now(UTC).astimezone(zone)
    name = zone.key if zone else (now.tzname() or "local time")
    readable = f"{now:%A}, {now.day} {now:%B %Y}, {now:%H:%M}"
    return {"status": "success", "iso": now.isoformat(timespec="seconds"), "timezone": name, "readable": readable}


def _zone(name: str) -> ZoneInfo | None:
    wanted = name.strip().replace(" ", "_").lower()
    if not wanted:
        return None
    for key in sorted(available_timezones()):
        if wanted in (key.lower(), key.lower().rsplit("/", 1)[-1]):
            return ZoneInfo(key)
    return None
