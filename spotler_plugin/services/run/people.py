"""Whom or what a run is about; and by the CRM name and address of whom Spotler never had."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from uuid import UUID

from sqlalchemy import select
from structlog import get_logger

from spotler_plugin.crm import MAX_CONTACTS, CrmError
from spotler_plugin.extensions import db
from spotler_plugin.models import Backup, Environment, Run, RunItem
from spotler_plugin.planning.proposal import Remapping
from spotler_plugin.services.catalogue.fields import Person, person_fields
from spotler_plugin.services.contact_id import is_crm_id
from spotler_plugin.services.environment import crm_of
from spotler_plugin.services.run.items import ItemView
from spotler_plugin.services.run.report import Report

log = get_logger()


@dataclass(frozen=True, slots=True)
class About:
    """What there is to say of a run besides its kind."""

    contact_id: str | None = None
    """Whom it is about, where that is one contact."""
    remapping: Remapping | None = None
    """How the mapping was changed with it."""
    undone: Run | None = None
    """The run that it takes back."""
    backup: Backup | None = None
    """What it puts back."""


def about_of(environment_id: int, reports: Iterable[Report]) -> dict[UUID, About]:
    """Return of each run whom or what it is about."""
    reports = list(reports)
    by_id = {each.id: each for each in reports}
    single = [id_ for id_, each in by_id.items() if each.selected == 1]
    contacts = db.session.execute(
        select(RunItem.run_id, RunItem.contact_id).where(
            RunItem.environment_id == environment_id, RunItem.run_id.in_(single)
        )
    )
    of_one = {run_id: contact_id for run_id, contact_id in contacts}
    changes = db.session.execute(
        select(Run.id, Run.remapping).where(
            Run.environment_id == environment_id, Run.id.in_(by_id), Run.remapping.is_not(None)
        )
    )
    remapped = {run_id: change for run_id, change in changes}
    undone = _undone(environment_id, reports)
    put_back = _put_back(environment_id, by_id)
    return {
        id_: About(of_one.get(id_), remapped.get(id_), undone.get(id_), put_back.get(id_))
        for id_ in by_id
    }


def _undone(environment_id: int, reports: Iterable[Report]) -> dict[UUID, Run]:
    """Return of each run that takes another one back, that one."""
    of_them = {each.id: each.undoes_id for each in reports if each.undoes_id is not None}
    runs = db.session.scalars(
        select(Run).where(Run.environment_id == environment_id, Run.id.in_(of_them.values()))
    )
    found = {run.id: run for run in runs}
    return {id_: found[undone] for id_, undone in of_them.items() if undone in found}


def _put_back(environment_id: int, run_ids: Collection[UUID]) -> dict[UUID, Backup]:
    """Return of each run that puts a backup back, the backup, while there is one."""
    rows = db.session.execute(
        select(Run.id, Backup)
        .join(Backup, Backup.id == Run.restores_id)
        .where(
            Run.environment_id == environment_id,
            Backup.environment_id == environment_id,
            Run.id.in_(run_ids),
        )
    )
    return {run_id: backup for run_id, backup in rows}


class People:
    """The CRM's people of one file; once it does not answer, it is not asked again."""

    def __init__(self, owner: Environment) -> None:
        self._crm, self._fields = crm_of(owner), person_fields(owner.id)
        self._is_away = False

    def named(self, items: Iterable[ItemView]) -> Iterator[ItemView]:
        """Yield the items, with name and address where the mirror has neither."""
        rest = iter(items)
        while some := list(islice(rest, MAX_CONTACTS)):
            strange = [each.contact_id for each in some if not (each.name or each.address)]
            found = self._read([id_ for id_ in strange if is_crm_id(id_)])
            yield from (_with(each, found.get(each.contact_id)) for each in some)

    def _read(self, contact_ids: list[str]) -> Mapping[str, Person]:
        if self._is_away or not contact_ids:
            return {}
        # No transaction is open while the CRM is called.
        db.session.rollback()
        try:
            people = self._crm.contacts.get_many(contact_ids).contacts
        except CrmError as error:
            log.info("run.people_unread", error=type(error).__name__)
            self._is_away = True
            return {}
        return {id_: self._fields.person(each) for id_, each in people.items()}


def _with(item: ItemView, person: Person | None) -> ItemView:
    if person is None:
        return item
    return replace(item, name=person.name, address=person.address or person.odd_address or None)
