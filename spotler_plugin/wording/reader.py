"""For whom the words are: who can repair something reads how, who cannot reads who can."""

from __future__ import annotations

from flask import g, has_request_context

from spotler_plugin.translation import gettext as _


def is_administrator() -> bool:
    """Whether it is an administrator of the CRM who reads, as far as is known."""
    if not has_request_context():
        return False
    session = g.get("session")
    return str(session.permission if session else g.get("permission")) == "admin"


def report_it() -> str:
    """To whom to report what nobody at the screens can repair."""
    if is_administrator():
        return _("Meld het bij wie de plugin beheert.")
    return _("Meld het bij je beheerder.")


def try_and_report() -> str:
    """The same, of what may be over when it is tried again."""
    if is_administrator():
        return _("Probeer het opnieuw. Blijft het misgaan, meld het dan bij wie de plugin beheert.")
    return _("Probeer het opnieuw. Blijft het misgaan, meld het dan bij je beheerder.")


def report_code() -> str:
    """The same, of what has a code by which it is found."""
    if is_administrator():
        return _("Blijft dit gebeuren, meld de code onder Details dan bij wie de plugin beheert.")
    return _("Blijft dit gebeuren, meld het dan bij je beheerder, met de code onder Details.")


def repair_key(crm: str) -> str:
    """Who repairs key and secret, and how."""
    if is_administrator():
        return _("Kopieer ze opnieuw uit Spotler: Instellingen › Integraties.")
    return _(
        "Een beheerder van %(crm)s kan dat herstellen, in de instellingen van Spotler.", crm=crm
    )


def repaired_by(crm: str) -> str:
    """Who repairs what stands in the way of everybody."""
    if is_administrator():
        return _("Je kunt dit verhelpen bij de instellingen van Spotler.")
    return _("Een beheerder van %(crm)s kan dit verhelpen.", crm=crm)


def enter_key(crm: str) -> str:
    """Who enters them, where there are none yet."""
    if is_administrator():
        return _("Vul bij de instellingen van Spotler de key en secret in.")
    return _("Een beheerder van %(crm)s vult bij de instellingen de key en secret in.", crm=crm)


def choose_account(crm: str) -> str:
    """Who says what becomes of another account's key."""
    if is_administrator():
        return _("Kies bij de instellingen van Spotler hoe het verder gaat.")
    return _("Een beheerder van %(crm)s kiest bij de instellingen hoe het verder gaat.", crm=crm)


def choose_backup(crm: str) -> str:
    """Who says whether it goes on without a backup."""
    if is_administrator():
        return _("Kies bij Back-ups hoe het verder gaat.")
    return _("Een beheerder van %(crm)s kiest bij Back-ups hoe het verder gaat.", crm=crm)
