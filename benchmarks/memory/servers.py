"""Servers that are started for a measurement from the machine's own binaries, as durable as they can be."""

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_STARTED = 30.0


class MissingError(Exception):
    """The machine has no such server."""


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """The URL of an empty database of a PostgreSQL whose commits wait for the disk.

    Raises:
        MissingError: There is no PostgreSQL, or nothing that talks to it.
    """
    try:
        from tests.postgres import NoServerError, running
    except ModuleNotFoundError as error:
        raise MissingError(f"{error.name} is not installed") from error
    try:
        with running(durable=True) as server, server.database() as name:
            yield server.url(name)
    except NoServerError as error:
        raise MissingError("there is no PostgreSQL on this machine") from error


def versions() -> list[str]:
    """The servers that this machine has, each with its version."""
    found = {"PostgreSQL": _postgres(), "Redis": shutil.which("redis-server")}
    return [f"{name} {_version(binary)}" for name, binary in found.items() if binary]


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """The URL of an empty Redis that has each command on the disk before it answers.

    Raises:
        MissingError: There is no Redis.
    """
    found = shutil.which("redis-server")
    if found is None:
        raise MissingError("there is no redis-server on this machine")
    port = _free_port()
    durable = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""]
    where = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)]
    process = subprocess.Popen([found, *where, *durable], stdout=subprocess.DEVNULL)
    try:
        _wait(port)
        yield f"redis://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _postgres() -> str | None:
    try:
        from tests.postgres import NoServerError, binaries
    except ModuleNotFoundError:
        return None
    try:
        return str(binaries() / "postgres")
    except NoServerError:
        return None


def _version(binary: str) -> str:
    found = re.search(r"\d+(\.\d+)+", subprocess.check_output([binary, "--version"], text=True))
    return found[0] if found else "of no known version"


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait(port: int) -> None:
    until = time.monotonic() + _STARTED
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.02)
        else:
            return
