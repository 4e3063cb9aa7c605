"""Words of an erasure: how it stands, what was wiped, who asked."""

from __future__ import annotations

from collections.abc import Callable

from spotler_plugin.models import Erasure, ErasureState
from spotler_plugin.services.erasure.find import Outlook
from spotler_plugin.translation import gettext as _
from spotler_plugin.translation import ngettext, number
from spotler_plugin.wording.reasons import reason_text
from spotler_plugin.wording.text import Text

_KINDS: dict[str, Callable[[], str]] = {
    "mirror": lambda: _("stand uit Spotler"),
    "runs": lambda: _("waarden bij synchronisaties"),
    "links": lambda: _("koppeling"),
    "acts": lambda: _("toelichtingen bij permissies"),
    "firings": lambda: _("meldingen bij automatische acties"),
    "previews": lambda: _("voorbeelden"),
    "drifts": lambda: _("verschillen"),
    "backups": lambda: _("back-ups"),
    "mentions": lambda: _("vermeldingen bij anderen"),
}


def erasure_text(row: Erasure, crm_name: str) -> Text:
    """How it stands, and what is still to be done."""
    if row.lifted_at is not None:
        return Text(_("Gewist; koppelen mag weer"))
    if row.state is ErasureState.DONE:
        return Text(_("Gewist"))
    title = _("Wordt gewist")
    if row.reason is None:
        return Text(title, _("Onze kopieën zijn weg. Spotler en de back-ups volgen vanzelf."))
    why = reason_text(row.reason, crm_name)
    return Text(title, why.title, _("Het wordt vanzelf opnieuw geprobeerd, tot het gelukt is."))


def erasure_mark(row: Erasure) -> str:
    """The shape and colour beside it, as a contact's status has them."""
    return "synced" if row.state is ErasureState.DONE else "pending"


def erasure_facts(row: Erasure, crm_name: str) -> list[str]:
    """What was done, and by whom it was asked and lifted."""
    who = row.actor_name or crm_name
    facts = [_("Gevraagd door %(who)s.", who=who)]
    if row.anonymised:
        facts.append(_("In Spotler geanonimiseerd."))
    elif row.state is ErasureState.DONE:
        facts.append(_("In Spotler stond niemand met dit nummer."))
    if wiped := [kind for kind in _KINDS if row.counts.get(kind)]:
        parts = [f"{_KINDS[kind]()} ({number(row.counts[kind])})" for kind in wiped]
        facts.append(_("Hier gewist: %(what)s.", what=", ".join(parts)))
    if row.left_there:
        facts.append(
            ngettext(
                "In Spotler heeft nog %(count)s ander contact dit e-mailadres: beoordeel dat daar.",
                "In Spotler hebben nog %(count)s contacten dit e-mailadres: beoordeel die daar.",
                row.left_there,
                count=number(row.left_there),
            )
        )
    if row.lifted_by_name:
        facts.append(_("Weer toegestaan door %(who)s.", who=row.lifted_by_name))
    return facts


def outlook_facts(outlook: Outlook) -> list[str]:
    """What would be wiped, with its numbers."""
    facts = [
        _("In Spotler wordt het contact geanonimiseerd en op inactief gezet.")
        if outlook.in_spotler
        else _("Staat het contact in Spotler, dan wordt het daar geanonimiseerd.")
    ]
    facts.append(
        ngettext(
            "Wat %(count)s synchronisatie ervan bewaarde, is niet meer ongedaan te maken.",
            "Wat %(count)s synchronisaties ervan bewaarden, is niet meer ongedaan te maken.",
            outlook.runs,
            count=number(outlook.runs),
        )
    )
    facts.append(
        ngettext(
            "%(count)s back-up wordt doorzocht; daarin verdwijnt het contact ook.",
            "%(count)s back-ups worden doorzocht; daarin verdwijnt het contact ook.",
            outlook.backups,
            count=number(outlook.backups),
        )
    )
    facts.append(_("Wat nog wacht voor dit contact wordt gestopt."))
    facts.append(
        _("Bewaard blijven het nummer, wie wanneer permissies wijzigde, en een onleesbaar kenmerk.")
    )
    return facts
