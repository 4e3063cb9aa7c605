"""What permissions are called: each as in Spotler, and all that is sent."""

from __future__ import annotations

from collections.abc import Mapping

from spotler_plugin.planning.consent import EVERYTHING
from spotler_plugin.translation import gettext as _


def permission_word(bit: int, labels: Mapping[int, str]) -> str:
    """What was switched; of a sign-off from everything that is all e-mail."""
    if bit == EVERYTHING:
        return _("Alle e-mail")
    return labels.get(bit) or _("Permissie %(bit)s", bit=bit)
