"""By name, the people behind each number of a preview: the first of each while it is computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from spotler_plugin.extensions import db
from spotler_plugin.models import ADDING, Figure, Preview, PreviewItem
from spotler_plugin.planning.adjustment import NO_ADJUSTMENT
from spotler_plugin.planning.plan import Change, ChangeKind
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.tally import Switched, is_loss, lessened, started, switched
from spotler_plugin.services.desired import Desired
from spotler_plugin.services.pagination import SIZE, Page, within
from spotler_plugin.services.preview.left_out import name_of

MOST = 200
"""Contacts of each number that are kept by name."""


@dataclass(frozen=True, slots=True)
class Number:
    """One of the numbers of a preview."""

    figure: Figure
    subject: str = ""
    end: str = ""


def behind_numbers(
    row: Preview,
    changes: Mapping[str, Change],
    desired: Desired,
    enrolled: Mapping[int, Collection[str]],
) -> Iterator[PreviewItem]:
    """Yield who of a chunk counts for a number that has room for more names."""
    named = _named(row)
    for contact_id, change in changes.items():
        for number in _numbers_of(row, contact_id, change, desired, enrolled):
            if named[number] < MOST:
                named[number] += 1
                yield PreviewItem(
                    environment_id=row.environment_id,
                    preview_id=row.id,
                    contact_id=contact_id,
                    name=name_of(contact_id, change, desired.names),
                    figure=number.figure,
                    subject=number.subject,
                    end=number.end,
                )


def left_out_for(preview: Preview, reason: Reason, number: int) -> Page[PreviewItem]:
    """Return a page of those of whom less would be done than was asked, for one reason."""
    return _page(preview, number, PreviewItem.reason == reason)


def people_behind(preview: Preview, behind: Number, number: int) -> Page[PreviewItem]:
    """Return a page of those that are kept of one number."""
    return _page(
        preview,
        number,
        PreviewItem.reason.is_(None),
        PreviewItem.figure == behind.figure,
        PreviewItem.subject == behind.subject,
        PreviewItem.end == behind.end,
    )


def _numbers_of(
    row: Preview,
    contact_id: str,
    change: Change,
    desired: Desired,
    enrolled: Mapping[int, Collection[str]],
) -> Iterator[Number]:
    """Yield the numbers that a contact counts for; who is blocked, or signed off, is named with the
    reason."""
    if change.kind is not ChangeKind.BLOCKED:
        yield from _changed(row, change)
    for bit in (row.adjustment or NO_ADJUSTMENT).permissions:
        end = switched(change, bit)
        if end is not Switched.SIGNED_OFF:
            yield Number(Figure.SWITCHED, str(bit), end)
    for automation, contacts in enrolled.items():
        yield Number(Figure.STARTED, str(automation), started(change, contact_id in contacts))
    if row.undo is None:
        return
    if change.detail.stays_off:
        yield Number(Figure.STAYS_OFF)
    if change.detail.stays_linked:
        yield Number(Figure.STAYS_LINKED)
    if desired.alterations.get(contact_id):
        yield Number(Figure.IN_CRM)


def _changed(row: Preview, change: Change) -> Iterator[Number]:
    if change.kind is ChangeKind.UNCHANGED:
        yield Number(Figure.UNCHANGED)
    elif change.kind is ChangeKind.LINK and row.kind in ADDING:
        yield Number(Figure.LINKED)
    else:
        yield Number(Figure.UPDATED)
    if is_loss(change):
        yield Number(Figure.EMPTIED)
        if change.after.loss.switched_off:
            yield Number(Figure.SWITCHED_OFF)
    for property in change.emptied:
        yield Number(Figure.EMPTIED, property)
    for property in lessened(change):
        yield Number(Figure.LESSENED, property)
    for property, reason in {(each.property, each.reason) for each in change.detail.refusals}:
        yield Number(Figure.REFUSED, property, reason)


def _named(row: Preview) -> Counter[Number]:
    """Count the names that each number has."""
    of_number = PreviewItem.figure, PreviewItem.subject, PreviewItem.end
    rows = db.session.execute(
        select(*of_number, func.count())
        .where(
            PreviewItem.environment_id == row.environment_id,
            PreviewItem.preview_id == row.id,
            PreviewItem.reason.is_(None),
        )
        .group_by(*of_number)
    )
    return Counter({Number(figure, subject, end): n for figure, subject, end, n in rows if figure})


def _page(preview: Preview, number: int, *parts: ColumnElement[bool]) -> Page[PreviewItem]:
    which = (
        PreviewItem.environment_id == preview.environment_id,
        PreviewItem.preview_id == preview.id,
        *parts,
    )
    total = db.session.scalar(select(func.count()).select_from(PreviewItem).where(*which)) or 0
    number = within(number, total)
    rows = db.session.scalars(
        select(PreviewItem)
        .where(*which)
        .order_by(PreviewItem.id)
        .limit(SIZE)
        .offset((number - 1) * SIZE)
    ).all()
    return Page(rows, number, total)
