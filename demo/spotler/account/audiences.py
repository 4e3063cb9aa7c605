"""Audiences and temporary lists: groups of contacts (spotler-api.md §2.6 and §2.7 [D])."""

from dataclasses import dataclass, field


@dataclass
class Audience:
    """A group under an external id."""

    external_id: str
    name: str
    description: str
    created: int
    changed: int
    contacts: set[str] = field(default_factory=set)
    added_at: int | None = None
    removed_at: int | None = None


@dataclass
class TemporaryList:
    """A list for one mailing."""

    name: str
    created: int
    external_id: str | None = None
    origin: str = "API"
    contacts: set[str] = field(default_factory=set)


@dataclass
class Groups:
    """The account's audiences and temporary lists, by external id."""

    audiences: dict[str, Audience] = field(default_factory=dict)
    lists: dict[str, TemporaryList] = field(default_factory=dict)
