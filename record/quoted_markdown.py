"""Markdown of an agent or a person within a document of ours: it reads as it was written, and does nothing.

Raw HTML becomes text, an image becomes a link to it, so that nothing is fetched when the document is read, and a link
leads to the web or to a mailbox, or is text. Code stays as it is. What a fence leaves open is closed. Where a careful
change would not be enough, which a parser says, the whole text is changed without care: nothing in it is then HTML, an
image, or a link with a text of its own.
"""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from storage.harmless import printable

_WEB = r"(?:https?://|mailto:|#)"
_HTML = re.compile("<(?=[A-Za-z/!?])")
_IMAGE = re.compile(r"!+(?=\[)")
_TARGET = re.compile(r"\](?=[(:])")
_PIECES = re.compile(
    rf"(?P<kept>\\[\s\S]|(?P<ticks>(?<!`)`+(?!`))[\s\S]*?(?<!`)(?P=ticks)(?!`)|<(?:https?://|mailto:)[^\s<>]*>"
    rf"|\](?=\(\s*<?{_WEB})|\](?=:\s*<?{_WEB})|\](?=:(?:[ \t]|$))(?=:\s*[^\s:&\\]*\s))"
    rf"|{_HTML.pattern}|{_IMAGE.pattern}|{_TARGET.pattern}",
    re.IGNORECASE,
)
_INSTEAD = {"<": "&lt;", "]": "]\\"}
_GOES = re.compile(_WEB, re.IGNORECASE)


class _Reader(MarkdownIt):
    """Takes everything for a link that any reader of Markdown might take for one."""

    def validateLink(self, url: str) -> bool:
        return True


def quoted(markdown: str, prefix: str = "") -> str:
    """A text to be put into a document, between empty lines; `prefix` goes before each of its lines."""
    lines = printable(markdown).strip("\n").split("\n")
    text = "\n".join(f"{prefix}{line}" if line else prefix.rstrip() for line in lines)
    careful = _careful(text)
    return _closed(careful if _is_harmless(careful) else _without_care(text))


def _careful(text: str) -> str:
    """The text, changed where it is not code."""
    lines = text.split("\n")
    done, at = [], 0
    for begin, end in (*_code_blocks(text), (len(lines), len(lines))):
        prose = "\n".join(lines[at:begin])
        done += [_PIECES.sub(_piece, prose)] if begin > at else []
        done += lines[begin:end]
        at = max(end, at)
    return "\n".join(done)


def _piece(found: re.Match[str]) -> str:
    return found[0] if found["kept"] else _INSTEAD.get(found[0], "")


def _without_care(text: str) -> str:
    return _TARGET.sub("]\\\\", _IMAGE.sub("", text.replace("<", "&lt;")))


def _code_blocks(text: str) -> Iterator[tuple[int, int]]:
    """First line and line after the last of each block of code, in order."""
    for token in _reader().parse(text):
        if token.type in ("fence", "code_block") and token.map:
            yield token.map[0], token.map[1]


def _is_harmless(text: str) -> bool:
    return all(_does_nothing(token) for token in _reader().parse(text))


def _does_nothing(token: Token) -> bool:
    if token.type in ("html_block", "html_inline", "image"):
        return False
    target = token.attrGet("href") if token.type == "link_open" else None
    if target is not None and not _GOES.match(str(target)):
        return False
    return all(map(_does_nothing, token.children or ()))


def _closed(text: str) -> str:
    """The text, with an end to the code it leaves open."""
    last = _reader().parse(f"{text}\n\n.\n")[-1]
    return f"{text}\n{last.markup}" if last.type == "fence" and not last.level else text


def _reader() -> MarkdownIt:
    return _Reader("commonmark", {"html": True}).enable(["table", "strikethrough"])
