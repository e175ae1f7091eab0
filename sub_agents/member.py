"""A member of the team: what an agent's folder declares, and how it becomes an ADK agent.

A member runs in ADK's `single_turn` mode: the manager calls it like a tool named after it, several at once in parallel,
and it sees the request it was given, not the chat.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from google.adk.agents import LlmAgent
from google.adk.agents.readonly_context import ReadonlyContext
from google.adk.models import BaseLlm

from models.offline.model import OfflineModel
from models.offline.skill import Skill
from state_tools.arguments import ArgumentError, checked
from state_tools.kinds import PreferenceKind
from state_tools.profile import about_user
from state_tools.tool import StateTool
from storage.adk.private import LastAnswer
from storage.adk.quick import DeclaredOnce
from sub_agents.toolset import fix_tools


class _MemberAgent(LastAnswer, LlmAgent):
    """An agent whose last text is its answer."""


@dataclass(frozen=True)
class Member:
    """One agent of the team.

    Attributes:
        name: The agent's name, equal to its folder.
        description: What the manager decides by.
        instruction: How the agent works; what is known of the user is added to it.
        tools: What it may call.
        skill: What it understands when the offline model answers for it; without one that model says so in its place.
        state_tools: What the manager may call when this member is in the team.
        preferences: What is remembered of a user when this member is in the team.
    """

    name: str
    description: str
    instruction: str
    tools: tuple[Callable[..., Any], ...]
    skill: Skill | None = None
    state_tools: tuple[StateTool, ...] = ()
    preferences: tuple[PreferenceKind, ...] = ()

    @property
    def offline(self) -> Skill:
        """What the offline model is told of it; without a skill no more than its name."""
        spoken = self.name.replace("_", " ")
        return self.skill or Skill(self.name, help="", intents=(), names=(spoken,) if spoken != self.name else ())

    def check(self) -> None:
        """Raises whatever would go wrong in the first turn with it."""
        if self.offline.agent != self.name:
            raise ValueError(f"the skill of {self.name!r} is that of {self.offline.agent!r}")
        model = OfflineModel(skills=(self.offline,))
        self.build(model)
        assert model.router
        for tool in (*self.tools, *(each.call for each in self.state_tools)):
            assert DeclaredOnce(tool).declaration
            with suppress(ArgumentError):
                checked(tool, {})

    def build(self, model: BaseLlm, kinds: Sequence[PreferenceKind] = ()) -> LlmAgent:
        """The ADK agent, answering with `model`; it is told what of these kinds is known of the user."""
        agent = _MemberAgent(
            name=self.name,
            model=model,
            mode="single_turn",
            description=self.description,
            instruction=with_user(self.instruction, kinds),
            tools=list(self.tools),
            disallow_transfer_to_parent=True,
            disallow_transfer_to_peers=True,
        )
        return fix_tools(agent)


def with_user(instruction: str, kinds: Sequence[PreferenceKind]) -> Callable[[ReadonlyContext], str]:
    """An instruction that ends with what is known of the user at the time of the call."""

    def provide(context: ReadonlyContext) -> str:
        return f"{instruction.strip()}\n\n{about_user(context.state, kinds)}".strip()

    return provide
