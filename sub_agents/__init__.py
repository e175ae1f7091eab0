"""The team: one folder an agent, and what installed packages add.

`OURS` is all there is to edit when an agent joins (see docs/agents.md). Always holds: no two members, tools or kinds of
preferences of a team are called the same.
"""

from collections.abc import Sequence

from settings import APP_NAME, Settings
from state_tools import PreferenceKind, StateTool, own_kinds, own_tools
from sub_agents import funny_nerd, librarian, news_analyst, stock_analyst
from sub_agents.installed import MEMBERS, Tell, added, logged
from sub_agents.member import Member

OURS = (funny_nerd.member, stock_analyst.member, news_analyst.member, librarian.member)


def team(settings: Settings, tell: Tell = logged) -> tuple[Member, ...]:
    """The members, as the settings want them: ours, then those of installed packages.

    Args:
        settings: What they are made for.
        tell: Takes a line on each package whose member cannot join.

    Raises:
        StorageError: A file of data that one of ours needs is missing or broken.
    """
    members = [make(settings) for make in OURS]
    for member in added(MEMBERS, Member, settings, tell, lambda joining: _check(joining, members)):
        members.append(member)
    return tuple(members)


def _check(joining: Member, members: Sequence[Member]) -> None:
    """Raises for a member that cannot be built, or that brings a name a second time."""
    joining.check()
    named = [APP_NAME, "user", *(each.name for each in members), *(tool.name for tool in state_tools(members))]
    named += [joining.name, *(tool.name for tool in joining.state_tools)]
    known = [kind.name for kind in (*kinds(members), *joining.preferences)]
    for name in (*named, *known):
        if named.count(name) > 1 or known.count(name) > 1:
            raise ValueError(f"there is a {name!r} already")


def kinds(members: Sequence[Member]) -> tuple[PreferenceKind, ...]:
    """What is remembered of a user in a team of these members."""
    return (*own_kinds([member.name for member in members]), *(kind for each in members for kind in each.preferences))


def state_tools(members: Sequence[Member]) -> tuple[StateTool, ...]:
    """What the manager of these members may call itself."""
    return (*own_tools(kinds(members)), *(tool for each in members for tool in each.state_tools))


__all__ = ["OURS", "Member", "kinds", "state_tools", "team"]
