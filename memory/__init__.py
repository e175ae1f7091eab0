"""What agents share and remember: one store, and thin doors onto it.

A door is made of whatever has the store, and of whose memory it is; it holds nothing else, and any number of them may
be open.
"""

from memory.agent_memory import AgentMemory
from memory.client import MemoryClient
from memory.shared_state import SharedState
from memory.workflow_state import WorkflowState
from storage.memory.errors import ConflictError, MemoryRefusedError, TooLargeError, WrongTypeError

__all__ = [
    "AgentMemory",
    "ConflictError",
    "MemoryClient",
    "MemoryRefusedError",
    "SharedState",
    "TooLargeError",
    "WorkflowState",
    "WrongTypeError",
]
