"""Tell the CRM what its contacts signed off from in Spotler: each sign-off once, and in order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Select, exists, select, update
from structlog import get_logger

from spotler_plugin.crm import Conflict, CrmClient, CrmError, Refused
from spotler_plugin.extensions import db, snapshot
from spotler_plugin.models import Act, ConsentSetting, Environment, Link, Permission, Source
from spotler_plugin.planning.consent import EVERYTHING
from spotler_plugin.services.backoff import delay_after
from spotler_plugin.services.consent.seen import BOUNCE
from spotler_plugin.services.consent.setting import ensure_setting, find_setting
from spotler_plugin.services.environment import crm_of

BATCH = 50
"""Sign-offs of one turn."""
ALL = "*"
"""What the CRM is told for everything, instead of a permission's name (crm-developer.md §5)."""
NOT_OFFERED = timedelta(days=1)
"""When a CRM without the call is asked again; what is signed off meanwhile waits."""
OUTAGE = 5
"""Attempts that count while the CRM is away: that ends, and passes no sign-off, however long."""

log = get_logger()


def has_untold(environment_id: int) -> bool:
    """Return whether the CRM is to be told something now."""
    row = find_setting(environment_id)
    if row is not None and row.tell_at is not None and row.tell_at > datetime.now(UTC):
        return False
    return db.session.scalar(_untold(environment_id, row).limit(1)) is not None


def tell_crm(environment_id: int) -> bool:
    """Tell a batch; True when there is more to tell now. Commits.

    Told twice, as by two workers, it is recorded once: the key of the call is the act's.
    """
    owner = db.session.get(Environment, environment_id)
    if owner is None or owner.disabled_at is not None or not has_untold(environment_id):
        db.session.commit()
        return False
    ensure_setting(environment_id)
    db.session.commit()
    with snapshot():
        query = _untold(environment_id, find_setting(environment_id)).order_by(Act.id).limit(BATCH)
        acts = db.session.scalars(query).all()
        names = _names(environment_id)
        crm = crm_of(owner)
    for act in acts:
        try:
            offers = _tell(crm, act, names)
        except Refused as error:
            # It will not take this one, whenever it is told.
            log.warning("opt_out.refused", environment=environment_id, status=error.status)
            offers = True
        except CrmError as error:
            if not _postpone(environment_id, error):
                return False
            offers = True
        if not offers:
            _set(environment_id, tell_at=datetime.now(UTC) + NOT_OFFERED, tell_attempts=0)
            return False
        _set(environment_id, told_act_id=act.id, tell_at=None, tell_attempts=0)
    return len(acts) == BATCH


def _tell(crm: CrmClient, act: Act, names: dict[int, str]) -> bool:
    """Tell one; False when the CRM does not offer the call. Raises CrmError."""
    is_told = crm.contacts.record_opt_out(
        act.contact_id,
        permission=ALL if act.bit == EVERYTHING else names.get(act.bit, str(act.bit)),
        at=act.at,
        source=BOUNCE if act.ground == BOUNCE else act.source.value,
        idempotency_key=f"opt-out-{act.id}",
    )
    # Who is gone from the CRM is not told of; of who is there, it does not want to know.
    return is_told or act.contact_id not in crm.contacts.get_many([act.contact_id]).contacts


def _postpone(environment_id: int, error: CrmError) -> bool:
    """Try again later; True to go on with the next, as this one is in the way for too long."""
    with snapshot():
        attempts = ensure_setting(environment_id).tell_attempts + 1
    log.info("opt_out.postponed", environment=environment_id, error=type(error).__name__)
    if not isinstance(error, Conflict):
        attempts = min(attempts, OUTAGE)
    pause = delay_after(attempts, error.retry_after)
    if pause is None:
        return True
    _set(environment_id, tell_at=datetime.now(UTC) + pause, tell_attempts=attempts)
    return False


def _untold(environment_id: int, row: ConsentSetting | None) -> Select[Act]:
    """Select the sign-offs of linked contacts after the last one that was told."""
    linked = exists().where(
        Link.environment_id == Act.environment_id,
        Link.contact_id == Act.contact_id,
        Link.linked_at.is_not(None),
    )
    return select(Act).where(
        Act.environment_id == environment_id,
        Act.id > (row.told_act_id if row is not None else 0),
        Act.source == Source.SPOTLER,
        Act.enabled.is_(False),
        linked,
    )


def _names(environment_id: int) -> dict[int, str]:
    rows = db.session.execute(
        select(Permission.bit, Permission.description).where(
            Permission.environment_id == environment_id
        )
    )
    return {bit: description for bit, description in rows}


def _set(environment_id: int, **values: object) -> None:
    db.session.execute(
        update(ConsentSetting)
        .where(ConsentSetting.environment_id == environment_id)
        .values(**values),
        execution_options={"synchronize_session": False},
    )
    db.session.commit()
