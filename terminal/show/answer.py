"""An answer as Markdown on the terminal: headings to the left, no empty lines around code.

A link is one where the terminal follows links, with its address hidden; elsewhere the address is written out.
"""

from typing import ClassVar

from rich.console import Console, ConsoleOptions, JustifyMethod, RenderableType, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown, MarkdownElement
from rich.syntax import Syntax

from record.wording import printable
from terminal.show.trimmed import Trimmed


class _Heading(Heading):
    LEVEL_ALIGN: ClassVar[dict[str, JustifyMethod]] = {}


class _Code(CodeBlock):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        code = str(self.text).rstrip()
        yield Syntax(code, self.lexer_name, theme=self.theme, word_wrap=True, background_color="default")


class _Answer(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "heading_open": _Heading,
        "fence": _Code,
        "code_block": _Code,
    }


def answer(text: str, code_theme: str, *, links: bool = False) -> RenderableType:
    """What an agent said; control characters in it are dropped.

    Args:
        text: Markdown.
        code_theme: The Pygments style for code.
        links: Whether the terminal follows links.
    """
    return Trimmed(_Answer(printable(text), code_theme=code_theme, hyperlinks=links))
