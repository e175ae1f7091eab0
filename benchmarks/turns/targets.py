"""What is promised of this program, and whether the figures keep it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median

from benchmarks.turns.floor import Floor
from benchmarks.turns.measuring import Figures
from benchmarks.turns.profiling import Profile
from benchmarks.turns.report import table

BARE = "bare tables, one commit an event"
BARE_TURN = "bare tables, one commit a turn"
APART = "bare tables, one commit an event, 2 ms of other work before each"
SAME = "the program's tables, keys and indexes, one commit an event"


@dataclass(frozen=True, slots=True)
class Target:
    """One promise: what it is about, the most it may be, what it is."""

    text: str
    most: float
    value: float

    @property
    def kept(self) -> bool:
        return self.value <= self.most


def targets(
    measured: Mapping[tuple[str, int], Figures],
    ours: str,
    peers: Sequence[str],
    floors: Mapping[str, Floor],
    profile: Profile | None,
    empty: Sequence[float],
    importing: float,
) -> list[Target]:
    """All promises that the figures at hand can be held against."""
    found = []
    sizes = sorted(n for name, n in measured if name == ours)
    first, last = measured[ours, sizes[0]], measured[ours, sizes[-1]]
    if len(sizes) > 1:
        grown = f"at {sizes[-1]:,} turns over {sizes[0]:,}"
        found += [
            Target(f"ms a turn {grown}", 1.15, median(last.wall) / median(first.wall)),
            Target(f"CPU ms a turn {grown}", 1.15, median(last.cpu) / median(first.cpu)),
        ]
    if len(sizes) > 2:
        full = measured[ours, sizes[1]]
        grown = f"at {sizes[-1]:,} turns over {sizes[1]:,}"
        found += [
            Target(f"prompt tokens a turn {grown}", 1.15, mean(last.tokens) / mean(full.tokens)),
            Target(f"peak memory {grown}", 1.15, last.memory / full.memory),
            Target(f"bytes a turn {grown}", 1.15, last.bytes_a_turn / full.bytes_a_turn),
        ]
    for size in sizes:
        own = measured[ours, size]
        rivals = [measured[name, size] for name in peers if (name, size) in measured and measured[name, size].wall]
        if rivals:
            best = min(rivals, key=lambda each: median(each.wall))
            lean = min(rivals, key=lambda each: median(each.cpu))
            found += [
                Target(f"ms at {size:,} turns over {best.system}", 1.0, median(own.wall) / median(best.wall)),
                Target(f"CPU ms at {size:,} turns over {lean.system}", 1.0, median(own.cpu) / median(lean.cpu)),
            ]
    if profile is not None:
        lowest = median(floors[BARE].wall)
        found.append(Target("ms in the database over the floor, one commit an event", 3.0, profile.database / lowest))
    found.append(Target("bytes a turn over the raw rows", 1.5, last.bytes_a_turn / floors[BARE].bytes_a_turn))
    if empty and last.resume:
        found.append(
            Target(
                f"first turn of a fresh process at {sizes[-1]:,} turns over none",
                1.2,
                median(last.resume) / median(empty),
            )
        )
        found.append(Target("the same over importing ADK alone", 1.5, median(last.resume) / importing))
    return found


def targets_table(found: Sequence[Target]) -> str:
    """Promise, figure, and whether it is kept."""
    rows = [[each.text, f"{each.most:g}", f"{each.value:.2f}", "yes" if each.kept else "**no**"] for each in found]
    return table(("promise", "at most", "measured", "kept"), rows)
