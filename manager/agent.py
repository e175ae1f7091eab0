"""What `adk web manager` and `adk run manager` load."""

from manager.team import build_app
from models.factory import model_factory
from settings import load

app = build_app(model_factory(load()))
root_agent = app.root_agent
