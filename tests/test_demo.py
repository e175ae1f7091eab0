"""The demo runs to its end, restart included, and says what it promises."""

import subprocess
import sys
from pathlib import Path

from settings import ROOT


def test_the_demo_shows_every_step_and_carries_on_in_a_second_process(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "demo_flow.py"), "--fast", "--db", str(tmp_path / "demo.db")]
    result = subprocess.run(command, capture_output=True, text=True, timeout=80)
    assert (result.returncode, result.stderr) == (0, "")
    steps = [line for line in result.stdout.splitlines() if line.startswith("Step ")]
    assert [step.split(": ")[1] for step in steps] == [
        "the database",
        "the session",
        "the initial state",
        "the runner",
        *["an exchange"] * 4,
        "the final state",
        "a restart",
        "agent stats",
    ]
    before, after = result.stdout.split("a restart")
    assert '"total_interactions": 0' in before and '"total_interactions": 4' in before
    assert '"NVDA"' in before and '"user_name": "Ada"' in before
    assert "with 4 turns" in after and "Tell me a joke" in after
    for agent in ("funny_nerd", "stock_analyst", "news_analyst"):
        assert agent in after
