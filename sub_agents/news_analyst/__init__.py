"""The news analyst: headlines, search and a short digest, always with source and date."""

from sub_agents.news_analyst.agent import MEMBER

__all__ = ["MEMBER"]
