"""Writes the parts of the documentation that come from the code; a test compares them. Run it with `make docs`.

A generated part stands in a page between `<!-- generated: NAME -->` and `<!-- end -->`.
"""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_args

import click

import launch
from conversation.events import TurnEvent
from memory import AgentMemory, MemoryClient, SharedState, WorkflowState
from models.factory import PROVIDERS, Provider
from persistent_multi_agent import program
from settings import ROOT, Settings
from storage.memory.writing import KEEP
from storage.schema.documentation import schema_markdown
from sub_agents import OURS, kinds
from terminal.slash.commands import COMMANDS

ADK_MODULES = ("storage/adk/private.py", "storage/adk/words.py", "storage/adk/quick.py")
"""Where all stands that is relied on in ADK: a docstring there begins with the name, and goes on with what for."""
DOORS = (MemoryClient, WorkflowState, AgentMemory, SharedState)
"""What `docs/memory.md` lists the calls of."""
_RELIES = re.compile(r"((?:`[^`]+`(?:, )?)+): (.*)")
_PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def help_markdown() -> str:
    """The `--help` of the program and of each of its commands, and of theirs."""
    sizes: dict[str, Any] = {"terminal_width": 100, "max_content_width": 100}
    cli = program()
    with click.Context(cli, info_name=launch.COMMAND, **sizes, **cli.context_settings) as context:
        return "\n".join(_pages(context))


def _pages(context: click.Context) -> Iterator[str]:
    command = context.command
    yield f"```\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None, name
            with click.Context(inner, info_name=name, parent=context) as inner_context:
                yield from _pages(inner_context)


def slash_markdown() -> str:
    """The slash commands of the chat."""
    rows = ("| `{}` | {} |".format(command.usage.replace("|", r"\|"), command.help) for command in COMMANDS)
    return "| | |\n|---|---|\n" + "".join(f"{row}\n" for row in rows)


def kinds_markdown() -> str:
    """The kinds of preferences."""
    known = kinds([make(Settings()) for make in OURS])
    rows = (f"| `{kind.name}` | {'one, replaced' if kind.single else 'any number'} |" for kind in known)
    return "| kind | values of a user |\n|---|---|\n" + "".join(f"{row}\n" for row in rows)


def events_markdown() -> str:
    """The turn events: what each has, and what it says."""
    rows = (
        f"| `{each.__name__}` | `{each.type}` | {_fields(each)} | {_summary(each)} |" for each in get_args(TurnEvent)
    )
    return "| class | `type` | fields | |\n|---|---|---|---|\n" + "".join(f"{row}\n" for row in rows)


@dataclass(frozen=True, slots=True)
class Reliance:
    """What is relied on in ADK that it does not promise: its names, what stands for them here, and what for."""

    names: tuple[str, ...]
    module: str
    here: str
    purpose: str


def reliances() -> list[Reliance]:
    """All that is relied on, read from the sources: they may not load where ADK has changed."""
    return [
        Reliance(tuple(re.findall("`([^`]+)`", found[1])), module, name, found[2].rstrip("."))
        for module in ADK_MODULES
        for name, told in documented(ROOT / module)
        if (found := _RELIES.match(" ".join(told.partition("\n\n")[0].split())))
    ]


def documented(file: Path) -> Iterator[tuple[str, str]]:
    """The public names of a module, each with its docstring."""
    body = ast.parse(file.read_text(encoding="utf-8")).body
    for node, following in zip(body, [*body[1:], None], strict=True):
        match node, following:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name), _ if not name.startswith("_"):
                yield name, ast.get_docstring(node) or ""
            case ast.Assign(targets=[ast.Name(name)]), _ if not name.startswith("_"):
                told = following.value if isinstance(following, ast.Expr) else None
                yield name, str(told.value) if isinstance(told, ast.Constant) else ""


def adk_markdown() -> str:
    """What we rely on in ADK that it does not promise."""
    rows = (
        f"| {', '.join(f'`{name}`' for name in each.names)} | `{Path(each.module).stem}.{each.here}` | {each.purpose} |"
        for each in reliances()
    )
    return "| name | here | for |\n|---|---|---|\n" + "".join(f"{row}\n" for row in rows)


def memory_markdown() -> str:
    """The calls of the doors of memory, each with what it does."""
    return "\n".join(f"### `{door.__name__}({_arguments(door)})`\n\n| | |\n|---|---|\n{_calls(door)}" for door in DOORS)


def _calls(door: type) -> str:
    methods = inspect.getmembers(door, lambda found: inspect.isfunction(found) or inspect.ismethod(found))
    public = sorted(
        (method for name, method in methods if name == method.__name__ and not name.startswith("_")),
        key=lambda method: (method.__module__, inspect.unwrap(method).__code__.co_firstlineno),
    )
    return "".join(f"| `{method.__name__}({_arguments(method)})` | {_summary(method)} |\n" for method in public)


def _arguments(call: Callable[..., Any]) -> str:
    """The names, with their defaults, and a star before those that are named."""
    told, starred = [], False
    for parameter in inspect.signature(call).parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            told.append("*")
        starred = starred or parameter.kind is parameter.KEYWORD_ONLY
        told.append(f"**{parameter.name}" if parameter.kind is parameter.VAR_KEYWORD else _with_default(parameter))
    return ", ".join(told)


def _with_default(parameter: inspect.Parameter) -> str:
    default = parameter.default
    if default is parameter.empty:
        return parameter.name
    return f"{parameter.name}={'KEEP' if default is KEEP else repr(default)}"


def _fields(event: Any) -> str:
    return ", ".join(f"`{field.name}`" for field in fields(event))


def _summary(event: Any) -> str:
    return " ".join((event.__doc__ or "").strip().partition("\n\n")[0].split())


def models_markdown() -> str:
    """The providers: how their models are called, what they need, and what they are sent."""
    rows = (
        f"| `{each.told}` | {each.about} | {_needs(each)} | {each.budget.turns} | {each.budget.tokens:,} |\n"
        for each in PROVIDERS
    )
    head = "| `MODEL` | model | needs | turns sent as they were said | tokens of them, about |\n|---|---|---|---|---|\n"
    return head + "".join(rows)


def _needs(provider: Provider) -> str:
    library = provider.library and f'`pip install "{provider.library}"`'
    return ", ".join(filter(None, (library, provider.needs)))


PARTS: dict[str, Callable[[], str]] = {
    "adk": adk_markdown,
    "events": events_markdown,
    "help": help_markdown,
    "kinds": kinds_markdown,
    "memory": memory_markdown,
    "models": models_markdown,
    "schema": schema_markdown,
    "slash": slash_markdown,
}


def generated(page: str) -> str:
    """The page with its generated parts as the code has them now."""
    return _PART.sub(lambda found: f"{found[1]}{PARTS[found[2]]()}{found[3]}", page)


def main() -> None:
    for path in sorted(Path(__file__).parent.glob("*.md")):
        path.write_text(generated(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
