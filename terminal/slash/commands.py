"""The slash commands about the chat itself and its sessions; `COMMANDS` is the one list of them all."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from record import documents
from record.wording import plural
from settings import OFFLINE, env_name
from storage.queries import session_document
from storage.stats import figures
from terminal.chat.clipboard import copy_sequence
from terminal.chat.greeting import offline_notice
from terminal.chat.state import ChatState
from terminal.chat.turn import ready
from terminal.show import tables
from terminal.show.console import LOOKS
from terminal.slash.command import PREFIX, Choice, Command, SlashError, named, parse
from terminal.slash.editor import written
from terminal.slash.knowledge import PREFERENCES, WATCHLIST
from terminal.slash.memory import MEMORY
from terminal.slash.sessions import SESSION_COMMANDS
from terminal.slash.stats import STATS
from told import Told

_KEYS = (
    ("Enter", "send"),
    ("Alt-Enter", "new line"),
    ("Tab", "complete"),
    ("Ctrl-R", "search what you typed before"),
    ("Ctrl-C", "stop the turn; at the prompt: clear the line"),
    ("Ctrl-D", "leave; everything is kept"),
)


async def _help(chat: ChatState, argument: str) -> None:
    if argument:
        command = named(argument, COMMANDS)
        chat.console.print(Text.assemble((command.usage, "agent"), f"  {command.help}"))
        return
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="agent")
    grid.add_column()
    for command in COMMANDS:
        grid.add_row(f"{PREFIX}{command.name}", command.help)
    grid.add_row("", "")
    for key, what in _KEYS:
        grid.add_row(key, what)
    chat.console.print(grid)
    chat.console.print(Text("The beginning of a name is enough: /res. /help NAME tells the arguments.", style="hint"))


async def _state(chat: ChatState, argument: str) -> None:
    if chat.info is None:
        chat.console.print(Text("Nothing has been said in this session yet.", style="muted"))
        return
    document = await session_document.document(chat.database, chat.key, chat.info)
    if argument == "json":
        chat.console.print(documents.dumps(document), soft_wrap=True)
        return
    chat.console.print(tables.state(document, chat.console))


async def _agents(chat: ChatState, argument: str) -> None:
    if await ready(chat) is None:
        return
    team = (await chat.team()).team
    if argument:
        names = [name for name, _ in team]
        team = [(name, description) for name, description in team if name == argument]
        if not team:
            raise SlashError(f"There is no agent {argument!r}.", f"There are {', '.join(names)}.")
    done = await figures.agent_stats(chat.database, chat.user)
    chat.console.print(tables.agents(team, done, chat.console))


async def _agent_choices(chat: ChatState) -> Sequence[Choice]:
    return [Choice(name, note=description) for name, description in (chat.agents.team if chat.agents else ())]


async def _model(chat: ChatState, argument: str) -> None:
    if not argument:
        chat.console.print(Text.assemble("The model is ", (chat.model, "agent"), ". /model NAME switches."))
        return
    if argument == chat.model:
        chat.console.print(f"{argument} answers already.")
        return
    if await ready(chat) is None:
        return
    await chat.use_model(argument)
    chat.console.print(Text.assemble("From now on ", (chat.model, "agent"), " answers."))
    if chat.model == OFFLINE:
        chat.console.print(Text(offline_notice(), style="hint"))


async def _model_choices(chat: ChatState) -> Sequence[Choice]:
    if chat.agents is None:
        return []
    from conversation.models import offered  # loaded with the agents

    return [Choice(name) for name in offered()]


async def _verbose(chat: ChatState, argument: str) -> None:
    if argument not in ("", "on", "off"):
        raise SlashError(f"/verbose is on or off, not {argument!r}.")
    chat.verbose = argument == "on" if argument else not chat.verbose
    said = "Tool calls and costs are shown." if chat.verbose else "Tool calls and costs are hidden."
    chat.console.print(said)


async def _verbose_choices(_chat: ChatState) -> Sequence[Choice]:
    return [Choice("on", note="show tool calls, tokens and times"), Choice("off", note="hide them")]


async def _copy(chat: ChatState, _argument: str) -> None:
    if not chat.last_reply:
        raise SlashError("There is no answer to copy yet.")
    chat.console.file.write(copy_sequence(chat.last_reply))
    chat.console.file.flush()
    chat.console.print(f"The last answer ({plural(len(chat.last_reply), 'character')}) was given to the clipboard.")
    chat.console.print(Text("If it is not there, your terminal does not allow that (OSC 52).", style="hint"))


async def _edit(chat: ChatState, argument: str) -> None:
    chat.draft = (await written(argument) or "").strip()
    if not chat.draft:
        chat.console.print(Text("Nothing was written.", style="muted"))


async def _theme(chat: ChatState, argument: str) -> None:
    if argument and argument not in LOOKS:
        raise SlashError(f"There is no theme {argument!r}.", f"There are {', '.join(LOOKS)}.")
    if argument:
        chat.use_theme(argument)
    others = ", ".join(name for name in LOOKS if name != chat.theme)
    chat.console.print(Text.assemble("The theme is ", (chat.theme, "agent"), f"; there are also {others}."))
    chat.console.print(Text(f"CHAT_THEME in {env_name()} sets it for good.", style="hint"))


async def _theme_choices(_chat: ChatState) -> Sequence[Choice]:
    return [Choice(name) for name in LOOKS]


async def _exit(chat: ChatState, _argument: str) -> None:
    chat.running = False


async def _help_choices(_chat: ChatState) -> Sequence[Choice]:
    return [Choice(command.name, note=command.help) for command in COMMANDS]


COMMANDS: tuple[Command, ...] = (
    Command("help", "this list, or one command's arguments", _help, "[COMMAND]", _help_choices, ("?",)),
    *SESSION_COMMANDS,
    Command("state", "what is remembered of this session", _state, "[json]"),
    STATS,
    Command("agents", "who is in the team, and how they did", _agents, "[NAME]", _agent_choices),
    WATCHLIST,
    PREFERENCES,
    MEMORY,
    Command("model", "show or switch the model", _model, "[NAME]", _model_choices),
    Command("verbose", "show or hide tool calls and costs", _verbose, "[on|off]", _verbose_choices),
    Command("copy", "copy the last answer", _copy),
    Command("edit", "write a message in $EDITOR", _edit, "[TEXT]"),
    Command("theme", "show or change the colours", _theme, "[NAME]", _theme_choices),
    Command("exit", "leave; everything is kept", _exit, aliases=("quit", "bye")),
)


async def run(chat: ChatState, line: str) -> tuple[str, str] | None:
    """Runs the slash command of a line; returns what is wrong and what to do about it, if something is."""
    try:
        command, argument = parse(line, COMMANDS)
        await command.run(chat, argument)
    except Told as error:
        return str(error), error.hint
    return None
