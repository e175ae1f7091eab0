import io
import json
from collections.abc import Callable
from typing import Any, TextIO

import pytest

from terminal import streams
from terminal.streams import everything, is_yes, messages
from terminal.streams import lines as lines_of
from told import Told


def lines(data: bytes, encoding: str = "utf-8") -> list[str]:
    return list(messages(io.TextIOWrapper(io.BufferedReader(io.BytesIO(data)), encoding=encoding)))


@pytest.mark.parametrize(
    ("data", "read"),
    [
        (b"\xef\xbb\xbfone\r\ntwo", ["one\n", "two"]),
        ("one\n".encode("utf-16"), ["one\n"]),
        (b"\xfe\xff" + "one\n".encode("utf-16-be"), ["one\n"]),
        (b"\xffone\n", ["�one\n"]),
        ("a\u2028b\x0cc\x00d\n".encode(), ["a\u2028b\x0cc\x00d\n"]),
        (b"", []),
        (b"\xff", ["�"]),
    ],
)
def test_input_is_read_without_its_byte_order_mark(data: bytes, read: list[str]) -> None:
    assert lines(data) == read


class Endless(io.RawIOBase):
    """As /dev/zero."""

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        into[:] = bytes(len(into))
        return len(into)


@pytest.mark.parametrize("read", [everything, lambda stdin: next(lines_of(stdin))])
def test_input_without_an_end_is_refused_in_one_line(read: Callable[[TextIO], str]) -> None:
    with pytest.raises(Told, match="standard input is longer than 1,000,000 characters"):
        read(io.TextIOWrapper(io.BufferedReader(Endless()), encoding="utf-8"))
    assert not is_yes(io.TextIOWrapper(io.BufferedReader(Endless()), encoding="utf-8"))


def test_an_encoding_that_is_named_is_kept() -> None:
    assert lines(b"\xff\xfe\n", "latin-1") == ["ÿþ\n"]


@pytest.mark.parametrize("encoding", ["ascii", "terminal_ascii", "latin-1", "cp1252", "utf-8"])
def test_what_an_encoding_does_not_have_is_a_json_escape(encoding: str) -> None:
    streams.learn()
    text = "Zoë ☂ 😀"
    written = json.dumps(text, ensure_ascii=False).encode(encoding, streams.ESCAPES)
    assert json.loads(written.decode(encoding)) == text
    assert "\udc80".encode(encoding, streams.ESCAPES) == b"?"
