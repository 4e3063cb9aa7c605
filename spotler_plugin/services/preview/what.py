"""What a preview is about: the source of the desired state, and what confirming changes."""

from __future__ import annotations

from dataclasses import replace

from spotler_plugin.models import Environment, Preview, Run, RunKind
from spotler_plugin.planning import proposal
from spotler_plugin.planning.adjustment import NO_ADJUSTMENT
from spotler_plugin.services.consent.acts import record_acts_of_all
from spotler_plugin.services.consent.back import record_acts_back
from spotler_plugin.services.desired import Source, ThroughMapping
from spotler_plugin.services.enrolment.request import request_enrolments_of_all
from spotler_plugin.services.environment import crm_of
from spotler_plugin.services.mapping.rules import rules_of
from spotler_plugin.services.mapping.store import save_mapping
from spotler_plugin.services.sources.restore import restoring
from spotler_plugin.services.sources.undo import undoing


def source_of_preview(preview: Preview, environment: Environment) -> Source:
    """Return the source that the run will have, once the proposal is saved."""
    if preview.undoes_id is not None and preview.undo is not None:
        return undoing(environment, preview.undoes_id, preview.undo)
    if preview.restores_id is not None and preview.restore is not None:
        return restoring(environment, preview.restores_id, preview.restore)
    rules = rules_of(environment.id, proposal.load(preview.proposal))
    return ThroughMapping(rules, crm_of(environment), preview.adjustment or NO_ADJUSTMENT)


def agree(preview: Preview, environment: Environment) -> None:
    """Save the proposal, before the run is created; the caller has locked the environment."""
    if preview.kind is RunKind.MAPPING or (preview.undo and preview.undo.mapping):
        save_mapping(environment, proposal.load(preview.proposal))


def carry_out(preview: Preview, run: Run) -> None:
    """Give a new run what the preview switches, starts and changes."""
    base, chosen = proposal.load(preview.base), proposal.load(preview.proposal)
    if proposal.changed(base, chosen):
        run.remapping = proposal.Remapping(base, chosen)
    if run.undo is not None:
        run.undo = replace(run.undo, switches=record_acts_back(run, run.undo))
    if preview.adjustment is None:
        return
    run.adjustment = preview.adjustment
    record_acts_of_all(run, preview.adjustment.permissions, preview.adjustment.grounds)
    request_enrolments_of_all(run, preview.adjustment.automations)
