"""By name, of whom a run would do less than was asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from spotler_plugin.models import Preview, PreviewItem
from spotler_plugin.planning.plan import Change
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.preview.foresee import Foresight


def name_of(contact_id: str, change: Change, names: Mapping[str, str]) -> str:
    """Return by what name a contact is kept; of an erased one nothing is but its id."""
    return contact_id if change.reason is Reason.ERASED else names.get(contact_id, "")


def left_alone_of(
    row: Preview, foreseen: Foresight, names: Mapping[str, str]
) -> Iterator[PreviewItem]:
    """Yield by name of whom an undo leaves something alone that others changed since."""
    for contact_id, change in foreseen.changes.items():
        if change.detail.since or change.detail.stays_on:
            yield PreviewItem(
                environment_id=row.environment_id,
                preview_id=row.id,
                contact_id=contact_id,
                name=names.get(contact_id, ""),
                reason=Reason.CHANGED_SINCE,
                detail=change.detail,
            )


def exceptions_of(
    row: Preview, foreseen: Foresight, names: Mapping[str, str]
) -> Iterator[PreviewItem]:
    """Yield by name of whom less would be done than was asked."""
    for contact_id, change in foreseen.changes.items():
        bits = change.detail.signed_off
        reason = Reason.SIGNED_OFF if bits else change.reason
        if reason is not None:
            acts = [(bit, foreseen.sign_offs.get((contact_id, bit))) for bit in bits]
            yield PreviewItem(
                environment_id=row.environment_id,
                preview_id=row.id,
                contact_id=contact_id,
                name=name_of(contact_id, change, names),
                reason=reason,
                sign_offs=[
                    [bit, act.at.isoformat() if act else None, act.source if act else None]
                    for bit, act in acts
                ],
            )
