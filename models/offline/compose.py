"""Small helpers for replies that read well: lists, plurals, tables, dates, and several answers joined into one."""

import re
from collections.abc import Sequence
from datetime import datetime
from zlib import crc32

from models.offline.skill import Response

_MARKS = re.compile(r"\*\*|`|^> ?", re.MULTILINE)


def failed(response: Response) -> str | None:
    """The sentence for a person when the tool reported an error, else None."""
    if response.get("status") == "error" or (response.get("error") and "status" not in response):
        reason = str(response.get("error_message") or response.get("error") or "something went wrong")
        return (
            f"That did not work: {reason[0].lower() + reason[1:] if reason[:2].istitle() else reason}".rstrip(".") + "."
        )
    return None


def listed(values: Sequence[str], joiner: str = "and") -> str:
    """ "a", "a and b", "a, b and c"."""
    return f" {joiner} ".join(filter(None, [", ".join(values[:-1]), *values[-1:]]))


def plural(count: int, noun: str, many: str | None = None) -> str:
    """ "1 joke", "3 jokes", "no jokes"."""
    return f"{count or 'no'} {noun if count == 1 else many or noun + 's'}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first are numbers and stand to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def day(iso: object) -> str:
    """ "5 March 2026" for an ISO date or time; the text itself when it is neither."""
    try:
        when = datetime.fromisoformat(str(iso))
    except ValueError:
        return str(iso or "an unknown day")
    return f"{when.day} {when:%B %Y}"


def moment(iso: object) -> str:
    """ "5 March 2026, 14:30" for an ISO time; the text itself when it is none."""
    try:
        when = datetime.fromisoformat(str(iso))
    except ValueError:
        return str(iso or "an unknown time")
    return f"{when.day} {when:%B %Y, %H:%M}"


def clipped(text: object, size: int = 90) -> str:
    """`text` on one line, cut at a word to at most `size` characters."""
    line = " ".join(str(text or "").split())
    return line if len(line) <= size else line[: size - 1].rsplit(" ", 1)[0] + "…"


def excerpt(text: object, size: int = 90) -> str:
    """The gist of an earlier reply on one line: its first paragraph without marks; a table is only called one."""
    paragraphs = [part.strip() for part in str(text or "").split("\n\n") if part.strip()]
    told = next((part for part in paragraphs if not part.startswith("|")), "")
    return clipped(_MARKS.sub("", told), size) if told else "a table" if paragraphs else ""


def joined(replies: Sequence[str]) -> str:
    """Several answers as one text: short sentences run on, blocks stand apart, repeats are said once."""
    parts: list[str] = []
    for reply in dict.fromkeys(text.strip() for text in replies if text.strip()):
        short = "\n" not in reply and len(reply) < 90
        if parts and short and "\n" not in parts[-1] and len(parts[-1]) < 180 and parts[-1][-1] in ".!?":
            parts[-1] += f" {reply}"
        else:
            parts.append(reply)
    return "\n\n".join(parts)


def addressed(text: str, name: str | None, seed: str) -> str:
    """`text`, about every fourth time with the person's name before it; which time depends on `seed` alone."""
    plain = text[:1].isalpha() and "\n" not in text[:60] and name and name not in text
    if not plain or crc32(seed.encode()) % 4:
        return text
    first = text.split(maxsplit=1)[0].rstrip(":,;")
    kept = (first[0] == "I" and (len(first) == 1 or first[1] == "'")) or not first.isalpha() or first.isupper()
    lowered = text if kept or not first.istitle() or first not in _SENTENCE_STARTS else text[0].lower() + text[1:]
    return f"{name}, {lowered}"


_SENTENCE_STARTS = frozenset(
    [
        "Here",
        "The",
        "Your",
        "You",
        "A",
        "An",
        "It",
        "That",
        "There",
        "This",
        "No",
        "What",
        "Nothing",
        "All",
        "Done",
        "We",
        "Noted",
    ]
)
