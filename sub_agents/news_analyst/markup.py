"""Plain text out of what a feed contains: no tags, no scripts, no control characters, no endless summary."""

from html.parser import HTMLParser

from storage.harmless import printable

_SILENT = frozenset({"script", "style", "template"})


class _Text(HTMLParser):
    """Collects what a reader of the page would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT and self._silent > 0
        self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def plain_text(html: str, limit: int) -> str:
    """`html` as one line of text of at most `limit` characters, cut at a word and marked with an ellipsis.

    Characters that steer a terminal are dropped, because a feed is not trusted.
    """
    parser = _Text()
    parser.feed(html)
    parser.close()
    text = " ".join(printable(" ".join("".join(parser.parts).split())).split())
    for mark in ".,;:!?":
        text = text.replace(f" {mark}", mark)
    if len(text) <= limit:
        return text
    return f"{text[: limit - 1].rsplit(' ', 1)[0]}…"
