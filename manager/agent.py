"""What `adk web manager` and `adk run manager` load.

ADK wants `root_agent` at import: this is the one module that reads the environment and files when it is imported.
"""

from manager.team import build_app
from models.factory import model_factory
from settings import load

settings = load()
app = build_app(settings, model_factory(settings))
root_agent = app.root_agent
