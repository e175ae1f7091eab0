"""Whether enough of the program is tested, by what coverage has measured: `make coverage`.

Lines and branches count alike, as in coverage's own reports. A part has a limit because a fault there costs most.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LIMITS = {"storage/": 95.0, "conversation/": 95.0, "state_tools/": 95.0, "": 90.0}
"""Beginning of a file's name -> percent of its lines and branches; the empty one is all of the program."""


def percent(files: Mapping[str, Any], part: str) -> float:
    """How much of a part was run, 0 to 100, of `files` in coverage's JSON report.

    Raises:
        ValueError: Nothing of the part was measured.
    """
    found = [file["summary"] for name, file in files.items() if name.startswith(part)]
    there: int = sum(each["num_statements"] + each["num_branches"] for each in found)
    if not there:
        raise ValueError(f"nothing of {part or 'the program'} was measured")
    run: int = sum(each["covered_lines"] + each["covered_branches"] for each in found)
    return 100 * run / there


def main(report: Path) -> int:
    """Prints a line for each part; returns 1 when one is under its limit."""
    files = json.loads(report.read_text(encoding="utf-8"))["files"]
    found = {part: percent(files, part) for part in LIMITS}
    for part, share in found.items():
        under = "" if share >= LIMITS[part] else ": too little"
        print(f"{part or 'all':<15} {share:5.1f} % of {LIMITS[part]:g} %{under}")
    return int(any(share < LIMITS[part] for part, share in found.items()))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
