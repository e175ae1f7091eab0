"""Who is measured: the program and its peers, each as it is set up by whoever cares about speed."""

from dataclasses import dataclass

WINDOW = 40
"""Events (items, messages) that bounded systems send to the model: five turns."""


@dataclass(frozen=True, slots=True)
class System:
    """A system as it is measured.

    Attributes:
        name: What the table calls it.
        command: The module that is run, and its arguments.
        environment: Whose requirements it runs on; empty for this program's own.
        package: The package whose version is told.
        window: Events sent to the model; None for its default.
        database: Systems with the same word here grow one database together.
        largest: Turns it is measured at, at most.
    """

    name: str
    command: tuple[str, ...]
    environment: str
    package: str
    window: int | None
    database: str
    largest: int = 1_000


_ADK = "benchmarks.turns.stock_adk"
_OURS = ("benchmarks.turns.ours",)
_LANGGRAPH = ("benchmarks.turns.langgraph_sqlite",)
_OPENAI = ("benchmarks.turns.openai_agents",)

OURS = System("this program", _OURS, "", "google-adk", WINDOW, "ours", 10_000)
OURS_DEFAULT = System("this program, default budget", _OURS, "", "google-adk", None, "ours-default")
PEERS = (
    System("OpenAI Agents SDK, bounded", _OPENAI, "openai-agents", "openai-agents", WINDOW, "openai"),
    System("OpenAI Agents SDK", _OPENAI, "openai-agents", "openai-agents", None, "openai"),
    System("LangGraph, bounded", _LANGGRAPH, "langgraph", "langgraph", WINDOW, "langgraph-bounded"),
    System("LangGraph", _LANGGRAPH, "langgraph", "langgraph", None, "langgraph"),
    System("ADK SqliteSessionService, bounded", (_ADK, "sqlite"), "adk", "google-adk", WINDOW, "adk-sqlite"),
    System("ADK SqliteSessionService", (_ADK, "sqlite"), "adk", "google-adk", None, "adk-sqlite"),
    System("ADK DatabaseSessionService, bounded", (_ADK, "database"), "adk", "google-adk", WINDOW, "adk-database"),
    System("ADK DatabaseSessionService", (_ADK, "database"), "adk", "google-adk", None, "adk-database"),
)
ALONE = System("ADK's runner alone, no history, no database", (_ADK, "alone"), "adk", "google-adk", None, "alone", 100)
SYSTEMS = (OURS, OURS_DEFAULT, *PEERS, ALONE)
