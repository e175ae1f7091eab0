"""The team: one folder an agent. `OURS` is all there is to edit when one joins (see docs/agents.md)."""

from settings import Settings
from sub_agents import funny_nerd, librarian, news_analyst, stock_analyst
from sub_agents.member import Member

OURS = (funny_nerd.member, stock_analyst.member, news_analyst.member, librarian.member)


def team(settings: Settings) -> tuple[Member, ...]:
    """The members, as the settings want them.

    Raises:
        StorageError: A file of data that one needs is missing or broken.
    """
    return tuple(make(settings) for make in OURS)


__all__ = ["OURS", "Member", "team"]
