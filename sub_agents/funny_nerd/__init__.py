"""The funny nerd: a joke on a topic, and why it is funny."""

from sub_agents.funny_nerd.agent import member

__all__ = ["member"]
