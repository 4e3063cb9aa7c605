"""How the automatic actions look: the list, the editor, the history, and what one would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template

from spotler_plugin.blueprints.run.changes import labels_of
from spotler_plugin.embedding import Session
from spotler_plugin.forms.automatic_action import AutomaticActionForm, PersonForm
from spotler_plugin.models import AutomaticAction
from spotler_plugin.planning.tally import differences
from spotler_plugin.services.automatic_action.choices import Choices
from spotler_plugin.services.automatic_action.edit import count_firings, list_actions
from spotler_plugin.services.automatic_action.history import page_of_firings
from spotler_plugin.services.automatic_action.try_out import Foreseen, FoundPerson
from spotler_plugin.wording.automatic_action.told import (
    Told,
    alteration_words,
    firing_told,
    foreseen_in_crm,
    foreseen_in_spotler,
)

WITHIN_ADMIN = "admin/_screen.html"
ALONE = "automatic_action/_alone.html"


@dataclass(frozen=True, slots=True)
class Side:
    """What would happen in one of the two, with its values before and after."""

    name: str
    told: Told
    steps: list[tuple[Any, ...]]


def list_screen(session: Session, said: str = "") -> str:
    rows = list_actions(session.environment.id)
    return _rendered(session, "automatic_action/_list.html", rows=rows, said=said)


def editor(
    session: Session,
    form: AutomaticActionForm,
    choices: Choices,
    action: AutomaticAction | None = None,
    *,
    outdated: bool = False,
    said: str = "",
    meanwhile: list[str] | None = None,
) -> str:
    """The form; without an action it makes a new one. `meanwhile`: what somebody else saved."""
    return _rendered(
        session,
        "automatic_action/_editor.html",
        form=form,
        choices=choices,
        action=action,
        fired=count_firings(action) if action else 0,
        outdated=outdated,
        said=said,
        meanwhile=meanwhile or [],
        wrong=form.places(labels_of(session.environment.id).permissions),
    )


def ended(session: Session, said: str, action: AutomaticAction) -> str:
    """What stands in a widget of its own once the work is done; the CRM closes it."""
    return _rendered(session, "automatic_action/_ended.html", said=said, action=action)


def history(session: Session, action: AutomaticAction, number: int, said: str = "") -> str:
    page = page_of_firings(session.environment.id, action.id, number)
    labels = labels_of(session.environment.id).permissions
    crm_name = session.environment.name
    return _rendered(
        session,
        "automatic_action/_history.html",
        action=action,
        page=page,
        shown=[(view, firing_told(view, crm_name, labels)) for view in page.rows],
        said=said,
    )


def trial(
    session: Session,
    action: AutomaticAction,
    form: PersonForm,
    *,
    found: list[FoundPerson] | None = None,
    foreseen: Foreseen | None = None,
) -> str:
    """Choosing a contact, and what the action would do with it."""
    return _rendered(
        session,
        "automatic_action/_trial.html",
        action=action,
        form=form,
        found=found,
        foreseen=foreseen,
        sides=_sides(session, action, foreseen) if foreseen else [],
    )


def _sides(session: Session, action: AutomaticAction, foreseen: Foreseen) -> list[Side]:
    """What would happen in the CRM, where that could be read, and in Spotler."""
    labels, crm_name = labels_of(session.environment.id), session.environment.name
    change = foreseen.change
    differ = differences(change) if change and change.writes else []
    in_spotler = Side(
        "Spotler",
        foreseen_in_spotler(foreseen, action.adjustment, crm_name, labels.permissions),
        [labels.changed(*each) for each in differ],
    )
    if foreseen.name is None:
        return [in_spotler]
    in_crm = [alteration_words(each) for each in foreseen.in_crm]
    return [Side(crm_name, foreseen_in_crm(foreseen), in_crm), in_spotler]


def _rendered(session: Session, template: str, **variables: Any) -> str:
    is_alone = session.widget != "admin"
    return render_template(
        template,
        frame=ALONE if is_alone else WITHIN_ADMIN,
        is_alone=is_alone,
        crm_name=session.environment.name,
        **variables,
    )
