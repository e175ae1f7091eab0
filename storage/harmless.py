"""Text from outside, made harmless for a terminal: nothing in it is obeyed, turned round, or there without being seen.

What is dropped: controls (C0 but for line ends and tabs, DEL, C1), bidirectional controls, tag characters, blank and
zero-width characters that no script needs. Joiners and variation selectors, which emoji and scripts need, stay where
they can mean something: one of each in a row, so that they carry no hidden text. Characters that would begin another
line (form feed, U+2028) become spaces, half a surrogate pair becomes U+FFFD. Both functions do nothing to what they
made before.
"""

import re

_BREAKS = "\x0b\x0c\x1c-\x1f\x85\u2028\u2029"
_DROPPED = (
    "\x00-\x08\x0d-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff"
    "\U000e01f0-\U000e0fff"
)
_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_JOINERS = "\u034f\u200c\u200d"
_UNSEEN = f"{_DROPPED}{_SELECTORS}{_JOINERS}"
_FOUND = re.compile(f"[{_UNSEEN}]{{2,}}|[{_DROPPED}]|[{_BREAKS}]|[\ud800-\udfff]")
_ANY_DROPPED = re.compile(f"[{_DROPPED}]")
_MEANT = re.compile(f"[{_SELECTORS}]?[{_JOINERS}]?")
_BREAK = re.compile(f"[{_BREAKS}]")


def printable(text: str) -> str:
    """The text without what a terminal would obey or not show; line ends and tabs stay."""
    return text if text.isascii() and text.isprintable() else _FOUND.sub(_instead, text)


def printable_json(document: str) -> str:
    """A JSON document that means the same, in which what `printable` would change is written as `\\uXXXX`.

    Half a surrogate pair, which no reader of JSON has to take, becomes U+FFFD.
    """
    return document if document.isascii() and document.isprintable() else _FOUND.sub(_escaped, document)


def _instead(found: re.Match[str]) -> str:
    text = found[0]
    if _BREAK.match(text):
        return " "
    if "\ud800" <= text <= "\udfff":
        return "\ufffd"
    meant = _MEANT.match(_ANY_DROPPED.sub("", text))
    return meant[0] if meant else ""


def _escaped(found: re.Match[str]) -> str:
    text, instead = found[0], _instead(found)
    if instead in (text, "\ufffd"):
        return instead
    units = text.encode("utf-16-be")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
