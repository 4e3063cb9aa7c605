"""The claims on addresses of a preview's earlier chunks: a row each, until it is computed."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select

from spotler_plugin.extensions import db
from spotler_plugin.models import PreviewClaim
from spotler_plugin.planning.claims import Claims
from spotler_plugin.sql import among


def find_claims(
    environment_id: int, preview_id: UUID, addresses: Collection[str], contact_ids: Collection[str]
) -> Claims:
    """Return the claims on these addresses, and those of these contacts."""
    rows = db.session.execute(
        select(PreviewClaim.contact_id, PreviewClaim.address, PreviewClaim.goes).where(
            _of(environment_id, preview_id),
            or_(
                among(PreviewClaim.address, addresses),
                among(PreviewClaim.contact_id, contact_ids),
            ),
        )
    ).all()
    return Claims(
        went={contact_id: address for contact_id, address, goes in rows if goes},
        stayed={contact_id: address for contact_id, address, goes in rows if not goes},
    )


def keep_claims(environment_id: int, preview_id: UUID, claims: Claims) -> None:
    """Keep the claims of one more chunk."""
    of_this = {"environment_id": environment_id, "preview_id": preview_id}
    rows = [
        {**of_this, "contact_id": contact_id, "address": address, "goes": goes}
        for goes, part in ((True, claims.went), (False, claims.stayed))
        for contact_id, address in part.items()
    ]
    if rows:
        db.session.execute(insert(PreviewClaim), rows)


def forget_claims(environment_id: int, preview_id: UUID) -> None:
    """Delete them, when all contacts were planned."""
    db.session.execute(delete(PreviewClaim).where(_of(environment_id, preview_id)))


def _of(environment_id: int, preview_id: UUID) -> ColumnElement[bool]:
    return and_(
        PreviewClaim.environment_id == environment_id, PreviewClaim.preview_id == preview_id
    )
