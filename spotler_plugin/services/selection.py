"""Read which contacts were ticked in the CRM; a selection that does not add up is not used."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Select, Uuid, and_, delete, func, literal, select
from structlog import get_logger

from spotler_plugin.crm import CrmError, Endless, NotFound, SelectionPage
from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Selection, SelectionContact, SelectionState
from spotler_plugin.services import lease
from spotler_plugin.services.contact_id import is_crm_id
from spotler_plugin.services.environment import crm_of
from spotler_plugin.sql import insert_new, insert_one, insert_selected

LEASE = timedelta(seconds=60)
"""Longer than one call to the CRM with its time-outs; renewed with each page."""
KEPT = timedelta(days=1)
"""The CRM's own selections last for a sitting."""

OURS = "ours "
"""Begins the id of a selection that was not ticked in the CRM, whose ids hold no space."""

log = get_logger()


def open_selection(environment_id: int, crm_id: str) -> Selection:
    """Return the selection with the CRM's id; a new one still has to be read."""
    new = {"id": uuid4(), "environment_id": environment_id, "crm_id": crm_id,
           "created_at": datetime.now(UTC)}  # fmt: skip
    insert_one(Selection, new)
    which = (Selection.environment_id == environment_id, Selection.crm_id == crm_id)
    return db.session.scalars(
        select(Selection).where(*which).execution_options(populate_existing=True)
    ).one()


def select_ourselves(environment_id: int, contacts: Select[str]) -> Selection:
    """Create a selection of the contacts that a query of ours finds; the CRM knows nothing of it.

    The query is of one column, and tells the order.
    """
    id_ = uuid4()
    row = Selection(id=id_, environment_id=environment_id, crm_id=f"{OURS}{id_}",
                    state=SelectionState.READY, created_at=datetime.now(UTC))  # fmt: skip
    db.session.add(row)
    db.session.flush()
    owners = contacts.add_columns(literal(environment_id), literal(id_, Uuid()))
    insert_selected(SelectionContact, ["contact_id", "environment_id", "selection_id"], owners)
    row.total = row.found = _count(environment_id, id_)
    return row


def find_selection(environment_id: int, selection_id: UUID) -> Selection | None:
    return db.session.scalar(
        select(Selection)
        .where(_of(environment_id, selection_id))
        .execution_options(populate_existing=True)
    )


def read_again(row: Selection) -> None:
    """Let a selection that did not add up, or was gone, be read again."""
    if row.state in (SelectionState.UNEVEN, SelectionState.GONE):
        row.state = SelectionState.OPEN


def read_selection(
    owner: Environment, selection_id: UUID, goes_on: Callable[[], bool] = lambda: True
) -> bool:
    """Read all pages; False while another worker does. Raises CrmError. Commits.

    `goes_on` is asked after each page whether the next one is still wanted; False when it is not.
    """
    which = _of(owner.id, selection_id)
    taken = lease.hold(Selection, which, LEASE, total=0, found=0)
    row = find_selection(owner.id, selection_id)
    crm = crm_of(owner)
    db.session.execute(delete(SelectionContact).where(_contacts_of(owner.id, selection_id)))
    if row is None or taken is None:
        db.session.rollback()
        return row is None
    db.session.commit()
    try:
        for page in crm.selections.ids(row.crm_id):
            if not _store(owner.id, selection_id, taken, page):
                return False
            if not goes_on():
                lease.release(Selection, which, taken)
                db.session.commit()
                return False
        state = _judge(owner.id, selection_id)
    except Endless:
        # All may be there for all that: the numbers tell.
        state = _judge(owner.id, selection_id)
    except NotFound:
        state = SelectionState.GONE
    except CrmError:
        db.session.rollback()
        lease.release(Selection, which, taken)
        db.session.commit()
        raise
    lease.release(Selection, which, taken, state=state)
    db.session.commit()
    log.info("selection.read", environment=owner.id, selection=str(selection_id), state=state)
    return True


def forget_old_selections() -> None:
    """Delete the selections of all environments that are a day old and were never saved, and the
    contacts of those that were: their run has them."""
    old = Selection.created_at < datetime.now(UTC) - KEPT
    saved = select(Selection.id).where(old, Selection.run_id.is_not(None))
    for statement in (
        delete(SelectionContact).where(SelectionContact.selection_id.in_(saved)),
        delete(Selection).where(old, Selection.run_id.is_(None)),
    ):
        db.session.execute(
            statement.execution_options(across_environments=True, synchronize_session=False)
        )


def _store(environment_id: int, selection_id: UUID, taken: UUID, page: SelectionPage) -> bool:
    """Store a page; False when another worker took over."""
    insert_new(
        SelectionContact,
        [
            {"environment_id": environment_id, "selection_id": selection_id, "contact_id": id_}
            for id_ in page.ids
            if is_crm_id(id_)
        ],
    )
    found = _count(environment_id, selection_id)
    which = _of(environment_id, selection_id)
    kept = lease.renew(Selection, which, taken, LEASE, total=page.total, found=found)
    if kept:
        db.session.commit()
    else:
        db.session.rollback()
    return kept


def _judge(environment_id: int, selection_id: UUID) -> SelectionState:
    """Return whether the pages hold as many contacts as the CRM says."""
    row = find_selection(environment_id, selection_id)
    even = row is not None and row.total == row.found
    return SelectionState.READY if even else SelectionState.UNEVEN


def _count(environment_id: int, selection_id: UUID) -> int:
    of_selection = select(func.count()).select_from(SelectionContact)
    return db.session.scalar(of_selection.where(_contacts_of(environment_id, selection_id))) or 0


def _of(environment_id: int, selection_id: UUID) -> ColumnElement[bool]:
    return and_(Selection.environment_id == environment_id, Selection.id == selection_id)


def _contacts_of(environment_id: int, selection_id: UUID) -> ColumnElement[bool]:
    return and_(
        SelectionContact.environment_id == environment_id,
        SelectionContact.selection_id == selection_id,
    )
