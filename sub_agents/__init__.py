"""The team: one folder an agent. `OURS` is all there is to edit when one joins (see docs/agents.md)."""

from collections.abc import Sequence

from settings import Settings
from state_tools import PreferenceKind, StateTool, own_kinds, own_tools
from sub_agents import funny_nerd, librarian, news_analyst, stock_analyst
from sub_agents.member import Member

OURS = (funny_nerd.member, stock_analyst.member, news_analyst.member, librarian.member)


def team(settings: Settings) -> tuple[Member, ...]:
    """The members, as the settings want them.

    Raises:
        StorageError: A file of data that one needs is missing or broken.
    """
    return tuple(make(settings) for make in OURS)


def kinds(members: Sequence[Member]) -> tuple[PreferenceKind, ...]:
    """What is remembered of a user in a team of these members."""
    return (*own_kinds([member.name for member in members]), *(kind for each in members for kind in each.preferences))


def state_tools(members: Sequence[Member]) -> tuple[StateTool, ...]:
    """What the manager of these members may call itself."""
    return (*own_tools(kinds(members)), *(tool for each in members for tool in each.state_tools))


__all__ = ["OURS", "Member", "kinds", "state_tools", "team"]
