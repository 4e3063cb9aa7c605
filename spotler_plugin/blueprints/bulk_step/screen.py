"""How the bulk step looks: the form, and the plan beneath it."""

from __future__ import annotations

from flask import render_template

from spotler_plugin.blueprints.bulk_step.lines import crm_lines, impact_tables
from spotler_plugin.blueprints.preview.screen import Place, variables
from spotler_plugin.blueprints.run.changes import labels_of
from spotler_plugin.embedding import Session, data_for_script
from spotler_plugin.forms.adjustment.mutation import MutationForm
from spotler_plugin.models import Preview, PreviewState
from spotler_plugin.planning.adjustment import NO_ADJUSTMENT
from spotler_plugin.services.automatic_action.choices import choices_of
from spotler_plugin.services.mutation import find_saved, mutable_fields
from spotler_plugin.services.preview.request import tally_of

PLACE = Place("bulk_step", target="#plan")


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
    shown = variables(session, row, form, first, PLACE)
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


def ended(session: Session) -> str:
    return render_template("bulk_step/_ended.html", crm_name=session.environment.name)


def saved_otherwise() -> str:
    """In place of the plan: the selection was saved with other choices, in another tab."""
    return render_template("bulk_step/_otherwise.html")
