"""Markdown of somebody else in a document of ours does nothing, wherever it tries to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from record.quoted_markdown import quoted


class Anything(MarkdownIt):
    def validateLink(self, url: str) -> bool:
        return True


def does(text: str) -> list[str]:
    """What a reader of Markdown that allows everything would do with it."""
    tokens = Anything("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    return [told for token in tokens for told in _does(token)]


def _does(token: Token) -> list[str]:
    said = [token.type] if token.type in ("html_block", "html_inline", "image") else []
    href = str(token.attrGet("href") or "") if token.type == "link_open" else ""
    if href and not href.lower().startswith(("https://", "http://", "mailto:", "#")):
        said.append(href)
    return said + [told for child in token.children or () for told in _does(child)]


HARM = [
    "<script>alert(1)</script>",
    "a <b onclick=x>b</b> <!-- c --> <?php ?> </div>",
    "<details>\n<summary>x</summary>\n\nhidden\n</details>",
    "![p](https://evil.test/p.png)",
    "!![p](https://evil.test/p.png) \\![p](https://evil.test/q.png) ![r][ref]\n\n[ref]: https://evil.test/r.png",
    "[x](javascript:alert(1)) [x](<javascript:alert(1)>) [x](\n javascript:alert(1))",
    "[x](java&#115;cript:alert(1)) [x](javascript\\:alert(1)) [x](JAVASCRIPT:x)",
    "[x](data:text/html,x) [x](data:image/png;base64,x) [x](vbscript:x) [x](file:///etc/passwd)",
    "[x]\n\n[x]: javascript:alert(1)\n> [y]: <data:x>\n\n[y]",
    "<javascript:alert(1)> <data:x> <vscode:x>",
    "`a\n\n<script>x</script>` `b",
    "- `a\n- <b>x</b>`",
    "    code\n\n\t<b>code or not</b>\n\n1.\t<b>x</b>",
    "| a |\n|---|\n| <b>x</b> ![p](https://x.test/p) |",
    "``` \n<b>code</b>\n```\n<b>not code</b>\n\n~~~\nopen",
]


@pytest.mark.parametrize("prefix", ["", "> "])
@pytest.mark.parametrize("text", HARM)
def test_what_would_do_something_is_text(text: str, prefix: str) -> None:
    assert does(quoted(text, prefix)) == []


@pytest.mark.parametrize(
    "text",
    [
        "# Title\n\nA *list*:\n\n- [the article](https://example.com/a_(b)?c=d&e=f#g)\n- 2 < 3\n- `<b>` and ``a`b``",
        "```html\n<script>x</script>\n![p](x)\n```",
        "    indented <b>code</b>",
        "| a | b |\n|---|---|\n| `1` | 2 |",
        "<https://example.com> and <mailto:a@example.com>, [1], [x][y]\n\n[y]: https://example.com",
        "Note: arr[0]: it is first! [sic] \\<b> is escaped",
    ],
)
def test_what_does_nothing_stays_as_it_was_written(text: str) -> None:
    assert quoted(text) == text


def test_an_image_is_a_link_to_it() -> None:
    assert quoted("see ![a cat](https://x.test/c.png)") == "see [a cat](https://x.test/c.png)"


@pytest.mark.parametrize("fence", ["```", "~~~~", "```python\nx", "- a\n\n```\nb"])
def test_a_fence_that_is_left_open_is_closed(fence: str) -> None:
    tokens = MarkdownIt("commonmark").parse(f"{quoted(fence)}\n\n## Next\n")
    assert [token.type for token in tokens][-3:] == ["heading_open", "inline", "heading_close"]


PIECES = ["<b>", "</b>", "<!--", "-->", "![", "](", "]: ", "][", ")", "[x]", "`", "``", "```", "~~~", "\n", "\n\n"]
PIECES += [
    "    ",
    "\t",
    "javascript:x",
    "https://x.test",
    "data:x",
    "\\",
    "&lt;",
    "a",
    " ",
    "|",
    "|---|",
    "<",
    ">",
    "!",
]
PIECES += ["- ", "> ", "1. "]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), st.sampled_from(["", "> "]))
def test_whatever_it_is_made_of_it_does_nothing(text: str, prefix: str) -> None:
    document = f"# Title\n\n{quoted(text, prefix)}\n\n## Next\n"
    assert does(document) == []
    assert document.rstrip().endswith("\n## Next")
    last = MarkdownIt("commonmark").parse(document)[-1]
    assert (last.type, last.tag, last.level) == ("heading_close", "h2", 0)
