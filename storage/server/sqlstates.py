"""What PostgreSQL means by its error codes, each with one line on what to do.

Its own words are in the language that the server speaks, and name statements and columns; they are told only where
there is no code, for a connection that could not be made, and where a trigger speaks. No password is ever in them.
"""

import re
from typing import Any

BUSY = ("55P03", "40001", "40P01")
"""Others were in the way: a lock was not given in time, or two changes met."""
_DETAILS = "--debug writes the details to the log file."
_CHECK = "Check the URL: host, port, user, password and database; and that the server runs."
_LOST = ("the connection to the database was lost", "Check that the server runs, and try again.")
_TEXT = ("a text cannot be kept by the database", "Leave out what is no character, such as NUL.")
_TOO_LONG = ("a text is too long for the database", "Use a shorter one.")
_BY_STATE = {
    "08": _LOST,
    "22001": _TOO_LONG,
    "22003": ("a number is too big", "Give a smaller one."),
    "22021": _TEXT,
    "22P05": _TEXT,
    "23": ("the database refused what was to be written", _DETAILS),
    "25006": ("the database cannot be written: the server lets it be read only", "Name the server that is written to."),
    "25P03": _LOST,
    "3F000": ("the database has no schema that its search_path names", "Make one, or name another."),
    "42": ("the tables of the database are not those that this program made", "Use a backup, or another database."),
    "42501": ("the database's user may not do that", "GRANT it the right to make and to write tables."),
    "53100": ("the server's disk is full", "Make room on it."),
    "53200": ("there is not enough memory for the database", "End other programs on the server."),
    "53300": ("the server has no connection left", "End other programs, or raise its max_connections."),
    "54": _TOO_LONG,
    "57": _LOST,
    "57014": ("the server stopped what it was asked for: it took too long", "Try again."),
    "58": ("the server's disk failed", "Look at the server's own log."),
    "XX": ("the server has failed: its files may be damaged", "Look at the server's own log."),
}
"""SQLSTATE, or the two letters of its class -> what it means here, and what to do."""
_OWN_WORDS = "P0001"
_NO_CONNECTION = re.compile(r"^connection (failed|is bad)|failed to resolve|connection timeout|connection option")
_ERRNO = re.compile(r"\[Errno -?\d+\] |FATAL: +")


def is_from_server(error: object) -> bool:
    """Whether it is an error of PostgreSQL's driver."""
    return type(error).__module__.partition(".")[0] == "psycopg"


def meaning(error: Any) -> tuple[str, str]:
    """What such an error means, and what to do."""
    state: str | None = error.sqlstate
    if state is None:
        return _without_code(error)
    if state == _OWN_WORDS and error.diag.message_primary:
        return error.diag.message_primary, _DETAILS
    return _BY_STATE.get(state) or _BY_STATE.get(state[:2]) or ("the database cannot be used", _DETAILS)


def _without_code(error: Any) -> tuple[str, str]:
    """What the driver itself says, and what a server says that it has not let in."""
    said = str(error).strip()
    if type(error).__name__ == "DataError":
        return _TEXT
    if not _NO_CONNECTION.search(said):
        return _LOST
    why = _ERRNO.sub("", said.splitlines()[0].rpartition("failed: ")[2])
    return f"there is no connection to PostgreSQL: {why}", _CHECK
