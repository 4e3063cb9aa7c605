"""Create runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, func, insert, literal, select, update
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    OF_ALL_LINKED,
    UNATTENDED,
    UNDER_WAY,
    Environment,
    Link,
    Run,
    RunItem,
    RunKind,
    RunState,
    Source,
    Whom,
)
from spotler_plugin.planning.image import Loss
from spotler_plugin.planning.restore.order import Restore
from spotler_plugin.planning.undo.order import Undo
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.link.lease import open_links
from spotler_plugin.services.run.whom import Group, contacts_of, one_of
from spotler_plugin.sql import insert_new, insert_one, insert_selected

log = get_logger()

SMALL = 10
"""A run of at most this many contacts has a person waiting for it, and overtakes larger ones."""


def can_wait(selected: int, kind: RunKind) -> bool:
    """Return whether nobody at a screen waits for such a run."""
    return selected > SMALL or kind in UNATTENDED


def create_run(
    environment_id: int,
    contact_ids: Collection[str],
    *,
    kind: RunKind,
    source: Source,
    actor: Actor | None,
    request_token: UUID,
    take_over: bool = False,
    seen: Mapping[int, bool] | None = None,
) -> tuple[Run, bool]:
    """Create a run over these contacts; for a known request token, return its run and False.

    `seen` are the permissions as a screen showed them: if they are others by then, nothing is done.
    The database decides what is known: a form that is sent twice at once creates one run.
    """
    run, is_new = _new(environment_id, kind, source, actor, request_token)
    if not is_new:
        return run, False
    run.selected = len(contact_ids)
    db.session.flush()
    open_links(environment_id, contact_ids)
    item = {"environment_id": environment_id, "run_id": run.id, "due_at": run.created_at}
    item |= {"take_over": take_over, "seen": seen}
    insert_new(RunItem, [{**item, "contact_id": contact_id} for contact_id in contact_ids])
    return run, True


def create_run_for(
    environment: Environment,
    whom: Whom,
    *,
    kind: RunKind,
    actor: Actor,
    source: Source = Source.ADMIN,
    request_token: UUID,
    selection_id: UUID | None = None,
    undoes_id: UUID | None = None,
    undo: Undo | None = None,
    restores_id: UUID | None = None,
    restore: Restore | None = None,
    agreed: Loss | None = None,
) -> Run:
    """Create a run over the contacts of `whom`; stop open runs that it makes superfluous.

    `agreed` is the most that it may empty and switch off; None sets no limit. `undoes_id` is the
    run of which it takes back the part that `undo` says, `restores_id` the backup of which it puts
    back the part that `restore` says.
    """
    run, is_new = _new(environment.id, kind, source, actor, request_token)
    if not is_new:
        return run
    run.mapping_version = environment.mapping_version
    run.undoes_id, run.undo = undoes_id, undo
    run.restores_id, run.restore = restores_id, restore
    if kind in OF_ALL_LINKED and whom is Whom.LINKED:
        _supersede(run, Run.kind.in_(OF_ALL_LINKED))
    elif undo is not None and undo.contact_id is None:
        _supersede(run, Run.undoes_id == undoes_id)
    elif restore is not None:
        _supersede(run, Run.id.in_(_restored_anew(run, restore)))
    run.may_empty, run.may_switch_off = agreed if agreed is not None else (None, None)
    db.session.flush()
    group = Group(
        environment.id,
        whom,
        selection_id=selection_id,
        run_id=undoes_id,
        contact_id=one_of(undo, restore),
        query=restore.query if restore is not None else "",
    )
    contacts = contacts_of(group).subquery()
    items = select(
        literal(environment.id),
        literal(run.id, RunItem.run_id.type),
        contacts.c.contact_id,
        literal(run.created_at, RunItem.due_at.type),
    ).order_by(contacts.c.position)
    columns = ["environment_id", "run_id", "contact_id", "due_at"]
    # One statement, past the session: there may be a hundred thousand contacts.
    db.session.connection().execute(insert(RunItem).from_select(columns, items))
    # Counted, because not every database reports how many rows INSERT … SELECT added.
    run.selected = db.session.scalars(
        select(func.count())
        .select_from(RunItem)
        .where(RunItem.environment_id == environment.id, RunItem.run_id == run.id)
    ).one()
    if whom in (Whom.SELECTION, Whom.RUN):
        _open_links_of(run)
    db.session.flush()
    _log_new(run)
    return run


def _new(
    environment_id: int, kind: RunKind, source: Source, actor: Actor | None, request_token: UUID
) -> tuple[Run, bool]:
    """Return the run of this request token, and whether it is new."""
    is_new = insert_one(
        Run,
        {
            "id": uuid4(),
            "environment_id": environment_id,
            "request_token": request_token,
            "kind": kind,
            "source": source,
            "actor_id": actor.id if actor else None,
            "actor_name": actor.name if actor else None,
            "created_at": datetime.now(UTC),
        },
    )
    of_token = (Run.environment_id == environment_id, Run.request_token == request_token)
    return db.session.scalars(select(Run).where(*of_token)).one(), is_new


def _log_new(run: Run) -> None:
    owner, size = run.environment_id, run.selected
    log.info("run.created", environment=owner, run=str(run.id), kind=run.kind, selected=size)


def _open_links_of(run: Run) -> None:
    """Make sure that each contact of a run has a link to lease."""
    of_run = select(RunItem.environment_id, RunItem.contact_id).where(
        RunItem.environment_id == run.environment_id, RunItem.run_id == run.id
    )
    insert_selected(Link, ["environment_id", "contact_id"], of_run.order_by(RunItem.contact_id))


def _restored_anew(run: Run, restore: Restore) -> list[UUID]:
    """Return the open runs of which this one puts back as much, from another backup perhaps."""
    others = db.session.execute(
        select(Run.id, Run.restore).where(
            Run.environment_id == run.environment_id,
            Run.kind == RunKind.RESTORE,
            Run.state.in_(UNDER_WAY),
        )
    )
    return [id_ for id_, older in others if older is not None and restore.covers(older)]


def _supersede(run: Run, which: ColumnElement[bool]) -> None:
    """Stop these open runs before their next chunk; this run goes on."""
    db.session.execute(
        update(Run)
        .where(
            Run.environment_id == run.environment_id,
            Run.id != run.id,
            which,
            Run.state.in_(UNDER_WAY),
            Run.cancel_asked_at.is_(None),
        )
        .values(cancel_asked_at=datetime.now(UTC), state=RunState.OPEN, enqueued_at=None)
    )
