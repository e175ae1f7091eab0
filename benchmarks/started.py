"""What a process does that was started to be measured with others: it says that it is ready, and is told when to begin.

It needs only the standard library, because each system runs in an environment of its own.
"""

import asyncio
import sys
import time

READY = "ready"
"""What is said when it waits for the start."""


async def told_by() -> asyncio.StreamReader:
    """Standard input, read without a thread. It has the start, and ends when the system is to be closed."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


async def told_start(reader: asyncio.StreamReader) -> float:
    """Says that it is ready, and returns when it is to begin, by the machine's monotonic clock."""
    print(READY, flush=True)
    return float(await reader.readline())


async def until(moment: float) -> None:
    """Returns when it is so late."""
    await asyncio.sleep(max(moment - time.monotonic(), 0))


def in_a_line(error: Exception) -> str:
    """What went wrong, in short."""
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0][:80]}"
