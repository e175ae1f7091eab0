"""The librarian: what was said, when, and by whom, from the person's own record."""

from sub_agents.librarian.agent import member

__all__ = ["member"]
