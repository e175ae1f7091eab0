"""How the offline model understands a message: every score and what was extracted, without doing anything."""

from llm.explain import explained
from llm.offline import OfflineModel
from manager.offline import SKILL
from sub_agents import TEAM


def explain(text: str) -> str:
    """The manager's reading of a message, as lines for a person."""
    model = OfflineModel(skills=(SKILL, *(member.skill for member in TEAM)))
    return explained(model.explain(text))
