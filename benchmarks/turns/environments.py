"""An environment of its own for each peer, made once under `benchmarks/.envs` from the pinned lists in this folder."""

import subprocess
import sys
import venv
from importlib.metadata import version
from pathlib import Path

_HERE = Path(__file__).parent
ENVIRONMENTS = _HERE.parent / ".envs"


def python_of(name: str) -> Path:
    """The interpreter of the environment `name`, or this one when `name` is empty.

    Installs `requirements-<name>.txt` unless that is done.

    Raises:
        CalledProcessError: A package could not be installed.
    """
    if not name:
        return Path(sys.executable)
    pinned = _HERE / f"requirements-{name}.txt"
    folder = ENVIRONMENTS / name
    python = folder / "bin" / "python"
    stamp = folder / "installed.txt"
    if not stamp.exists() or stamp.read_text() != pinned.read_text():
        print(f"Installing {pinned.name} into its own environment (once)...", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(pinned)]
        subprocess.run(install, check=True, stderr=subprocess.PIPE)
        stamp.write_text(pinned.read_text())
    return python


def pinned_version(name: str, package: str) -> str:
    """The version of a package in the environment `name`, or in this one when `name` is empty."""
    if not name:
        return version(package)
    lines = (_HERE / f"requirements-{name}.txt").read_text().splitlines()
    return next(line.partition("==")[2] for line in lines if line.startswith(f"{package}=="))
