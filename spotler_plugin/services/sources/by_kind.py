"""Where the desired state of a run comes from, by its kind.

Plan, brake, ledger and report do not depend on the source: a new kind of run adds one here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from spotler_plugin.models import Environment, Run, RunKind
from spotler_plugin.services.desired import Parting, Source, ThroughMapping
from spotler_plugin.services.environment import crm_of
from spotler_plugin.services.mapping.rules import rules_of
from spotler_plugin.services.sources.restore import restoring
from spotler_plugin.services.sources.undo import undoing


def source_of(run: Run, owner: Environment) -> Source:
    """Return the source of a run, by its kind."""
    return SOURCES[run.kind](owner, run)


def _parting(owner: Environment, _run: Run) -> Source:
    return Parting(owner.id)


def _as_saved(owner: Environment, _run: Run) -> Source:
    return ThroughMapping(rules_of(owner.id), crm_of(owner), is_shown=False)


def _undoing(owner: Environment, run: Run) -> Source:
    assert run.undoes_id is not None and run.undo is not None
    return undoing(owner, run.undoes_id, run.undo)


def _restoring(owner: Environment, run: Run) -> Source:
    assert run.restore is not None
    return restoring(owner, run.restores_id, run.restore)


SOURCES: Mapping[RunKind, Callable[[Environment, Run], Source]] = {
    RunKind.CONTACT: _as_saved,
    RunKind.BULK: _as_saved,
    RunKind.MAPPING: _as_saved,
    RunKind.SYNC: _as_saved,
    RunKind.CHANGE: _as_saved,
    RunKind.MERGE: _as_saved,
    RunKind.PARTING: _parting,
    RunKind.ACTION: _as_saved,
    RunKind.UNDO: _undoing,
    RunKind.RESTORE: _restoring,
    RunKind.LINK: _as_saved,
}
"""By kind of run; each reads our tables in the transaction of its caller."""
