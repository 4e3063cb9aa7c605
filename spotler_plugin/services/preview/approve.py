"""Confirm a preview, which creates the run; the brake stops a large loss until it is typed in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from spotler_plugin.config import settings
from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Preview, PreviewState, RunKind, Source
from spotler_plugin.planning.tally import Tally
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.catalogue.fingerprint import fingerprint_of
from spotler_plugin.services.preview.request import find_preview, tally_of
from spotler_plugin.services.preview.restore import find_restorable
from spotler_plugin.services.preview.what import agree, carry_out
from spotler_plugin.services.run.control import resume_beyond
from spotler_plugin.services.run.create import create_run_for
from spotler_plugin.services.run.lock import lock_shared
from spotler_plugin.services.run.undo import find_undoable
from spotler_plugin.services.selection import find_selection

TRUE_FOR = timedelta(minutes=10)
"""How long a preview can be agreed with; after that CRM and Spotler may have changed too much."""


class NotReady(Exception):
    """The preview is still being computed, or was stopped; or what it would take back or put back
    cannot be any more."""


class MappingChanged(Exception):
    """Somebody saved another mapping since; the preview is no longer valid."""


class Stale(Exception):
    """The preview is no longer true: old, or mapping or catalogue changed; make it anew."""


class Braked(Exception):
    """So many contacts would lose something that a person has to type in their number."""


def is_braked(tally: Tally) -> bool:
    """Return whether so many contacts would lose something that a click is not enough."""
    config = settings()
    most: float = max(config.brake_count, config.brake_share * tally.total)
    return tally.emptied > most


def confirm_preview(
    environment: Environment, preview_id: UUID, actor: Actor, typed: int | None
) -> UUID | None:
    """Save the mapping and create the run, or let it go on; the caller commits, in one transaction.

    Confirming twice returns the same run, which may empty and switch off what the preview said and
    no more. Raises NotReady, MappingChanged, Stale or Braked.
    """
    db.session.refresh(environment, with_for_update={"key_share": True})
    row = find_preview(environment.id, preview_id)
    if row is not None and row.state is PreviewState.CONFIRMED:
        return row.run_id
    if row is None or row.state is not PreviewState.READY:
        raise NotReady
    if row.mapping_version != environment.mapping_version and row.kind is RunKind.MAPPING:
        raise MappingChanged
    if row.resumes_id is None and not _is_possible(row, environment):
        raise NotReady
    selection = find_selection(environment.id, row.selection_id) if row.selection_id else None
    if selection is not None and selection.run_id is not None:
        # Saved before, in another tab.
        return selection.run_id
    if _is_stale(row, environment):
        raise Stale
    tally = tally_of(row)
    if is_braked(tally) and typed != tally.emptied:
        raise Braked
    if row.resumes_id is not None:
        resume_beyond(environment.id, row.resumes_id, tally.loss)
        row.state, row.run_id = PreviewState.CONFIRMED, row.resumes_id
        return row.run_id
    agree(row, environment)
    made = create_run_for(
        environment,
        row.whom,
        kind=row.kind,
        actor=actor,
        source=_source(row),
        request_token=row.id if selection is None else selection.id,
        selection_id=row.selection_id,
        undoes_id=row.undoes_id,
        undo=row.undo,
        restores_id=row.restores_id,
        restore=row.restore,
        agreed=tally.loss,
    )
    carry_out(row, made)
    if selection is not None:
        selection.run_id = made.id
    row.state, row.run_id = PreviewState.CONFIRMED, made.id
    return made.id


def _source(row: Preview) -> Source:
    if row.undo is not None:
        return Source.UNDO
    if row.restore is not None:
        return Source.RESTORE
    return Source.BULK if row.kind is RunKind.BULK else Source.ADMIN


def _is_possible(row: Preview, environment: Environment) -> bool:
    """Return whether its run can still be taken back, or its backup be put back."""
    if row.undo is not None:
        if row.undoes_id is None:
            return False
        # From here nobody opens it again, by trying some of its contacts once more.
        lock_shared(environment.id, row.undoes_id)
        part = find_undoable(environment, row.undoes_id, contact_id=row.undo.contact_id)
        return part is not None
    if row.restore is not None:
        return row.restores_id is not None and (
            find_restorable(environment, row.restores_id) is not None
        )
    return True


def _is_stale(row: Preview, environment: Environment) -> bool:
    finished_at = row.finished_at or row.created_at
    return (
        datetime.now(UTC) - finished_at > TRUE_FOR
        or row.mapping_version != environment.mapping_version
        or row.catalogue != fingerprint_of(environment.id)
        or (environment.restored_at is not None and row.created_at < environment.restored_at)
    )
