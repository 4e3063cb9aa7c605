"""By what the data of a contact are found: kept, encrypted, until all of them are gone."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import or_, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Link, MirrorContact, RunItem
from spotler_plugin.planning.consent import EVERYTHING
from spotler_plugin.planning.values.address import address_key, spellings
from spotler_plugin.services.link.address import find_holding
from spotler_plugin.services.mirror.read import name_of
from spotler_plugin.sql import among

SHORTEST = 4
"""Characters; a shorter text says too little of whose it is."""


@dataclass(frozen=True, slots=True)
class Remains:
    """What is looked for."""

    ids: frozenset[str]
    """The contact's, and of those that the CRM merged into it."""
    others: frozenset[str] = frozenset()
    """Ids under which copies of it are: who had its address before, and is not linked."""
    unsure: frozenset[str] = frozenset()
    """Ids that somebody else may have in this Spotler account."""
    addresses: frozenset[str] = frozenset()
    """In small letters and by their keys; none that another linked contact has."""
    texts: frozenset[str] = frozenset()
    """Its names, numbers and other values, in small letters."""
    on: frozenset[str] = frozenset()
    """Permissions that Spotler had on when it was last read (`on_word`)."""

    @property
    def all_ids(self) -> frozenset[str]:
        return self.ids | self.others

    def says(self, text: str) -> bool:
        """Return whether a text has one of its addresses, or is one of its values."""
        lowered = text.lower()
        return lowered in self.texts or any(each in lowered for each in self.addresses)

    def with_addresses(self, environment_id: int, addresses: Iterable[str | None]) -> Remains:
        """Return a copy that also looks for these, but for those of another linked contact."""
        keys = {each.lower(): address_key(each) or each.lower() for each in addresses if each}
        own = _own(environment_id, self.ids, set(keys.values()))
        given = {each for each, key in keys.items() if key in own}
        return replace(self, addresses=self.addresses | given | _spelled(own))

    def in_another_account(self) -> Remains:
        """Return a copy for a Spotler account in which the ids may be somebody else's."""
        return replace(self, unsure=self.ids)

    def joined(self, other: Remains) -> Remains:
        """Return what either of two looks for."""
        both = {name: value | getattr(other, name) for name, value in _parts(self).items()}
        return Remains(**both)

    def dumps(self) -> str:
        return json.dumps({name: sorted(value) for name, value in _parts(self).items()})

    @classmethod
    def loads(cls, text: str) -> Remains:
        return cls(**{name: frozenset(value) for name, value in json.loads(text).items()})


def _parts(remains: Remains) -> dict[str, frozenset[str]]:
    return {each.name: getattr(remains, each.name) for each in fields(remains)}


def find_remains(environment_id: int, contact_id: str) -> Remains:
    """Return what our tables know of a contact."""
    of_environment = Link.environment_id == environment_id
    links = db.session.execute(
        select(Link.contact_id, Link.address, Link.former_address).where(
            of_environment, or_(Link.contact_id == contact_id, Link.merged_into == contact_id)
        )
    ).all()
    ids = {contact_id, *(id_ for id_, _address, _former in links)}
    unsure = {id_ for id_, _address, former in links if former is not None}
    mirrored = _mirrored(environment_id, MirrorContact.external_id, ids - unsure)
    addresses = {each.lower() for _id, *both in links for each in both if each}
    addresses |= {row.address for row in mirrored if row.address}
    own = _own(environment_id, ids, addresses)
    others = set(
        db.session.scalars(
            select(Link.contact_id).where(
                of_environment, among(Link.address, own), Link.linked_at.is_(None)
            )
        )
    )
    mirrored += _mirrored(environment_id, MirrorContact.address, own)
    texts = {text for row in mirrored for text in _texts(row.properties)}
    return Remains(
        ids=frozenset(ids),
        others=frozenset(others - ids),
        unsure=frozenset(unsure),
        addresses=_spelled(own),
        texts=frozenset(texts | _written(environment_id, ids | others)),
        on=frozenset(_on(mirrored)),
    )


def on_word(contact_id: str, bit: int) -> str:
    """Return how a permission that is on is kept."""
    return f"{bit} {contact_id}"


def _on(mirrored: Collection[MirrorContact]) -> set[str]:
    """Return what is on, of those with an id of ours; that it is active stands for everything."""
    return {
        on_word(row.external_id, bit)
        for row in mirrored
        if row.external_id
        for bit, enabled in {**row.permissions, EVERYTHING: row.active}.items()
        if enabled
    }


def _own(environment_id: int, ids: Collection[str], addresses: Collection[str]) -> frozenset[str]:
    """Leave out what another linked contact has: that is its data as well."""
    holding = find_holding(environment_id, addresses) if addresses else []
    return frozenset(addresses) - {address for id_, address in holding if id_ not in ids}


def _spelled(addresses: Collection[str]) -> frozenset[str]:
    """Return each with its domain in either alphabet: a person may have typed either."""
    return frozenset(form.lower() for each in addresses for form in spellings(each))


def _mirrored(environment_id: int, column: Any, values: Collection[str]) -> list[MirrorContact]:
    rows = select(MirrorContact).where(
        MirrorContact.environment_id == environment_id, among(column, values)
    )
    return list(db.session.scalars(rows)) if values else []


def _written(environment_id: int, ids: Collection[str]) -> set[str]:
    """Return the texts of what runs overwrote and wrote."""
    rows = db.session.execute(
        select(RunItem.before, RunItem.after).where(
            RunItem.environment_id == environment_id,
            among(RunItem.contact_id, ids),
            or_(RunItem.before.is_not(None), RunItem.after.is_not(None)),
        )
    )
    return {
        text
        for images in rows
        for image in images
        if image is not None
        for text in _texts(image.properties)
    }


def _texts(properties: Mapping[str, Any]) -> set[str]:
    values = [*properties.values(), name_of(properties)]
    texts = {value.strip().lower() for value in values if isinstance(value, str)}
    return {each for each in texts if len(each) >= SHORTEST}
