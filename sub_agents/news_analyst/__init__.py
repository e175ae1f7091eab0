"""The news analyst: headlines, search and a short digest, always with source and date."""

from sub_agents.news_analyst.agent import member

__all__ = ["member"]
