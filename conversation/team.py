"""The team as who shows it needs it: who is in it, and what is remembered of a user. No agent is built for that."""

from collections.abc import Sequence
from dataclasses import dataclass

from settings import Settings
from state_tools import PreferenceKind as PreferenceKind
from sub_agents import kinds, team


@dataclass(frozen=True, slots=True)
class TeamFacts:
    """What is known of a team.

    Attributes:
        agents: Name and description of each.
        kinds: The kinds of preferences.
    """

    agents: tuple[tuple[str, str], ...]
    kinds: tuple[PreferenceKind, ...]


def about_team(settings: Settings) -> TeamFacts:
    """The team that the settings describe.

    Raises:
        StorageError: A file of data that a member needs is missing or broken.
    """
    members = team(settings)
    return TeamFacts(tuple((member.name, member.description) for member in members), kinds(members))


def kinds_of_team(settings: Settings) -> Sequence[PreferenceKind]:
    """The kinds of preferences of the team that the settings describe.

    Raises:
        StorageError: As `about_team`.
    """
    return about_team(settings).kinds
