"""What Ctrl-C and typed characters do while the program is busy."""

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

try:
    import termios
except ImportError:  # not on this system
    termios = None  # type: ignore[assignment]


@contextmanager
def on_interrupt(act: Callable[[], object]) -> Iterator[None]:
    """Within it, SIGINT calls `act` on the running event loop and nothing else; afterwards it does what it did."""
    loop = asyncio.get_running_loop()

    def handle(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(act)

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def silent_typing() -> Iterator[None]:
    """Within it, typed characters are kept for the next prompt but not echoed into what is being drawn."""
    if termios is None or not sys.stdin.isatty():
        yield
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    silent = [*before]
    silent[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, silent)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSANOW, before)
