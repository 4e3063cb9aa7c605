"""What a preview is about: the source of the desired state, and what confirming changes."""

from __future__ import annotations

from spotler_plugin.models import Environment, Preview, RunKind
from spotler_plugin.planning import proposal
from spotler_plugin.services.environment import crm_of
from spotler_plugin.services.mapping.rules import rules_of
from spotler_plugin.services.mapping.store import save_mapping
from spotler_plugin.services.sync.desired import Source, ThroughMapping


def source_of_preview(preview: Preview, environment: Environment) -> Source:
    """Return the source that the run will have, once the proposal is saved."""
    rules = rules_of(environment.id, proposal.load(preview.proposal))
    return ThroughMapping(rules, crm_of(environment))


def agree(preview: Preview, environment: Environment) -> None:
    """Save the proposal, before the run is created; the caller has locked the environment."""
    if preview.kind is RunKind.MAPPING:
        save_mapping(environment, proposal.load(preview.proposal))
