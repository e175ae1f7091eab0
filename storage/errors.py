"""What can be wrong with a database, each with one line on what to do."""


class StorageError(Exception):
    """A database cannot be used; `str()` is one line for a person, `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint
