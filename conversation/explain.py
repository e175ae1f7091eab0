"""How the offline model understands a message: every score and what was extracted, without doing anything."""

from manager.offline.skill import SKILL
from models.offline.explain import explained
from models.offline.model import OfflineModel
from settings import Settings
from sub_agents import team


def explain(text: str, settings: Settings) -> str:
    """The manager's reading of a message, as lines for a person."""
    model = OfflineModel(skills=(SKILL, *(member.offline for member in team(settings))))
    return explained(model.explain(text))
