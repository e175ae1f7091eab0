"""What is added is counted until the end; what fails is counted apart, and what is done too late is told."""

import time

from benchmarks.memory.child import adding


class Held:
    """A number that can be told to fail."""

    def __init__(self, *, fails: int = 0, until: float = 0.0) -> None:
        self.number = 0
        self._fails = fails
        self._until = until

    async def increment(self) -> None:
        while time.monotonic() < self._until:
            pass
        if self._fails:
            self._fails -= 1
            raise TimeoutError("locked\nand more")
        self.number += 1

    async def value(self) -> int:
        return self.number


async def test_as_many_are_told_as_were_added_and_what_failed_is_none_of_them() -> None:
    held = Held(fails=2)
    seen = await adding(held, time.monotonic() + 0.02)
    assert len(seen["took"]) == held.number > 2
    assert held.number - seen["in_time"] in (0, 1)  # the last one may have been done too late
    assert seen["failed"] == {"TimeoutError: locked": 2}


async def test_what_is_done_after_the_end_is_added_but_not_in_time() -> None:
    end = time.monotonic() + 0.02
    held = Held(until=end + 0.001)
    seen = await adding(held, end)
    assert (len(seen["took"]), seen["in_time"], held.number) == (1, 0, 1)
