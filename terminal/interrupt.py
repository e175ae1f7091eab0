"""What signals and typed characters do while the program is busy, and how the terminal is given back."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, TypeVar

try:
    import termios
except ImportError:  # not on this system
    termios = None  # type: ignore[assignment]

Result = TypeVar("Result")

_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""What tells a program to end."""
_GRACE = 8.0
"""Seconds the program has to end what runs; a cancelled turn has five of them."""
_PATIENCE = 2.0
"""Seconds that what is left running at the end has to stop."""
_RESET = b"\x1b[?25h\x1b[?2004l\x1b[?7h\x1b[0m"
"""The cursor is shown, what is pasted comes as if typed, lines wrap, colours are off."""


class Terminated(SystemExit):
    """A signal has told the program to end; no boundary takes it for an error."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.number = number


@contextmanager
def on_interrupt(act: Callable[[], object]) -> Iterator[None]:
    """Within it, SIGINT calls `act` on the running event loop and nothing else; afterwards it does what it did."""
    loop = asyncio.get_running_loop()
    with _handled([signal.SIGINT], lambda _number: loop.call_soon_threadsafe(act)):
        yield


@contextmanager
def blocking() -> Iterator[None]:
    """Within it, signals end what blocks the event loop: SIGINT raises KeyboardInterrupt, SIGTERM `Terminated`."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with _handled(_ENDING, _terminate):
            yield
    finally:
        signal.signal(signal.SIGINT, before)


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs `work` in an event loop of its own. SIGTERM and SIGHUP cancel it, so that it can end what it does.

    What has not ended `_GRACE` seconds after the signal, or when a second one comes, is ended hard. What will not stop
    when the work has ended, as a model that ignores that it is cancelled, is left: it goes with the process.

    Raises:
        Terminated: By a signal, when the work has ended.
    """
    restore = _restorer()

    async def watched() -> Result:
        loop, task, told = asyncio.get_running_loop(), asyncio.current_task(), list[int]()
        assert task is not None, "a coroutine runs in a task"

        def stop(number: int) -> None:
            if told:
                restore()
                _die(number)
            told.append(number)
            _end_hard_later(number, restore)
            loop.call_soon_threadsafe(task.cancel)

        try:
            with _handled(_ENDING, stop):
                result = await work
        except asyncio.CancelledError:
            if not told:
                raise
        if told:
            raise Terminated(told[0])
        return result

    runner = asyncio.Runner()
    try:
        return runner.run(watched())
    finally:
        _close(runner)


def _close(runner: asyncio.Runner) -> None:
    """Closes a loop; one in which something will not stop stays open, because closing would wait for it.

    Python would complain of what it then finds unfinished when the process ends.
    """
    if runner.run(_stopped()):
        runner.close()
    else:
        runner.get_loop().set_exception_handler(lambda _loop, _context: None)
        sys.unraisablehook = lambda _complaint: None


async def _stopped() -> bool:
    """Whether all that was left running has stopped."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    return not left or not (await asyncio.wait(left, timeout=_PATIENCE))[1]


@contextmanager
def given_back() -> Iterator[None]:
    """Around a program: however it ends, its terminal is as it was; SIGTERM and SIGHUP end it as they end others."""
    restore = _restorer()
    try:
        with _handled(_ENDING, _terminate):
            yield
    except Terminated as ended:
        restore()
        _die(ended.number)
    except SystemExit:
        raise
    except BaseException:
        restore()
        raise


@contextmanager
def silent_typing() -> Iterator[None]:
    """Within it, typed characters are kept for the next prompt but not echoed into what is being drawn."""
    before = _modes()
    if before is None:
        yield
        return
    silent = [*before]
    silent[3] &= ~termios.ECHO
    _set_modes(silent)
    try:
        yield
    finally:
        _set_modes(before)


@contextmanager
def _handled(numbers: Sequence[int], act: Callable[[int], object]) -> Iterator[None]:
    """Within it, signals call `act`, but for those that the program was started to ignore, as by `nohup`."""

    def handle(number: int, _frame: FrameType | None) -> None:
        act(number)

    here = threading.current_thread() is threading.main_thread()
    known = {number: signal.getsignal(number) for number in numbers if here}
    before = {number: known[number] for number in known if known[number] not in (signal.SIG_IGN, None)}
    for number in before:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _terminate(number: int) -> None:
    raise Terminated(number)


def _die(number: int) -> None:
    """Ends the process by the signal it was sent, so that its parent is told so."""
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _end_hard_later(number: int, restore: Callable[[], None]) -> None:
    def end() -> None:
        restore()
        os._exit(128 + number)

    timer = threading.Timer(_GRACE, end)
    timer.daemon = True
    timer.start()


def _restorer() -> Callable[[], None]:
    """What makes the terminal as it is now, if there is one and somebody else is not using it by then."""
    before = _modes()

    def restore() -> None:
        if before is not None and _modes() not in (None, before):
            _set_modes(before)
        if sys.stdout.isatty():
            with suppress(OSError):  # it has gone
                os.write(sys.stdout.fileno(), _RESET)

    return restore


def _modes() -> list[Any] | None:
    """The modes of the terminal on standard input; None without one, and in the background."""
    if termios is None or not sys.stdin.isatty():
        return None
    try:
        terminal = sys.stdin.fileno()
        return termios.tcgetattr(terminal) if os.tcgetpgrp(terminal) == os.getpgrp() else None
    except (OSError, termios.error):  # it has gone
        return None


def _set_modes(modes: list[Any]) -> None:
    with suppress(termios.error):  # it has gone
        termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, modes)
