"""A person's files: whole, private whatever the umask, never through a link, never over one that was not meant."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage import own_files
from storage.errors import StorageError


@pytest.fixture(autouse=True, params=[0o000, 0o022, 0o277], ids=["umask 0", "umask 022", "umask 277"])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(file: Path) -> int:
    return file.lstat().st_mode & 0o777


def test_a_file_is_private_and_nothing_is_beside_it(tmp_path: Path) -> None:
    own_files.write("Grüße", tmp_path / "a.md")
    assert ((tmp_path / "a.md").read_text(encoding="utf-8"), mode(tmp_path / "a.md")) == ("Grüße", 0o600)
    assert [file.name for file in tmp_path.iterdir()] == ["a.md"]


def test_a_persons_part_file_and_link_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.md.part").write_text("mine")
    (tmp_path / "b.md.part").symlink_to(tmp_path / "elsewhere")
    own_files.write("a", tmp_path / "a.md")
    own_files.write("b", tmp_path / "b.md")
    assert (tmp_path / "a.md.part").read_text() == "mine"
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_that_is_there_is_replaced_only_when_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("mine")
    with pytest.raises(StorageError, match="already"):
        own_files.write("new", file)
    assert file.read_text() == "mine"
    own_files.write("new", file, over=True)
    assert (file.read_text(), mode(file)) == ("new", 0o600)


@pytest.mark.parametrize("there", [True, False])
def test_of_a_link_the_link_is_replaced_and_only_when_asked_for(tmp_path: Path, there: bool) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    if there:
        target.write_text("mine")
    link.symlink_to(target)
    with pytest.raises(StorageError, match="already"):
        own_files.write("new", link)
    own_files.write("new", link, over=True)
    assert (link.is_symlink(), link.read_text()) == (False, "new")
    assert (target.read_text() if there else target.exists()) == ("mine" if there else False)


def test_a_file_that_comes_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    with pytest.raises(StorageError, match="already"), own_files.new_file(file) as part:
        part.write_text("new")
        file.write_text("mine")
    assert [each.read_text() for each in tmp_path.iterdir()] == ["mine"]


def test_a_file_system_without_links_is_written_to_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refused)
    own_files.write("new", tmp_path / "a.md")
    assert ((tmp_path / "a.md").read_text(), mode(tmp_path / "a.md")) == ("new", 0o600)


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    with (
        pytest.raises(StorageError, match=r"cannot write .*: No space left"),
        own_files.new_file(tmp_path / "a") as part,
    ):
        part.write_text("half")
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda file: file.mkdir(), "is a folder"),
        (os.mkfifo, "cannot write .*: "),
        (lambda file: None, ""),
    ],
    ids=["folder", "pipe that nobody reads", "nothing"],
)
def test_what_is_no_file_is_said(tmp_path: Path, make: Callable[[Path], None], said: str) -> None:
    file = tmp_path / "a"
    os.umask(0o022)
    make(file)
    if said:
        with pytest.raises(StorageError, match=said):
            own_files.write("new", file, over=True)
    assert [each for each in tmp_path.iterdir() if each != file] == []


@pytest.mark.parametrize("name", ["", "-", ".", "no/a.md", "a\0b", "x" * 300, "\ud800"])
def test_a_name_that_cannot_be_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StorageError):
        own_files.write("new", Path(name))
    assert list(tmp_path.iterdir()) == []


def test_a_device_or_a_pipe_is_written_to_as_it_is(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    os.umask(0o022)
    os.mkfifo(tmp_path / "pipe")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_text()))
    reader.start()
    while True:
        try:
            own_files.write("through a pipe", tmp_path / "pipe")
            break
        except StorageError:  # it is not read yet
            continue
    reader.join()
    assert read == ["through a pipe"]
    own_files.write("nowhere", Path("/dev/null"))
    own_files.write("here", Path("/dev/stdout"))
    own_files.write("there", Path("/dev/fd/2"))
    assert capfd.readouterr() == ("here", "there")


def test_a_file_to_add_to_becomes_private_and_keeps_what_it_has(tmp_path: Path) -> None:
    file = tmp_path / "new" / "a.log"
    os.umask(0o022)
    for text in ("one ", "two"):
        with own_files.open_own(file) as out:
            out.write(text)
        assert mode(file) == 0o600
        file.chmod(0o644)
    assert file.read_text() == "one two"


@pytest.mark.parametrize("kind", ["link", "dangling", "pipe", "folder", "device"])
def test_nothing_is_added_to_what_is_no_file_of_ones_own(tmp_path: Path, kind: str) -> None:
    os.umask(0o022)
    file = tmp_path / "a.log"
    other = tmp_path / "other"
    match kind:
        case "link":
            other.write_text("mine")
            file.symlink_to(other)
        case "dangling":
            file.symlink_to(other)
        case "pipe":
            os.mkfifo(file)
        case "folder":
            file.mkdir()
        case _:
            file = Path("/dev/null")
    with pytest.raises(StorageError):
        own_files.open_own(file)
    assert not other.exists() or other.read_text() == "mine"


def test_nothing_is_added_to_somebody_elses_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    (tmp_path / "a.log").write_text("")
    with pytest.raises(StorageError, match="no file of yours"):
        own_files.open_own(tmp_path / "a.log")


@pytest.mark.parametrize("folder", ["/dev/fd", "/proc/self/fd"])
def test_what_this_process_opened_itself_is_never_written_to_by_its_number(tmp_path: Path, folder: str) -> None:
    database = tmp_path / "record.db"
    database.write_bytes(b"SQLite format 3")
    with database.open("r+b") as opened:
        with pytest.raises(StorageError, match="Bad file descriptor"):
            own_files.write("all of it", Path(folder, str(opened.fileno())))
        assert database.read_bytes() == b"SQLite format 3"
        os.set_inheritable(opened.fileno(), True)  # as a shell gives it: 9>FILE
        own_files.write("a document", Path(folder, str(opened.fileno())))
    assert database.read_bytes().startswith(b"a document")
