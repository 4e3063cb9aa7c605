"""What Spotler has of somebody who is not linked yet: a first link leaves it there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spotler_plugin.crm import CrmClient
from spotler_plugin.extensions import snapshot
from spotler_plugin.models import Environment
from spotler_plugin.planning.block import Terms
from spotler_plugin.planning.plan import plan
from spotler_plugin.planning.state import Observed
from spotler_plugin.services.desired import ThroughMapping
from spotler_plugin.services.mapping.rules import rules_of


@dataclass(frozen=True, slots=True)
class FirstLink:
    """What linking would come to."""

    stays: Mapping[str, Any]
    """Values by property that only Spotler has."""
    becomes: Mapping[str, tuple[Any, Any]]
    """What Spotler has by property, and what it would get."""


def foresee_link(
    owner: Environment, contact_id: str, there: Observed, crm: CrmClient
) -> FirstLink | None:
    """Plan the first link of a contact to what Spotler has with its address; None where it could
    not be linked. Raises CrmError."""
    with snapshot():
        source = ThroughMapping(rules_of(owner.id), crm, is_shown=False)
    wanted = source.read([contact_id]).wanted.get(contact_id)
    if wanted is None:
        return None
    change = plan(wanted, there, Terms(is_first=True), source.types)
    if not change.writes:
        return None
    before = change.before.properties if change.before else {}
    return FirstLink(
        stays={name: there.properties.get(name) for name in change.detail.kept},
        becomes={
            name: (before.get(name), value) for name, value in change.sets.items() if name in before
        },
    )
