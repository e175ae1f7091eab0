"""The librarian: what was said, when, and by whom, from the person's own record."""

from sub_agents.librarian.agent import MEMBER

__all__ = ["MEMBER"]
