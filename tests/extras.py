"""What the extras ship: the top-level names of all that each brings along, as last looked at.

Most extras are not installed where the tests run, so the names are kept in `extras.json`, with the requirement they
were seen with. `python -m tests.extras` installs each extra into an environment of its own and writes them anew.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path
from typing import TypedDict

from settings import ROOT

RECORD = Path(__file__).with_name("extras.json")
_TELL = "import json; from importlib import metadata; print(json.dumps(sorted(metadata.packages_distributions())))"


class Shipped(TypedDict):
    requires: list[str]
    names: list[str]


def required() -> dict[str, list[str]]:
    """What each extra asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return dict(project["optional-dependencies"])


def recorded() -> dict[str, Shipped]:
    """What was seen."""
    return dict(json.loads(RECORD.read_text(encoding="utf-8")))


def names(requirements: list[str]) -> list[str]:
    """The top-level names in an environment that has only these."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=False)
        python = str(Path(folder) / "bin" / "python")
        pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", *requirements]
        subprocess.run(pip, check=True)
        return list(json.loads(subprocess.run([python, "-c", _TELL], check=True, stdout=subprocess.PIPE).stdout))


def main() -> None:
    seen = {extra: Shipped(requires=asked, names=names(asked)) for extra, asked in required().items()}
    RECORD.write_text(json.dumps(seen, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
