"""What a model gives a tool, checked against what the tool says that it takes, before the tool is called.

A tool's own signature is the one description: the model is told by it, and held to it. What has only another form is
taken ("5" for 5, null for what may be left out); a wrong type, a missing or an unknown argument is an error that the
model can act on.
"""

import inspect
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, get_type_hints

from google.adk.tools import ToolContext
from pydantic import TypeAdapter, ValidationError

REQUEST = "request"
"""The one argument of a delegation."""


class ArgumentError(ValueError):
    """A tool cannot be called so; `str()` tells the model what to give instead."""


def checked(tool: Callable[..., Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as the tool takes them.

    Raises:
        ArgumentError: One is missing, unknown or of another type.
    """
    takes = _parameters(tool)
    given = {
        name: value for name, value in arguments.items() if value is not None or name not in takes or takes[name][1]
    }
    found: dict[str, Any] = {}
    wrong = [f"there is no argument {name!r}" for name in given if name not in takes]
    for name, (adapter, required) in takes.items():
        if name in given:
            try:
                found[name] = adapter.validate_python(given[name])
            except ValidationError as error:
                wrong.append(f"{name}: {_reason(error)}")
        elif required:
            wrong.append(f"{name} is missing")
    if wrong:
        known = ", ".join(takes) or "nothing"
        raise ArgumentError(f"{'; '.join(wrong)} (it takes: {known}). Call it again with the right arguments.")
    return found


def checked_request(arguments: Mapping[str, Any]) -> None:
    """Checks the arguments of a delegation.

    Raises:
        ArgumentError: There is no request in words, or something else.
    """
    request = arguments.get(REQUEST)
    if set(arguments) != {REQUEST} or not isinstance(request, str) or not request.strip():
        raise ArgumentError(f"it takes one argument, {REQUEST}, the task in words. Call it again with that.")


@lru_cache(maxsize=256)
def _parameters(tool: Callable[..., Any]) -> dict[str, tuple[TypeAdapter[Any], bool]]:
    """What a model may give: name -> what checks it, and whether it must be given."""
    hints = get_type_hints(tool)
    return {
        name: (TypeAdapter(hints.get(name, Any)), parameter.default is inspect.Parameter.empty)
        for name, parameter in inspect.signature(tool).parameters.items()
        if hints.get(name) is not ToolContext
    }


def _reason(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(step) for step in first["loc"])
    return f"{where + ': ' if where else ''}{first['msg'][0].lower()}{first['msg'][1:]}"
