"""Something rich prints, without the spaces it puts at the ends of lines: so it can be copied, piped and compared."""

from collections.abc import Iterable
from itertools import dropwhile

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment


class Trimmed:
    """`whole`, line by line, each without trailing spaces."""

    def __init__(self, whole: RenderableType) -> None:
        self._whole = whole

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in console.render_lines(self._whole, options, pad=False):
            yield from _trimmed(line)
            yield Segment.line()


def _trimmed(line: list[Segment]) -> Iterable[Segment]:
    kept = list(dropwhile(lambda segment: not segment.text.strip(), reversed(line)))[::-1]
    if kept:
        kept[-1] = kept[-1]._replace(text=kept[-1].text.rstrip())
    return kept
