"""Files of data that belong to the program, or are edited by a person: read whole, or refused in one line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from storage.errors import StorageError

Made = TypeVar("Made")
_HINT = "It belongs to the program: take it from where you have the program from."


def read_json(file: Path, make: Callable[[Any], Made]) -> Made:
    """What `make` makes of a JSON file.

    Raises:
        StorageError: The file is not there, cannot be read, or is not of the form that `make` takes.
    """
    try:
        return make(json.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise StorageError(f"cannot read {file}: {error.strerror}", _HINT) from error
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
        said = " ".join(str(error).split())
        raise StorageError(f"{file} is not as the program needs it: {said}", _HINT) from error
