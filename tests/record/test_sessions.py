"""A document is read from a file, and from a pipe that somebody writes to; nothing is waited for without a word."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from record.sessions import read
from storage.errors import StorageError
from storage.queries.archive_document import MAX_BYTES


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


def told() -> tuple[list[str], Callable[[], None]]:
    said: list[str] = []
    return said, lambda: said.append("waits")


def test_a_file_is_read_as_far_as_tells_that_it_is_too_large(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b" ")
    os.truncate(tmp_path / "large", 10 * MAX_BYTES)
    assert len(read(tmp_path / "large")) == MAX_BYTES + 1


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/null", "/", "pipe"])
def test_what_is_no_file_is_refused_at_once(pipe: Path, name: str) -> None:
    with pytest.raises(StorageError, match=r"cannot read .*: (it is no file|Is a directory)"):
        read(pipe.parent / name)


def test_a_pipe_that_nobody_writes_to_is_refused(pipe: Path) -> None:
    said, waits = told()
    with pytest.raises(StorageError, match="nobody writes to this pipe"):
        read(pipe, waits=waits)
    assert said == []


def test_what_is_written_to_a_pipe_is_read(pipe: Path) -> None:
    content = b"x" * 300_000
    writer = threading.Thread(target=pipe.write_bytes, args=[content])
    writer.start()
    said, waits = told()
    assert read(pipe, waits=waits) == content
    writer.join()
    assert said == []


def test_who_has_a_pipe_open_and_writes_nothing_yet_is_waited_for_with_a_word(pipe: Path) -> None:
    said: list[bytes] = []
    writer = os.open(pipe, os.O_RDWR)
    reader = threading.Thread(target=lambda: said.append(read(pipe, waits=lambda: os.close(writer))))
    reader.start()
    reader.join()
    assert said == [b""]
