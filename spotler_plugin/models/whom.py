"""Which contacts something of many is about."""

from __future__ import annotations

from enum import StrEnum


class Whom(StrEnum):
    """Which contacts a run, or its preview, is about."""

    LINKED = "linked"
    """All linked contacts."""
    SELECTION = "selection"
    """Those that were ticked in the CRM."""
    RUN = "run"
    """Those of a run that it changed, or may have."""
    BACKUP = "backup"
    """All linked contacts, or those that a search finds: a backup may have them."""
    REST = "rest"
    """Those of a run that it has not done."""
