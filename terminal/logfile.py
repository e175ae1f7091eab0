"""Where library logs go: to a file when asked for, never to the screen."""

import logging
import warnings
from pathlib import Path


class _Quiet(logging.FileHandler):
    """A log that cannot be written, as on a full disk, must not disturb the screen."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Overrides the printing of a traceback."""


def log_to(file: Path | None) -> None:
    """Sends all logging to `file`, everything from DEBUG on; without a file it is dropped. Warnings are logged too."""
    root = logging.getLogger()
    for handler in root.handlers[:]:
        root.removeHandler(handler)
        if isinstance(handler, _Quiet):
            handler.close()
    logging.captureWarnings(True)
    if file is None:
        root.addHandler(logging.NullHandler())
        return
    warnings.simplefilter("default")
    file.parent.mkdir(parents=True, exist_ok=True)
    handler = _Quiet(file, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    logging.getLogger("aiosqlite").setLevel(logging.INFO)  # at DEBUG it writes every row twice
