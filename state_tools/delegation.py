"""The tool that reports a delegation the runner cannot see; those it sees are recorded without being told."""

from google.adk.tools import ToolContext


def track_agent_delegation(agent_name: str, task: str, tool_context: ToolContext) -> dict[str, str]:
    """Reports that a task was given to an agent outside this program, so that it shows in the record.

    Do not call it for the agents of this team: their delegations are recorded as they happen.

    Args:
        agent_name: The agent that was asked.
        task: What it was asked, in one sentence.
    """
    if not agent_name.strip():
        return {"status": "error", "error_message": "No agent was named."}
    return {"status": "success", "agent_name": agent_name, "task": task}
