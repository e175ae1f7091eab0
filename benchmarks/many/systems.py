"""Who carries conversations: the program and its peers, and how the turns that a database holds are counted."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class System:
    """A system as it is measured.

    Attributes:
        key: What the command line calls it.
        name: What the tables call it.
        command: The module that is run, and its arguments.
        environment: Whose requirements it runs on; empty for this program's own.
        held: Selects sessions and how many whole turns each of them has; empty where nothing is kept.
    """

    key: str
    name: str
    command: tuple[str, ...]
    environment: str
    held: str


_OURS_HELD = """
SELECT user_id, count(*) FROM turns
WHERE status = 'completed' AND instr(user_input, '[' || user_id || ']') = 1
  AND (SELECT count(*) FROM events
       WHERE events.session_id = turns.session_id AND events.invocation_id = turns.invocation_id) >= 8
GROUP BY user_id
"""
_ADK_HELD = """
SELECT session_id, count(*) FROM (
    SELECT session_id FROM events GROUP BY session_id, invocation_id
    HAVING count(*) >= 8 AND sum(instr(event_data, '[' || session_id || ']') > 0) > 0
) GROUP BY session_id
"""
_LANGGRAPH_HELD = """
SELECT thread_id, min(count(*) / 9, sum(json_extract(metadata, '$.source') = 'input')) FROM checkpoints
GROUP BY thread_id
"""
_OPENAI_HELD = """
SELECT session_id, min(count(*) / 8, sum(instr(message_data, '[' || session_id || ']') > 0)) FROM agent_messages
GROUP BY session_id
"""

_ADK = "benchmarks.many.stock_adk"
OURS = System("ours", "this program", ("benchmarks.many.ours",), "", _OURS_HELD)
SYSTEMS = (
    OURS,
    System("openai", "OpenAI Agents SDK", ("benchmarks.many.openai_agents",), "openai-agents", _OPENAI_HELD),
    System("langgraph", "LangGraph", ("benchmarks.many.langgraph_sqlite",), "langgraph", _LANGGRAPH_HELD),
    System("adk-sqlite", "ADK SqliteSessionService", (_ADK, "sqlite"), "adk", _ADK_HELD),
    System("adk-database", "ADK DatabaseSessionService", (_ADK, "database"), "adk", _ADK_HELD),
    System("adk-alone", "ADK's runner, nothing stored", (_ADK, "alone"), "adk", ""),
)
