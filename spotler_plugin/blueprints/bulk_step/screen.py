"""How the bulk step looks: the form, the plan beneath it, and who is left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import render_template

from spotler_plugin.blueprints.bulk_step.lines import crm_lines, impact_tables
from spotler_plugin.blueprints.preview.screen import variables
from spotler_plugin.blueprints.run.changes import labels_of
from spotler_plugin.embedding import Session, data_for_script
from spotler_plugin.forms.adjustment.mutation import MutationForm
from spotler_plugin.models import Preview, PreviewItem, PreviewState, Source
from spotler_plugin.planning.adjustment import NO_ADJUSTMENT
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.automatic_action.choices import choices_of
from spotler_plugin.services.link.status import statuses_of
from spotler_plugin.services.mutation import find_saved, mutable_fields
from spotler_plugin.services.pagination import Page
from spotler_plugin.services.preview.request import tally_of
from spotler_plugin.wording.consent.switches import sign_off_words
from spotler_plugin.wording.contact.lag import closed_points
from spotler_plugin.wording.reasons import reason_text
from spotler_plugin.wording.text import Text


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is left out, or stays signed off."""

    contact_id: str
    name: str
    points: tuple[str, ...]


def mutation_form(environment_id: int) -> type[MutationForm]:
    choices = choices_of(environment_id, NO_ADJUSTMENT)
    return MutationForm.of(mutable_fields(environment_id), (one.key for one in choices.permissions))


def page_of(session: Session, form: MutationForm) -> str:
    return render_template(
        "bulk_step/page.html",
        session_data=data_for_script(session),
        widget=session.widget,
        crm_name=session.environment.name,
        form=form,
        choices=choices_of(session.environment.id, NO_ADJUSTMENT),
        saved=find_saved(session.environment.id, session.selection_id) is not None,
    )


def plan_of(
    session: Session,
    row: Preview,
    *,
    form: MutationForm | None = None,
    checked: MutationForm | None = None,
    first: bool = False,
) -> str:
    """What would happen, or how far the working out of it is; `checked` had no errors."""
    shown = variables(session, row, form, first)
    asked = row.adjustment or NO_ADJUSTMENT
    ready = row.state is PreviewState.READY
    return render_template(
        "bulk_step/_plan.html",
        **shown,
        checked=checked,
        quiet=not asked.permissions and not asked.automations,
        only_links=asked == NO_ADJUSTMENT,
        in_crm=crm_lines(session, asked),
        tables=impact_tables(session, asked, tally_of(row)) if ready else (),
    )


def refused(session: Session, form: MutationForm) -> str:
    """In place of the plan: what has to be mended first."""
    places = form.places(labels_of(session.environment.id).permissions)
    return render_template("bulk_step/_refused.html", form=form, places=places)


def people_list(
    session: Session,
    row: Preview,
    reason: Reason,
    page: Page[PreviewItem],
    route: str = "bulk_step.people",
) -> str:
    """By name whom a plan leaves out for one reason; `route` answers the other pages."""
    labels, crm_name = labels_of(session.environment.id).permissions, session.environment.name
    ids = [each.contact_id for each in page.rows] if reason is Reason.INACTIVE else []
    standings = statuses_of(session.environment.id, ids) if ids else {}
    closed = {id_: each.closed for id_, each in standings.items()}
    return render_template(
        "bulk_step/_people.html",
        preview=row,
        reason=reason,
        text=reason_text(reason, crm_name),
        page=page,
        route=route,
        people=[
            _person(each, labels, closed_points(closed.get(each.contact_id), crm_name))
            for each in page.rows
        ],
    )


def ended(session: Session) -> str:
    return render_template("bulk_step/_ended.html", crm_name=session.environment.name)


def saved_otherwise() -> str:
    """In place of the plan: the selection was saved with other choices, in another tab."""
    return render_template("bulk_step/_otherwise.html")


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
