"""How this program is started here: with which Python, by which command line, and which version it is.

It imports nothing but the standard library and parses on an old Python, so that a Python without the packages can say
what to do. What stands here is read when it is asked for; the settings and all packages may use it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from importlib import util
from pathlib import Path

ROOT = Path(__file__).resolve().parent
NAME = "persistent-multi-agent"
"""The name of the distribution, and of the platform's folders for it."""
COMMAND = "pma"
"""The console script."""
PACKAGES = {
    "aiosqlite": "aiosqlite",
    "alembic": "alembic",
    "cachetools": "cachetools",
    "click": "click",
    "dotenv": "python-dotenv",
    "feedparser": "feedparser",
    "google.adk": "google-adk",
    "httpx": "httpx",
    "markdown_it": "markdown-it-py",
    "platformdirs": "platformdirs",
    "prompt_toolkit": "prompt_toolkit",
    "psutil": "psutil",
    "pydantic_settings": "pydantic-settings",
    "rapidfuzz": "rapidfuzz",
    "rich": "rich",
    "sqlalchemy": "sqlalchemy",
    "wcwidth": "wcwidth",
}
"""Module -> the distribution that it needs; a test holds them to `pyproject.toml`."""
_NEWEST_TOO_OLD = (3, 10)
_AGAIN = "pma-own-python"
"""The `-X` option of a Python that this program has started in place of another: it starts no third one."""


def in_checkout() -> bool:
    """Whether this is a working copy and not an installed program."""
    return (ROOT / "pyproject.toml").is_file()


def version() -> str:
    """The version, which stands in `pyproject.toml` only."""
    if not in_checkout():
        from importlib import metadata

        return metadata.version(NAME)
    import tomllib

    with (ROOT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def with_packages(target: str = "chat") -> None:
    """Returns when this Python has the packages; else the program runs in `.venv` instead, or says what to do and ends.

    Args:
        target: What `make` calls this program.
    """
    lacks = missing()
    if not lacks:
        return
    own = ROOT / ".venv" / "bin" / "python"
    if in_checkout() and own.exists() and _AGAIN not in sys._xoptions:
        given = getattr(sys, "orig_argv", [sys.executable, *sys.argv])
        sys.stdout.flush()
        os.execv(own, [str(own), "-X", _AGAIN, *given[1:]])
    print(f"Error: {_why(lacks)} {_cure(target, own, lacks)}", file=sys.stderr)
    sys.exit(2)


def missing() -> list[str]:
    """The distributions that this Python lacks; `python` itself when it is too old."""
    if sys.version_info[:2] <= _NEWEST_TOO_OLD:
        return ["python"]
    return [distribution for module, distribution in PACKAGES.items() if not _is_there(module)]


def _is_there(module: str) -> bool:
    try:
        return util.find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package around it
        return False


def _why(lacks: list[str]) -> str:
    if lacks == ["python"]:
        return "this Python is too old; 3.11 or newer is needed."
    return f"this Python lacks {lacks[0]}{f' and {len(lacks) - 1} more' if lacks[1:] else ''}."


def _cure(target: str, own: Path, lacks: list[str]) -> str:
    if not in_checkout():
        return f"Install it again with what it needs, as by: {pip_install(*lacks)}"
    if own.exists():
        requirements = _from_here(ROOT / "requirements.txt")
        return f"Do: {shlex.join([_runnable(own), '-m', 'pip', 'install', '-r', requirements])}"
    here = [] if Path.cwd() == ROOT else ["-C", str(ROOT)]
    return f"This makes .venv and starts: {shlex.join(['make', *here, target])}"


def command() -> str:
    """How one calls this program here, to be pasted in the same shell: `pma` when it was started so."""
    script = _console_script()
    if script is None:
        return shlex.join([_python(), _from_here(ROOT / "persistent_multi_agent.py")])
    found = shutil.which(COMMAND)
    return COMMAND if found and os.path.samefile(found, script) else shlex.quote(_runnable(script))


def command_anywhere() -> str:
    """How one calls this program from any folder and with any PATH."""
    script = _console_script()
    return shlex.join([str(script)] if script else [_interpreter(), str(ROOT / "persistent_multi_agent.py")])


def pip_install(*requirements: str) -> str:
    """The command line that adds packages to the environment of this program, by what has made it."""
    if (Path(sys.prefix) / "pipx_metadata.json").exists():
        return shlex.join(["pipx", "inject", NAME, *requirements])
    if util.find_spec("pip") is None:  # as in an environment that uv has made
        return shlex.join(["uv", "pip", "install", "--python", _interpreter(), *requirements])
    return shlex.join([_python(), "-m", "pip", "install", *requirements])


def _console_script() -> Path | None:
    """The script that was started, when that was the console script."""
    started = Path(os.path.abspath(sys.argv[0]))
    return started if started.stem == COMMAND and started.exists() else None


def _interpreter() -> str:
    return sys.executable or "python3"


def _python() -> str:
    """The interpreter as one may type it: by its bare name where the shell finds just this one."""
    for name in ("python", "python3"):
        if shutil.which(name) == _interpreter():
            return name
    return _runnable(Path(_interpreter()))


def _from_here(file: Path) -> str:
    """The shorter of a file's absolute path and the one relative to where one stands, which looks like no option."""
    relative = os.path.relpath(file)
    return min(f"./{relative}" if relative.startswith("-") else relative, str(file), key=len)


def _runnable(file: Path) -> str:
    """The same for what a shell runs: a bare name would be looked for elsewhere."""
    path = _from_here(file)
    return path if "/" in path else f"./{path}"
