"""A PostgreSQL server for tests, of the machine's own binaries: it is started when a test needs it, and goes with them.

A test that asks for one of these fixtures, or for the parameter "postgres" of one, is marked `postgres` and left out
unless it is asked for: `make test-postgres` runs just those. Where the machine has no PostgreSQL they are skipped, and
with `CI=true` they fail. Each has a database of its own, a copy of one that was made once.
"""

import asyncio
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from storage.database import Database

USER, PASSWORD = "tester", "s3cret/@:% "
_DEBIAN = Path("/usr/lib/postgresql")
_STARTED = 30.0
_OPTIONS = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "max_connections": "200"}
_FLEETING = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
"""Nothing has to outlive the server."""


class NoServerError(Exception):
    """The machine has no PostgreSQL."""


@dataclass(frozen=True)
class Server:
    """A server that runs.

    Attributes:
        port: Of 127.0.0.1.
        process: Its process, which ends with the others of the server at SIGINT.
        numbers: For the names of databases.
    """

    port: int
    process: subprocess.Popen[bytes]
    numbers: Iterator[int]

    def url(self, name: str, *, user: str = USER, password: str = PASSWORD) -> str:
        """The URL of a database, as a person would write it."""
        return f"postgresql://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}/{name}"

    def connect(self, name: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        """A connection of the owner of all databases, in which each statement is kept at once."""
        return psycopg.connect(self.url(name), autocommit=True)

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """The name of a database of one's own, a copy of another; it goes at the end, whoever is in it."""
        name = f"test_{next(self.numbers)}"
        made, gone = "CREATE DATABASE {} TEMPLATE {}", "DROP DATABASE {} WITH (FORCE)"
        with self.connect() as conn:
            conn.execute(sql.SQL(made).format(sql.Identifier(name), sql.Identifier(template)))
            try:
                yield name
            finally:
                conn.execute(sql.SQL(gone).format(sql.Identifier(name)))


def binaries() -> Path:
    """The folder of `postgres` and `initdb`.

    Raises:
        NoServerError: There is none.
    """
    found = shutil.which("postgres")
    on_path = [Path(found).resolve().parent] if found else []
    newest = sorted(_DEBIAN.glob("*/bin"), key=lambda folder: int(folder.parent.name), reverse=True)
    for folder in (*on_path, *newest):
        if (folder / "initdb").exists():
            return folder
    raise NoServerError("there is no PostgreSQL on this machine: install it, such as Debian's package postgresql")


@contextmanager
def running(*, durable: bool = False) -> Iterator[Server]:
    """A server with no databases yet; `durable` for one that waits for the disk, as any does that is not for tests.

    Raises:
        NoServerError: The machine has none.
    """
    folder, account = binaries(), _account()
    home = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        if account:
            os.chown(home, account["user"], account["group"])
        _make(folder, home, account)
        with _started(folder, home, account, {} if durable else _FLEETING) as server:
            yield server
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _account() -> dict[str, Any]:
    """Who runs it: PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _surroundings(home: Path) -> dict[str, Any]:
    return {"cwd": home, "env": {"PATH": os.defpath, "LC_ALL": "C", "HOME": str(home)}, "stdin": subprocess.DEVNULL}


def _make(folder: Path, home: Path, account: Mapping[str, Any]) -> None:
    (home / "password").write_text(PASSWORD)
    where = ["--pgdata", str(home / "data"), "--username", USER, "--pwfile", str(home / "password")]
    how = ["--auth", "scram-sha-256", "--encoding", "UTF8", "--no-sync", *_language(folder)]
    command = [str(folder / "initdb"), *where, *how]
    made = subprocess.run(command, capture_output=True, text=True, **_surroundings(home), **account)
    assert made.returncode == 0, made.stderr


def _language(folder: Path) -> list[str]:
    """Texts in the order of a language, as on most servers: one that is compared by its bytes would hide what relies
    on that. Older ones than 15 know only the languages of the machine, which may have none."""
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return ["--locale-provider=icu", "--icu-locale=en"] if int(said.split()[2].partition(".")[0]) >= 15 else []


@contextmanager
def _started(folder: Path, home: Path, account: Mapping[str, Any], more: Mapping[str, str]) -> Iterator[Server]:
    port = _free_port()
    options = [f"--{name}={value}" for name, value in {**_OPTIONS, **more, "port": port}.items()]
    command = [*_with_us(), str(folder / "postgres"), "-D", str(home / "data"), *options]
    with (home / "log").open("wb") as log:
        process: subprocess.Popen[bytes] = subprocess.Popen(
            command, stdout=log, stderr=log, **_surroundings(home), **account
        )
    server = Server(port, process, count(1))
    try:
        _wait(server, home / "log")
        yield server
    finally:
        process.send_signal(signal.SIGINT)  # fast: who is connected is sent away
        process.wait(_STARTED)


def _with_us() -> list[str]:
    """What has it end when the tests are killed, where the machine can see to that."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "INT"] if setpriv else []


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait(server: Server, log: Path) -> None:
    """Returns when it takes connections: it says so in its log, after the first of them would have been refused."""
    for _ in range(int(_STARTED / 0.05)):
        if b"ready to accept connections" in log.read_bytes():
            return
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(0.05)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A server for all tests of the process."""
    try:
        with running() as server:
            yield server
    except NoServerError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def postgres_template(postgres_server: Server) -> Iterator[str]:
    """A database with all tables and no rows."""

    async def make(url: str) -> None:
        async with Database.open(url):
            pass

    with postgres_server.database() as name:
        asyncio.run(make(postgres_server.url(name)))
        yield name


@pytest.fixture
def blank_postgres(postgres_server: Server) -> Iterator[str]:
    """The URL of a database without tables."""
    with postgres_server.database() as name:
        yield postgres_server.url(name)


@pytest.fixture
def postgres_url(postgres_server: Server, postgres_template: str) -> Iterator[str]:
    """The URL of a database with all tables and no rows."""
    with postgres_server.database(postgres_template) as name:
        yield postgres_server.url(name)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def memory_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database with all tables and no rows: a file, and then a server's."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite+aiosqlite:///{request.getfixturevalue('made_database')}"


only_files = pytest.mark.parametrize("memory_url", ["sqlite"], indirect=True)
"""For a test of memory that is about the bytes of a file, or about the record, which is in files alone."""


@pytest.fixture
async def memory_database(memory_url: str) -> AsyncIterator[Database]:
    """An open database, of both kinds one after the other."""
    async with Database.open(memory_url) as opened:
        yield opened


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what needs the server."""
    for item in items:
        if "postgres_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.postgres)
