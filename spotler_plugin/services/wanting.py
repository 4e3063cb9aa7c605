"""The desired state: a contact's CRM values through the mapping, and its acts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, or_, select

from spotler_plugin.crm import CrmClient, CrmContact, NotFound
from spotler_plugin.extensions import db, snapshot
from spotler_plugin.models import Act, Run, RunState, Source
from spotler_plugin.planning import consent
from spotler_plugin.planning.mapping import RELATION, desired
from spotler_plugin.planning.plan import Wanted
from spotler_plugin.services.chunk import Chunk
from spotler_plugin.services.rules import Rules
from spotler_plugin.sql import among


def read(chunk: Chunk, rules: Rules, crm: CrmClient) -> dict[str, Wanted]:
    """Read the contacts from the CRM, now; one that it no longer knows is left out."""
    chunk.people = crm.contacts.get_many(list(chunk.items)).contacts
    return through(rules, chunk.people, crm)


def through(rules: Rules, people: Mapping[str, CrmContact], crm: CrmClient) -> dict[str, Wanted]:
    """These contacts sent through a mapping; their relations are asked for where it needs them."""
    needs_relations = any(row.entity == RELATION for row in rules.rows)
    relations = _relations(people, crm) if needs_relations else {}
    wanted = {}
    for contact_id, person in people.items():
        state = desired(person.fields, relations.get(person.relation_id or "", {}), rules.rows)
        wanted[contact_id] = Wanted(
            contact_id=contact_id,
            address=rules.fields.address_of(person),
            values=state.values,
            refusals=tuple(state.refusals),
            active=person.active,
        )
    return wanted


def judge(chunk: Chunk, wanted: Mapping[str, Wanted]) -> dict[str, Wanted]:
    """Add what the run's acts may switch, by everything that happened before and since."""
    if not chunk.has_acts:
        return dict(wanted)
    acts: dict[str, list[Act]] = {}
    with snapshot():
        for act in db.session.scalars(_counting(chunk, wanted)):
            acts.setdefault(act.contact_id, []).append(act)
    chunk.verdicts = {
        contact_id: consent.decide(
            [_switching(act) for act in acts.get(contact_id, ()) if _of(chunk, act)],
            [_switching(act) for act in acts.get(contact_id, ()) if not _of(chunk, act)],
        )
        for contact_id in wanted
    }
    return {
        contact_id: replace(
            person,
            permissions=chunk.verdicts[contact_id].permissions,
            signed_off=chunk.verdicts[contact_id].signed_off,
        )
        for contact_id, person in wanted.items()
    }


def _counting(chunk: Chunk, contact_ids: Collection[str]) -> Select[Act]:
    """An act of a run that still waits will count; one that came to nothing does not."""
    return (
        select(Act)
        .outerjoin(Run, Run.id == Act.run_id)
        .where(
            Act.environment_id == chunk.environment_id,
            among(Act.contact_id, contact_ids),
            or_(Act.applied_at.is_not(None), Run.state.in_((RunState.OPEN, RunState.HALTED))),
        )
    )


def _relations(people: Mapping[str, CrmContact], crm: CrmClient) -> dict[str, Mapping[str, Any]]:
    """One that is gone meanwhile has no fields: what they fed is left as it is."""
    fields: dict[str, Mapping[str, Any]] = {}
    for relation_id in sorted({each.relation_id for each in people.values() if each.relation_id}):
        try:
            fields[relation_id] = crm.relations.get(relation_id).fields
        except NotFound:
            fields[relation_id] = {}
    return fields


def _of(chunk: Chunk, act: Act) -> bool:
    return act.run_id == chunk.run.id


def _switching(act: Act) -> consent.Switching:
    return consent.Switching(act.bit, act.enabled, act.at, personal=act.source is Source.MODAL)
