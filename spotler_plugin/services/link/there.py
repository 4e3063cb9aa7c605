"""Contacts that are not linked, and whose address Spotler has all the same."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists

from spotler_plugin.models import Link, MirrorContact


def is_there(environment_id: int) -> ColumnElement[bool]:
    """Return the condition that a link ties nobody yet, and could: Spotler has the address.

    Left out is where an attempt said why it does not go, and who is gone from the CRM.
    """
    here = (Link.deleted_at, Link.merged_into, Link.erased_at)
    return and_(
        Link.environment_id == environment_id,
        Link.linked_at.is_(None),
        Link.problem.is_(None),
        *(each.is_(None) for each in here),
        exists().where(
            MirrorContact.environment_id == environment_id, MirrorContact.address == Link.address
        ),
    )


def is_untouched(environment_id: int) -> ColumnElement[bool]:
    """Return the condition that a contact is linked, and nothing was written to it yet."""
    return and_(
        Link.environment_id == environment_id,
        Link.linked_at.is_not(None),
        Link.synced_at.is_(None),
    )
