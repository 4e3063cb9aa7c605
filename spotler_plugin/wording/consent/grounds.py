"""On what ground a permission goes on: the usual ones, beside any words of one's own."""

from __future__ import annotations

from spotler_plugin.translation import lazy_gettext as _

LONGEST_GROUND = 200
GROUNDS = (_("toestemming gegeven"), _("bestaande klant"), _("verzoek van de contactpersoon"))
