"""Request previews, estimate how long they take, and cancel them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import and_, select, update

from spotler_plugin.config import settings
from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Preview, PreviewState, RunKind, Selection, Whom
from spotler_plugin.planning.adjustment import Adjustment
from spotler_plugin.planning.proposal import Proposal, dump, load, merged
from spotler_plugin.planning.restore.order import Restore
from spotler_plugin.planning.tally import Tally
from spotler_plugin.planning.undo.order import Undo
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.catalogue.fingerprint import fingerprint_of
from spotler_plugin.services.environment import enabled_environments
from spotler_plugin.services.lease import is_free, overdue
from spotler_plugin.services.mapping.store import saved_mapping
from spotler_plugin.services.run.whom import count_contacts, group_of
from spotler_plugin.services.selection import find_selection

ENQUEUE_AGAIN = timedelta(seconds=10)


def request_preview(
    environment: Environment,
    whom: Whom,
    kind: RunKind,
    proposal: Proposal,
    actor: Actor,
    *,
    adjustment: Adjustment | None = None,
    selection: Selection | None = None,
    undoes_id: UUID | None = None,
    undo: Undo | None = None,
    restores_id: UUID | None = None,
    restore: Restore | None = None,
    resumes_id: UUID | None = None,
    is_renewed: bool = False,
) -> Preview:
    """Create a preview; one that the same person left unfinished is cancelled."""
    now = datetime.now(UTC)
    db.session.execute(
        update(Preview)
        .where(
            Preview.environment_id == environment.id,
            Preview.actor_id == actor.id,
            Preview.state == PreviewState.OPEN,
        )
        .values(state=PreviewState.CANCELLED, finished_at=now)
    )
    preview = Preview(
        id=uuid4(),
        environment_id=environment.id,
        whom=whom,
        kind=kind,
        actor_id=actor.id,
        actor_name=actor.name,
        mapping_version=environment.mapping_version,
        catalogue=fingerprint_of(environment.id),
        is_renewed=is_renewed,
        base=dump(saved_mapping(environment.id)),
        proposal=dump(proposal),
        created_at=now,
        due_at=now,
        enqueued_at=now,
        adjustment=adjustment,
        selection_id=selection.id if selection else None,
        undoes_id=undoes_id,
        undo=undo,
        restores_id=restores_id,
        restore=restore,
        resumes_id=resumes_id,
        tally={},
        samples=[],
    )
    preview.total = selection.found if selection else count_contacts(group_of(preview))
    db.session.add(preview)
    db.session.flush()
    return preview


def renew_preview(environment: Environment, stale: Preview, actor: Actor) -> Preview:
    """Create the preview anew, of what holds now; a synchronisation takes the mapping as it is."""
    proposal = load(stale.proposal)
    if stale.kind is not RunKind.MAPPING:
        # Somebody who takes a run back may have the mapping changed with it.
        proposal = merged(load(stale.base), proposal, saved_mapping(environment.id))
    selection = find_selection(environment.id, stale.selection_id) if stale.selection_id else None
    return request_preview(
        environment,
        stale.whom,
        stale.kind,
        proposal,
        actor,
        adjustment=stale.adjustment,
        selection=selection,
        undoes_id=stale.undoes_id,
        undo=stale.undo,
        restores_id=stale.restores_id,
        restore=stale.restore,
        resumes_id=stale.resumes_id,
        is_renewed=True,
    )


def find_preview(environment_id: int, preview_id: UUID) -> Preview | None:
    """Return the preview as it is now, also where it was read before."""
    return db.session.scalar(
        select(Preview)
        .where(Preview.environment_id == environment_id, Preview.id == preview_id)
        .execution_options(populate_existing=True)
    )


def tally_of(preview: Preview) -> Tally:
    return Tally(**preview.tally)


def seconds_left(row: Preview) -> float | None:
    """Estimate the seconds until it is ready, at the pace so far; None when that is unknown."""
    done = tally_of(row).total
    if not done or row.state is not PreviewState.OPEN:
        return None
    passed = (datetime.now(UTC) - row.created_at).total_seconds()
    return passed / done * max(row.total - done, 0)


def seconds_of_run(row: Preview) -> float:
    """Estimate the seconds of the run: the same reading, and the calls at the account's rate."""
    pace = settings().spotler_calls_per_second
    reading = ((row.finished_at or row.created_at) - row.created_at).total_seconds()
    return reading + (tally_of(row).calls / pace if pace else 0)


def cancel_preview(environment_id: int, preview_id: UUID) -> None:
    """Stop a preview; its worker notices at the next chunk."""
    db.session.execute(
        update(Preview)
        .where(
            Preview.environment_id == environment_id,
            Preview.id == preview_id,
            Preview.state == PreviewState.OPEN,
        )
        .values(state=PreviewState.CANCELLED, finished_at=datetime.now(UTC))
    )


def overdue_previews() -> Sequence[tuple[int, UUID]]:
    """Return the previews to enqueue, of all environments, as environment and id."""
    waits = and_(
        Preview.environment_id.in_(enabled_environments()),
        Preview.state == PreviewState.OPEN,
        is_free(Preview, datetime.now(UTC)),
    )
    names = Preview.environment_id, Preview.id
    return [(owner, id_) for owner, id_ in overdue(Preview, waits, ENQUEUE_AGAIN, *names)]
