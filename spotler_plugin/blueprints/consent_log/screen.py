"""How the acts look: a list with the newest first, and whom it is about where that is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template

from spotler_plugin.embedding import Session, seal_for_tab
from spotler_plugin.forms.consent_log import ConsentLogForm
from spotler_plugin.planning.consent import EVERYTHING
from spotler_plugin.services.catalogue.permissions import every_permission_label
from spotler_plugin.services.consent_log.acts import ActView
from spotler_plugin.services.consent_log.origin import Origin, origins_of
from spotler_plugin.services.consent_log.people import Person, known_people
from spotler_plugin.services.consent_log.search import COUNTED, Filter, page_of_acts
from spotler_plugin.wording.consent.permissions import permission_word


@dataclass(frozen=True, slots=True)
class Shown:
    """An act, with what its permission is called and where it came from."""

    act: ActView
    permission: str
    origin: Origin | None
    """Of a run that is still there."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The one contact whose acts are shown."""

    contact_id: str
    person: Person
    token: str
    """By which the sheet is opened."""


def screen(session: Session, form: ConsentLogForm, chosen: Filter) -> str:
    environment_id = session.environment.id
    page = page_of_acts(environment_id, chosen, before=form.before.data, after=form.after.data)
    labels = every_permission_label(environment_id)
    form.offer([*labels.items(), (EVERYTHING, permission_word(EVERYTHING, labels))])
    origins = origins_of(environment_id, {act.run_id for act in page.rows if act.run_id})
    return render_template(
        "consent_log/_screen.html",
        page=page,
        counted=COUNTED,
        shown=[
            Shown(
                act,
                permission_word(act.bit, labels),
                origins.get(act.run_id) if act.run_id else None,
            )
            for act in page.rows
        ],
        form=form,
        params=_params(form),
        one=_one(session, chosen.contact_id) if chosen.contact_id else None,
    )


def _one(session: Session, contact_id: str) -> Chosen:
    people = known_people(session.environment.id, {contact_id})
    token = seal_for_tab(session, contact_id)
    return Chosen(contact_id, people.get(contact_id, Person()), token)


def _params(form: ConsentLogForm) -> dict[str, Any]:
    """What was chosen, for a URL."""
    given = {
        "query": form.query.data,
        "contact": form.contact_id,
        "permission": form.permission.data,
        "source": form.source.data,
        "since": form.since.data,
        "until": form.until.data,
    }
    return {name: str(value) for name, value in given.items() if value not in (None, "")}
