"""Words of backups: what each is, how it stands, and why a row of a file is not in it."""

from __future__ import annotations

from collections.abc import Callable

from spotler_plugin.models import Backup, BackupCause, BackupKind, BackupState
from spotler_plugin.planning.backup.fault import Fault
from spotler_plugin.planning.reason import Reason
from spotler_plugin.translation import gettext as _
from spotler_plugin.translation import number
from spotler_plugin.wording.reader import try_and_report
from spotler_plugin.wording.reasons import failed_text, reason_text
from spotler_plugin.wording.text import Text

_STATES: dict[BackupState, Callable[[], str]] = {
    BackupState.OPEN: lambda: _("Bezig"),
    BackupState.UNMATCHED: lambda: _("Wacht op jou"),
    BackupState.COMPLETE: lambda: _("Klaar"),
    BackupState.FAILED: lambda: _("Mislukt"),
    BackupState.CANCELLED: lambda: _("Gestopt"),
}
_MARKS = {
    BackupState.OPEN: "pending",
    BackupState.UNMATCHED: "inactive",
    BackupState.COMPLETE: "synced",
    BackupState.FAILED: "error",
    BackupState.CANCELLED: "not_synced",
}
_FAULTS: dict[Fault, Callable[[], str]] = {
    Fault.NOBODY: lambda: _("Geen external id en geen e-mailadres"),
    Fault.DOUBLED: lambda: _("Dit contact staat er al eerder in"),
    Fault.NO_ADDRESS: lambda: _("Dit is geen e-mailadres"),
    Fault.SHORT: lambda: _("De rij heeft niet evenveel cellen als er koppen zijn"),
    Fault.TOO_LONG: lambda: _("Dit is te lang voor een id"),
    Fault.ZEROS: lambda: _("Nullen aan het begin zijn weg"),
    Fault.EXPONENT: lambda: _("Van dit getal zijn cijfers weg"),
    Fault.DAY: lambda: _("Het rekenblad heeft hier een datum van gemaakt"),
    Fault.APOSTROPHE: lambda: _("Er staat een apostrof voor"),
    Fault.ERROR: lambda: _("Hier staat een foutmelding van het rekenblad"),
    Fault.NOT_A_DATE: lambda: _("Dit is geen datum, of een die op twee manieren te lezen is"),
    Fault.NOT_A_NUMBER: lambda: _("Dit is geen getal"),
    Fault.NOT_A_SWITCH: lambda: _("Hier hoort ja of nee te staan"),
    Fault.NOT_JSON: lambda: _("Dit is geen JSON"),
}


def backup_title(row: Backup) -> str:
    """What it is, and who asked: "Back-up gemaakt door A. de Vries"."""
    if row.kind is BackupKind.UPLOADED:
        return _("Bestand %(name)s van %(who)s", name=row.file_name, who=row.actor_name)
    if row.cause is BackupCause.FIRST:
        return _("Eerste back-up, gemaakt bij het verbinden")
    if row.cause is BackupCause.NIGHTLY:
        return _("Back-up van de nacht")
    return _("Back-up door %(who)s", who=row.actor_name or _("onbekend"))


def backup_state(row: Backup) -> str:
    return _STATES[row.state]()


def backup_mark(row: Backup) -> str:
    """The shape and colour beside the word, as a contact's status has them."""
    return _MARKS[row.state]


def backup_reason(reason: Reason, crm_name: str, *, goes_on: bool) -> Text:
    """Why it waits or failed."""
    if reason is Reason.UNEXPECTED:
        return Text(
            _("Er ging iets mis in de plugin"),
            "" if goes_on else _("Er is niets half bewaard."),
            _("Het wordt vanzelf opnieuw geprobeerd.") if goes_on else try_and_report(),
        )
    if goes_on:
        return Text(reason_text(reason, crm_name).title, "", _("Het gaat vanzelf door."))
    return failed_text(reason, crm_name)


def spent_link() -> Text:
    """What is said of a link that leads to no file, or not any more."""
    return Text(
        _("Deze link werkt niet meer"),
        _("Een link naar een back-up werkt één keer, en niet langer dan een minuut."),
        _("Open Back-ups in het CRM, en kies opnieuw Downloaden als CSV."),
    )


def fault_text(fault: Fault) -> str:
    return _FAULTS[fault]()


def size_text(size: int) -> str:
    """Format a number of bytes: 12 kB, 3,4 MB."""
    if size < 1_000_000:
        return _("%(size)s kB", size=number(max(1, round(size / 1000))))
    return _("%(size)s MB", size=number(round(size / 1_000_000, 1)))
