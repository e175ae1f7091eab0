"""A database is the file that was named, whatever is in its name, for every door."""

import os
import socket
from pathlib import Path

import pytest

from record import sessions as session_actions
from storage import files, sql_access
from storage.backup import backup
from storage.database import Database
from storage.errors import OnlyInFilesError, StorageError
from tests.storage.support import rows

NAMES = (
    "q?x=1.db",
    "p%20q.db",
    "p q.db",
    "a#b.db",
    'it\'s "quoted".db',
    "größe-数.db",
    "memory:.db",
    ":memory:.db",
    "~x.db",
    "a&b=c;d.db",
    "-o.db",
    "a:b.db",
    "http:.db",
    "[x].db",
    "back\\slash.db",
    "new\nline.db",
    os.fsdecode(b"not-utf8-\xff.db"),
)


@pytest.mark.parametrize("name", NAMES)
async def test_a_name_is_the_files_own_for_every_door(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with Database.open(name) as database:
        await database.write(lambda conn: conn.exec_driver_sql("CREATE TABLE mark (x)"))
        answer = await sql_access.query(name, "SELECT count(*) FROM mark")
        await backup(database, tmp_path / "copy.db")
    assert answer.rows == [(0,)]
    assert rows(tmp_path / "copy.db", "SELECT name FROM sqlite_master WHERE name = 'mark'")
    assert set(os.listdir()) - {"copy.db"} == {name}
    assert Path(name).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("written", "name"),
    [("p%20q.db", "p q.db"), ("a%3Fb.db", "a?b.db"), ("a#b+c.db", "a#b+c.db"), ("größe.db", "größe.db")],
)
def test_in_a_url_the_rules_of_urls_hold(
    written: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for driver in ("sqlite", "sqlite+aiosqlite", "sqlite+pysqlite"):
        assert files.locate(f"{driver}:///{written}") == tmp_path / name
        assert files.locate(f"{driver}:///{tmp_path}/{written}") == tmp_path / name


@pytest.mark.parametrize("form", ["{}", "sqlite+aiosqlite:///{}"])
def test_a_tilde_is_the_home_folder(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    assert files.locate(form.format("~/t.db")) == tmp_path / "home" / "t.db"
    assert files.locate(form.format("./~/t.db")) == tmp_path / "~" / "t.db"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "no file"),
        (":memory:", "no file"),
        ("sqlite://", "no file"),
        ("sqlite+aiosqlite:///:memory:", "no file"),
        ("sqlite+aiosqlite:///", "no file"),
        ("file:x.db", "not a database"),
        ("file::memory:?cache=shared", "not a database"),
        ("FILE:x.db?mode=memory", "not a database"),
        ("sqlite+aiosqlite:///file:x.db?uri=true", "not a database URL"),
        ("sqlite+aiosqlite:///file:x.db", "not a database URL"),
        ("sqlite+aiosqlite:///%66ile:x.db", "not a database URL"),
        ("sqlite+aiosqlite:///x.db?timeout=5", "not a database URL"),
        ("sqlite+aiosqlite:/x.db", "not a database"),
        ("sqlite:x.db", "not a database"),
        ("sqlite://x.db", "not a database URL"),
        ("sqlite://host:port/x.db", "not a database URL"),
        ("sqlite://user:secret@host/x.db", "not a database URL"),
        ("mysql://u:secret@h:abc/x", "not a database URL"),
        ("mysql://u:secret@h/x", "mysql is not supported"),
        ("nonsense://x", "nonsense is not supported"),
        ("a-b://x", "not a database URL"),
        ("folder", "it is a folder"),
        ("folder/", "it is a folder"),
        ("sqlite+aiosqlite:///folder", "it is a folder"),
        ("new/", "it is a folder"),
        ("new/.", "it is a folder"),
        ("new/..", "it is a folder"),
        ("socket", "it is no file"),
        ("fifo", "it is no file"),
        ("/dev/null", "it is no file"),
        ("letter/x.db", "Not a directory"),
        ("loop", "symbolic links"),
        ("~nobody-of-that-name/x.db", "no home folder"),
        ("x\0.db", "no name of a file"),
        ("x" * 300, "too long"),
    ],
)
def test_what_names_no_file_is_refused_in_one_line_and_makes_nothing(
    url: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("letter").write_text("Dear Ada")
    Path("loop").symlink_to("loop")
    os.mkfifo("fifo")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket")
        before = sorted(os.listdir())
        for create in (True, False):
            with pytest.raises(StorageError, match=said) as refused:
                Database.at(url, create=create)
            assert "\n" not in str(refused.value) and "secret" not in f"{refused.value}{refused.value.hint}"
        with pytest.raises(StorageError, match=said):
            files.existing(url)
        assert sorted(os.listdir()) == before


@pytest.mark.parametrize("url", ["postgresql://u:secret@h/x", "postgres://u:secret@h:abc/x"])
def test_a_server_is_no_file(url: str) -> None:
    for asked in (files.locate, files.existing):
        with pytest.raises(OnlyInFilesError, match="memory works on PostgreSQL") as refused:
            asked(url)
        assert "secret" not in f"{refused.value}{refused.value.hint}"


def test_a_whole_path_needs_no_folder_to_stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert files.locate(str(tmp_path / "a.db")) == tmp_path / "a.db"
    with pytest.raises(StorageError, match="No such file or directory"):
        files.locate("a.db")


@pytest.mark.parametrize("name", ["~nobody-of-that-name/e.json", "a\0b.json"])
def test_a_document_that_no_file_can_be_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(StorageError, match=r"cannot (use|read)"):
        session_actions.read(Path(name))


def test_a_link_to_nothing_yet_makes_the_file_it_names_for_its_owner_only(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "deep" / "real.db")
    files.make(tmp_path / "link.db")
    assert (tmp_path / "deep" / "real.db").stat().st_mode & 0o777 == 0o600


def test_the_parts_of_a_database_are_known_by_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "x.db"
    file.touch()
    monkeypatch.chdir(tmp_path)
    Path("sub").mkdir()
    Path("link").symlink_to("x.db")
    Path("through").symlink_to("x.db-wal")  # which is not there
    Path("folder").symlink_to(".")
    os.link("x.db", "hard")
    for part in ("x.db", "x.db-wal", "x.db-shm", "x.db-journal", "link", "through", "hard"):
        assert files.is_part_of(file, Path(part)), part
    for part in ("sub/../x.db", "folder/x.db", "folder/x.db-journal", f"{tmp_path}/./x.db"):
        assert files.is_part_of(Path("link"), Path(part)), part
    for other in ("y.db", "x.db-wal2", "sub", "x\0"):
        assert not files.is_part_of(file, Path(other)), other
