"""Words about an address that several contacts have: whose it is, and what follows from that."""

from __future__ import annotations

from spotler_plugin.services.contact.shared import Shared, Sharer
from spotler_plugin.translation import gettext as _
from spotler_plugin.translation import short_day
from spotler_plugin.wording.text import Text


def sharer_word(sharer: Sharer) -> str:
    """What another contact with the address is called."""
    return sharer.name or _("Contact %(id)s", id=sharer.contact_id)


def shared_text(shared: Shared) -> Text:
    """That it is shared, and with whom; or whose it is, where a person said so."""
    if shared.owner is not None:
        return Text(
            _("Dit e-mailadres is van %(owner)s.", owner=sharer_word(shared.owner)), _said(shared)
        )
    if shared.is_settled:
        return Text(_("Dit e-mailadres is van deze contactpersoon."), _said(shared))
    names = [sharer_word(each) for each in shared.others]
    told = _("%(names)s en %(last)s", names=", ".join(names[:-1]), last=names[-1])
    return Text(
        _("Dit e-mailadres hoort ook bij %(names)s.", names=told if names[1:] else names[0]),
        _("In Spotler kan een e-mailadres maar bij één contact horen."),
    )


def mine_text(shared: Shared, crm_name: str) -> str:
    """What follows where it is this contact's."""
    told = _(
        "Het contact in Spotler krijgt het nummer en de gegevens van deze contactpersoon. Mailings"
        " en permissies blijven zoals ze daar zijn: wat uit staat, blijft uit."
    )
    holder = shared.holder
    if holder is None:
        return told
    if not holder.is_in_crm:
        return f"{told} " + _("In %(crm)s is de ander niet bekend.", crm=crm_name)
    return f"{told} " + _("%(who)s wordt ontkoppeld.", who=sharer_word(holder))


def theirs_text(crm_name: str) -> str:
    """What follows where it is another contact's."""
    return _(
        "Er verandert niets in Spotler, en deze contactpersoon wordt niet gekoppeld. Geef de"
        " contactpersoon in %(crm)s een eigen e-mailadres om te koppelen.",
        crm=crm_name,
    )


def _said(shared: Shared) -> str:
    who = shared.by or _("onbekend")
    if shared.at is None:
        return ""
    return _("Dat zei %(who)s op %(day)s.", who=who, day=short_day(shared.at))
