"""Where library logs go: to a file of the person's own when asked for, never to the screen."""

import logging
import warnings
from io import TextIOWrapper
from pathlib import Path

from storage.harmless import printable
from storage.own_files import open_own


def log_to(file: Path | None) -> None:
    """Sends all logging to `file`, everything from DEBUG on; without a file it is dropped. Warnings are logged too.

    Raises:
        StorageError: It cannot be written, is a link, or somebody else's.
    """
    root = logging.getLogger()
    kept = _OwnFile(file) if file else logging.NullHandler()
    kept.setFormatter(_Harmless("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for handler in root.handlers[:]:
        root.removeHandler(handler)
        if isinstance(handler, _OwnFile):
            handler.close()
    root.addHandler(kept)
    logging.captureWarnings(True)
    if file is None:
        return
    warnings.simplefilter("default")
    root.setLevel(logging.DEBUG)
    logging.getLogger("aiosqlite").setLevel(logging.INFO)  # at DEBUG it writes every row twice


class _OwnFile(logging.FileHandler):
    """A log that only its owner can read; where it cannot be written, as on a full disk, it is silent."""

    def _open(self) -> TextIOWrapper:
        return open_own(Path(self.baseFilename))

    def handleError(self, record: logging.LogRecord) -> None:
        """Overrides the printing of a traceback."""


class _Harmless(logging.Formatter):
    """What is logged may quote anything, and logs are read on terminals."""

    def format(self, record: logging.LogRecord) -> str:
        return printable(super().format(record))
