"""What `adk web manager` and `adk run manager` load."""

from llm.models import model_factory
from manager.team import build_app
from settings import Settings

app = build_app(model_factory(Settings()))
root_agent = app.root_agent
