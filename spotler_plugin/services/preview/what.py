"""What a preview is of: from where its contacts' desired state comes, and what agreeing changes."""

from __future__ import annotations

from spotler_plugin.models import Environment, Preview, RunKind
from spotler_plugin.planning import proposal
from spotler_plugin.services.environment import crm_of
from spotler_plugin.services.mapping.rules import rules_of
from spotler_plugin.services.mapping.store import save_mapping
from spotler_plugin.services.sync.desired import Source, ThroughMapping


def source_of_preview(preview: Preview, environment: Environment) -> Source:
    """The same as that of the run it becomes, once what is proposed holds."""
    rules = rules_of(environment.id, proposal.load(preview.proposal))
    return ThroughMapping(rules, crm_of(environment))


def agree(preview: Preview, environment: Environment) -> None:
    """Let what is proposed hold, before the run is made; the caller holds the environment."""
    if preview.kind is RunKind.MAPPING:
        save_mapping(environment, proposal.load(preview.proposal))
