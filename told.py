"""The one shape of an error that is told to a person; whoever tells it needs to know no other.

Settings, storage and models each raise a class of their own of it. Every other error is a fault of this program.
"""


class Told(Exception):
    """Something cannot be done; `str()` is one line for a person, `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint
