"""By name the people behind a number of a preview, and those whom it leaves out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import render_template

from spotler_plugin.blueprints.preview.screen import Place
from spotler_plugin.blueprints.run.changes import labels_of
from spotler_plugin.embedding import Session
from spotler_plugin.forms.preview import PeopleForm
from spotler_plugin.models import Figure, Preview, PreviewItem, Source
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.link.status import statuses_of
from spotler_plugin.services.mutation import automation_labels
from spotler_plugin.services.preview.behind import MOST, Number, left_out_for, people_behind
from spotler_plugin.wording.consent.switches import sign_off_words
from spotler_plugin.wording.contact.lag import closed_points
from spotler_plugin.wording.figures import figure_title
from spotler_plugin.wording.reasons import reason_text
from spotler_plugin.wording.text import Text


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom a number counts, and what there is to tell of it."""

    contact_id: str
    name: str
    points: tuple[str, ...] = ()


def people_list(session: Session, row: Preview, form: PeopleForm, place: Place) -> str:
    """A page of whom is asked for."""
    number = form.page.data or 1
    if form.figure.data is None:
        return _left_out(session, row, form.reason.data, number, place)
    behind = Number(form.figure.data, form.subject.data or "", form.end.data or "")
    page = people_behind(row, behind, number)
    title = figure_title(behind, _subject(session, behind), session.environment.name)
    return render_template(
        "preview/_people.html",
        preview=row,
        place=place,
        text=Text(title),
        page=page,
        most=MOST if page.total >= MOST else None,
        params={"figure": behind.figure, "subject": behind.subject, "end": behind.end},
        people=[Person(each.contact_id, each.name) for each in page.rows],
    )


def _left_out(session: Session, row: Preview, reason: Reason, number: int, place: Place) -> str:
    """Whom it leaves out for one reason, and what is known of that."""
    page = left_out_for(row, reason, number)
    labels, crm_name = labels_of(session.environment.id).permissions, session.environment.name
    ids = [each.contact_id for each in page.rows] if reason is Reason.INACTIVE else []
    standings = statuses_of(session.environment.id, ids) if ids else {}
    closed = {id_: each.closed for id_, each in standings.items()}
    return render_template(
        "preview/_people.html",
        preview=row,
        place=place,
        text=reason_text(reason, crm_name),
        page=page,
        most=None,
        params={"reason": reason},
        people=[
            _person(each, labels, closed_points(closed.get(each.contact_id), crm_name))
            for each in page.rows
        ],
    )


def _person(item: PreviewItem, labels: dict[int, str], told: list[Text]) -> Person:
    points = [
        sign_off_words(
            labels.get(bit, str(bit)),
            datetime.fromisoformat(at) if at else None,
            Source(source) if source else None,
        )
        for bit, at, source in item.sign_offs
    ]
    return Person(item.contact_id, item.name, (*map(str, told), *points))


def _subject(session: Session, number: Number) -> str:
    """What the screen calls what the number is about."""
    if not number.subject:
        return ""
    if number.figure is Figure.STARTED:
        found = automation_labels(session.environment.id, [int(number.subject)])
        return found.get(int(number.subject), "")
    labels = labels_of(session.environment.id)
    if number.figure is Figure.SWITCHED:
        return labels.permissions.get(int(number.subject), "")
    return labels.properties.get(number.subject, "")
