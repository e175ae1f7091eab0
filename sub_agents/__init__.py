"""The team: one folder an agent. This list is all there is to edit when one joins (see docs/agents.md)."""

from sub_agents import funny_nerd, librarian, news_analyst, stock_analyst
from sub_agents.member import Member

TEAM: tuple[Member, ...] = (funny_nerd.MEMBER, stock_analyst.MEMBER, news_analyst.MEMBER, librarian.MEMBER)

__all__ = ["TEAM", "Member"]
