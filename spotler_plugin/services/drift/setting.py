"""What an administrator chose: compare each night or not, and how many may differ unnoticed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import DriftSetting
from spotler_plugin.sql import insert_new


@dataclass(frozen=True, slots=True)
class Chosen:
    nightly: bool = False
    threshold: int = 10
    """The overview gives notice when more linked contacts than this differ."""


def drift_setting(environment_id: int) -> Chosen:
    row = _find(environment_id)
    return Chosen(row.nightly, row.threshold) if row is not None else Chosen()


def choose_setting(environment_id: int, *, nightly: bool, threshold: int) -> None:
    insert_new(
        DriftSetting,
        [{"environment_id": environment_id, "nightly": nightly, "threshold": threshold}],
    )
    row = _find(environment_id)
    if row is not None:
        row.nightly, row.threshold = nightly, threshold


def _find(environment_id: int) -> DriftSetting | None:
    return db.session.scalar(
        select(DriftSetting)
        .where(DriftSetting.environment_id == environment_id)
        .execution_options(populate_existing=True)
    )
