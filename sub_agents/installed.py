"""What installed packages add to this program, by entry points: members of the team, and plugins.

A package that is broken costs one line, and nothing else: the program runs without what it would have added.
"""

import inspect
import logging
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeAlias, TypeVar

from settings import Settings

MEMBERS = "persistent_multi_agent.members"
"""Each a callable that takes the settings and gives a `Member`."""
PLUGINS = "persistent_multi_agent.plugins"
"""Each a callable that takes the settings or nothing and gives an ADK plugin."""

Tell: TypeAlias = Callable[[str], None]
Made = TypeVar("Made")
logger = logging.getLogger(__name__)

_LONGEST = 300
"""Characters of what is told of a package."""


def added(
    group: str, kind: type[Made], settings: Settings, tell: Tell, check: Callable[[Made], object]
) -> Iterator[Made]:
    """What the packages of a group add, by the names of the entry points.

    Args:
        group: `MEMBERS` or `PLUGINS`.
        kind: What each must give.
        settings: What each is made for.
        tell: Takes a line on each package that is left out, and why.
        check: Raises ValueError for what cannot be taken in.
    """
    for point in sorted(entry_points(group=group), key=lambda point: (point.name, point.value)):
        try:
            made = _called(point.load(), settings)
            if not isinstance(made, kind):
                raise TypeError(f"it gives no {kind.__name__} but {type(made).__name__}")
            check(made)
        except (Exception, SystemExit) as error:  # whatever another package does at its door
            logger.info("%s is left out", point.value, exc_info=True)
            why = " ".join(str(error).split()) or type(error).__name__
            tell(f"{_package(point)} is left out, because of {point.value}: {why}"[:_LONGEST])
        else:
            yield made


def logged(line: str) -> None:
    """Tells where nobody else does."""
    logger.warning(line)


def _called(make: Any, settings: Settings) -> Any:
    try:
        inspect.signature(make).bind(settings)
    except TypeError:  # it takes nothing
        return make()
    return make(settings)


def _package(point: EntryPoint) -> str:
    return f"the installed package {point.dist.name}" if point.dist else "an installed package"
