"""The acts as a file for a spreadsheet.

Its name says whether it has all of them. Moments are those of the clock in the Netherlands, and in
UTC, so that they say the same wherever the file is read; numbers of contacts keep their zeros.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from flask import Response

from spotler_plugin.blueprints.csv_file import csv_response
from spotler_plugin.embedding import Session
from spotler_plugin.planning.backup.cells import written
from spotler_plugin.services.catalogue.permissions import every_permission_label
from spotler_plugin.services.consent_log.acts import ActView
from spotler_plugin.translation import TIME_ZONE
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.consent.log import (
    actor_word,
    arrival_word,
    ground_word,
    source_word,
    switch_word,
)
from spotler_plugin.wording.consent.permissions import permission_word

REMEMBERED = 4096


def answer(session: Session, acts: Iterable[ActView], *, is_filtered: bool) -> Response:
    labels = every_permission_label(session.environment.id)
    name = _("toestemmingen-selectie") if is_filtered else _("toestemmingen-alles")
    file = f"{name}-{datetime.now(TIME_ZONE):%Y%m%d-%H%M}.csv"
    return csv_response(file, _head(), _rows(acts, labels), is_safe=True)


def _head() -> list[str]:
    return [
        _("CRM-nummer"),
        _("Naam"),
        _("E-mailadres"),
        _("Permissie"),
        _("Aan of uit"),
        _("Wanneer (Nederlandse tijd)"),
        _("Wanneer (UTC)"),
        _("Door"),
        _("Geschakeld via"),
        _("Grond"),
        _("In Spotler"),
        _("Doorgevoerd op (UTC)"),
        _("Synchronisatie"),
        _("Kenmerk van het adres"),
    ]


def _rows(acts: Iterable[ActView], labels: Mapping[int, str]) -> Iterator[Sequence[str]]:
    # Most cells come again and again.
    cell = lru_cache(REMEMBERED)(_cell)
    return (_row(act, labels, cell) for act in acts)


def _row(
    act: ActView, labels: Mapping[int, str], cell: Callable[[str | None], str]
) -> Sequence[str]:
    """The cells; what others wrote is kept from being carried out, or changed."""
    return (
        cell(act.contact_id),
        cell(act.person.name),
        cell(act.person.address),
        cell(permission_word(act.bit, labels)),
        cell(switch_word(act)),
        _moment(act.at.astimezone(TIME_ZONE)),
        _moment(act.at),
        cell(actor_word(act)),
        cell(source_word(act.source)),
        cell(ground_word(act)),
        cell(arrival_word(act)),
        _moment(act.applied_at) if act.applied_at else "",
        cell(str(act.run_id)) if act.run_id else "",
        cell(act.digest),
    )


def _cell(text: str | None) -> str:
    return written(text) if text else ""


def _moment(moment: datetime) -> str:
    """As any spreadsheet reads a moment."""
    return moment.replace(tzinfo=None).isoformat(" ", "seconds")
