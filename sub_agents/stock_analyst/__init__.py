"""The stock analyst: prices, changes and comparisons, always with their source."""

from sub_agents.stock_analyst.agent import member

__all__ = ["member"]
