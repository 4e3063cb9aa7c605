"""Words of a bulk mutation's plan."""

from __future__ import annotations

from datetime import datetime

from spotler_plugin.models import Source
from spotler_plugin.translation import gettext as _
from spotler_plugin.translation import short_day


def sign_off_words(permission: str, at: datetime | None, source: Source | None) -> str:
    """Which permission stays off, since when, and where it was switched off."""
    if at is None:
        return _("%(permission)s: afgemeld", permission=permission)
    day = short_day(at)
    if source is Source.SPOTLER:
        return _("%(permission)s: afgemeld op %(day)s in Spotler", permission=permission, day=day)
    return _("%(permission)s: uitgezet op %(day)s", permission=permission, day=day)
