"""Sign-offs seen in Spotler: a permission that was on is off, and we did not write it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Source


@dataclass(frozen=True, slots=True)
class SignOff:
    """A permission switched off in Spotler, by the recipient or by a user there."""

    contact_id: str
    bit: int
    at: datetime


def note_sign_offs(environment_id: int, found: Sequence[SignOff]) -> None:
    """Record sign-offs as acts, with Spotler as their source.

    Skips a bit that an act of ours without `applied_at` switches off. Happens when a worker died
    after Spotler took the write: that is no sign-off.
    """
    if not found:
        return
    own = {
        (contact_id, bit)
        for contact_id, bit in db.session.execute(
            select(Act.contact_id, Act.bit).where(
                Act.environment_id == environment_id,
                Act.contact_id.in_({each.contact_id for each in found}),
                Act.applied_at.is_(None),
                Act.enabled.is_(False),
            )
        )
    }
    acts = [
        {
            "environment_id": environment_id,
            "contact_id": each.contact_id,
            "bit": each.bit,
            "enabled": False,
            "at": each.at,
            "source": Source.SPOTLER,
            "applied_at": each.at,
        }
        for each in found
        if (each.contact_id, each.bit) not in own
    ]
    if acts:
        db.session.execute(insert(Act), acts)
