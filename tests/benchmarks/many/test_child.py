"""Sessions talk all at once; one that fails does not stop the others, and is counted as failed."""

import asyncio
import time
from itertools import pairwise

from benchmarks.many.child import Talk, Turn, usage


def talk(seconds: float, models: float = 0.0) -> Talk:
    now = time.monotonic()
    return Talk(now, now, now + seconds, models)


def answering(answer: str, heard: list[str]) -> Turn:
    async def turn(text: str) -> str:
        heard.append(text)
        await asyncio.sleep(0)
        return answer

    return turn


async def failing(_text: str) -> str:
    await asyncio.sleep(0)
    raise ValueError("locked\nand more")


async def test_what_is_answered_and_what_fails_is_counted_apart() -> None:
    heard: list[str] = []
    one = talk(0.05)
    await one.hold({"a": answering("yes", heard), "b": failing, "c": answering("", [])})
    seen = one.seen()
    assert seen["answered"] == {"a": len(heard)}
    assert len(heard) > 1
    assert set(seen["failed"]) == {"ValueError: locked", "no answer"}  # type: ignore[call-overload]


async def test_each_message_names_its_session_and_its_number() -> None:
    heard: list[str] = []
    await talk(0.02).hold({"s0-007": answering("yes", heard)})
    assert [text.partition(":")[0] for text in heard[:2]] == [
        "[s0-007] This is message number 1",
        "[s0-007] This is message number 2",
    ]


async def test_all_talk_at_once() -> None:
    met = asyncio.Barrier(3)

    async def together(text: str) -> str:
        if "number 1:" in text:
            await met.wait()  # nobody comes on unless all three are under way
        return "yes"

    one = talk(0.05)
    async with asyncio.timeout(10):
        await one.hold(dict.fromkeys("abc", together))
    assert set(one.seen()["answered"]) == set("abc")  # type: ignore[call-overload]


async def test_a_turn_that_is_under_way_at_the_end_is_waited_for() -> None:
    end = time.monotonic() + 0.05

    async def turn(_text: str) -> str:
        while time.monotonic() < end:
            await asyncio.sleep(0)
        return "yes"

    one = Talk(end - 0.05, end - 0.04, end - 0.02, 0.0)
    await one.hold({"a": turn})
    assert one.seen()["answered"] == {"a": 1}


async def test_a_turn_is_told_with_its_session_its_beginning_and_its_end() -> None:
    one = talk(0.05)
    await one.hold({"a": answering("yes", [])})
    turns: list[tuple[str, float, float]] = one.seen()["turns"]  # type: ignore[assignment]
    assert all(session == "a" and 0 <= began <= ended for session, began, ended in turns)
    assert all(after[1] >= before[2] for before, after in pairwise(turns))


def test_a_process_knows_its_memory_threads_and_files() -> None:
    before = usage()
    with open("/proc/self/status"):
        during = usage()
    assert before["megabytes"] > 1 and before["threads"] >= 1
    assert during["files"] == before["files"] + 1
