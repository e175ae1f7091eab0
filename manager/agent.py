"""What `adk web manager` and `adk run manager` load."""

from llm.models import model_factory
from manager.team import build_app
from settings import load

app = build_app(model_factory(load()))
root_agent = app.root_agent
