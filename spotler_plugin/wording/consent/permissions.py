"""What permissions are called: each as in Spotler, and all that is sent."""

from __future__ import annotations

from collections.abc import Mapping

from spotler_plugin.planning.consent import EVERYTHING
from spotler_plugin.translation import gettext as _


def with_everything(labels: Mapping[int, str]) -> dict[int, str]:
    """Return the labels by bit, and besides what an act about all mail is called."""
    return {EVERYTHING: _("Alle mail"), **labels}
