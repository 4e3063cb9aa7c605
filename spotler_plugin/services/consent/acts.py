"""Acts: record who switched a permission, decide what may be written, mark what took effect."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from sqlalchemy import Select, insert, literal, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Run, RunItem
from spotler_plugin.planning import consent
from spotler_plugin.planning.consent import Consent
from spotler_plugin.services.catalogue.permissions import listed_permissions
from spotler_plugin.services.consent.address import known_digest
from spotler_plugin.services.consent.history import read_histories
from spotler_plugin.services.consent.holders import hold
from spotler_plugin.services.consent.person import Addresses, same_address
from spotler_plugin.sql import among

LONGEST_GROUND = 300
NO_GROUNDS: Mapping[int, str] = MappingProxyType({})


def record_acts(
    run: Run,
    contact_id: str,
    permissions: Mapping[int, bool],
    grounds: Mapping[int, str] = NO_GROUNDS,
) -> None:
    """Record the switches of a run as acts, except bits that the account does not have.

    `grounds` has, by bit, on what ground it was asked, where that was told.
    """
    bits = {permission.bit for permission in listed_permissions(run.environment_id)}
    digest = known_digest(run.environment_id, contact_id)
    for bit in sorted(permissions.keys() & bits):
        db.session.add(
            Act(
                environment_id=run.environment_id,
                contact_id=contact_id,
                bit=bit,
                enabled=permissions[bit],
                at=datetime.now(UTC),
                actor_id=run.actor_id,
                actor_name=run.actor_name,
                source=run.source,
                run_id=run.id,
                ground=_kept(grounds.get(bit)),
                address_digest=digest,
            )
        )
    hold(run.environment_id, [(contact_id, digest)], run.created_at)


def record_acts_of_all(
    run: Run, permissions: Mapping[int, bool], grounds: Mapping[int, str] = NO_GROUNDS
) -> None:
    """Record these switches as acts for every contact of a run."""
    bits = {permission.bit for permission in listed_permissions(run.environment_id)}
    for bit in sorted(permissions.keys() & bits):
        of_run = select(
            RunItem.environment_id,
            RunItem.contact_id,
            literal(bit, Act.bit.type),
            literal(permissions[bit]),
            literal(run.created_at, Act.at.type),
            literal(run.actor_id, Act.actor_id.type),
            literal(run.actor_name, Act.actor_name.type),
            literal(run.source, Act.source.type),
            RunItem.run_id,
            literal(_kept(grounds.get(bit)), Act.ground.type),
        ).where(RunItem.environment_id == run.environment_id, RunItem.run_id == run.id)
        columns = ["environment_id", "contact_id", "bit", "enabled", "at", "actor_id",
                   "actor_name", "source", "run_id", "ground"]  # fmt: skip
        # Past the session: there may be a hundred thousand.
        db.session.connection().execute(
            insert(Act).from_select(columns, of_run.order_by(RunItem.id))
        )


def contacts_with_acts(run: Run, contact_ids: Collection[str]) -> dict[str, bool]:
    """Return the contacts whose permissions the run may switch, and whether any is to go on."""
    found: dict[str, bool] = {}
    rows = db.session.execute(_of(run, contact_ids).with_only_columns(Act.contact_id, Act.enabled))
    for contact_id, enabled in rows:
        found[contact_id] = enabled or found.get(contact_id, False)
    return found


def judge_acts(run: Run, addresses: Addresses) -> dict[str, Consent]:
    """Decide what the run's acts may switch, by everything that happened before and since.

    What was signed off under another id with one of these addresses counts too.
    """
    histories = read_histories(run.environment_id, addresses)
    return {
        contact_id: consent.decide(
            histories.asked(contact_id, run.id), *histories.of(contact_id, but=run.id)
        )
        for contact_id in addresses
    }


def foresee_acts(
    environment_id: int, permissions: Mapping[int, bool], addresses: Addresses
) -> dict[str, Consent]:
    """Predict what `judge_acts` would let an automatic action switch now; nothing is recorded."""
    histories = read_histories(environment_id, addresses)
    bits = {permission.bit for permission in listed_permissions(environment_id)}
    now = datetime.now(UTC)
    asked = [consent.Switching(bit, permissions[bit], now) for bit in permissions.keys() & bits]
    return {
        contact_id: consent.decide(asked, *histories.of(contact_id)) for contact_id in addresses
    }


def signed_off_with(environment_id: int, addresses: Mapping[str, str]) -> dict[str, frozenset[int]]:
    """Return contact to the permissions that others signed off with the address that it gets, and
    that it has not gone on with since."""
    if not addresses:
        return {}
    kin = same_address(environment_id, addresses)
    if not any(kin.values()):
        return {}
    histories = read_histories(environment_id, {id_: [] for id_ in addresses}, kin)
    bits = {permission.bit for permission in listed_permissions(environment_id)}
    return {
        contact_id: frozenset(
            bit
            for bit in bits
            for off in consent.offs_elsewhere(bit, *histories.of(contact_id))
            if off.seen_at is not None
        )
        for contact_id in addresses
    }


def apply_acts(run: Run, verdicts: Mapping[str, Consent], contact_ids: Collection[str]) -> None:
    """Mark the acts that took effect, so that they count in later decisions."""
    now = datetime.now(UTC)
    for act in db.session.scalars(_of(run, contact_ids).where(Act.applied_at.is_(None))):
        if act.bit in verdicts[act.contact_id].permissions:
            act.applied_at = now


def _kept(ground: str | None) -> str | None:
    """Return as much of a ground as the column has room for."""
    return ground[:LONGEST_GROUND] if ground else None


def _of(run: Run, contact_ids: Collection[str]) -> Select[Act]:
    return select(Act).where(
        Act.environment_id == run.environment_id,
        Act.run_id == run.id,
        among(Act.contact_id, contact_ids),
    )
