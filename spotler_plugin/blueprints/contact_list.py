"""Contacts by name: all that are linked, or whose last attempt went wrong, with what repairs it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template

from spotler_plugin.embedding import Session, require
from spotler_plugin.forms.run import ContactsForm
from spotler_plugin.jobs import run as run_jobs
from spotler_plugin.models import Outcome
from spotler_plugin.planning.detail import NOTHING
from spotler_plugin.planning.reason import FOR_SCREEN, FOR_SPOTLER, Reason
from spotler_plugin.services.contact.listing import (
    Listed,
    Wanted,
    WrongBy,
    page_of_contacts,
    retry_wrong,
    wrong_by_reason,
)
from spotler_plugin.services.contact.names import names_of
from spotler_plugin.translation import gettext as _
from spotler_plugin.translation import ngettext, number
from spotler_plugin.wording.runs import outcome_text
from spotler_plugin.wording.text import Text

blueprint = Blueprint("contact_list", __name__, url_prefix="/admin/contacts")

BEYOND_RETRY = FOR_SPOTLER | FOR_SCREEN


@dataclass(frozen=True, slots=True)
class Cause:
    """Why some of them went wrong; `params` choose these."""

    text: Text
    number: int
    params: dict[str, Any]
    may_retry: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A contact of the list, in the screen's words."""

    contact: Listed
    name: str
    text: Text | None


@blueprint.get("")
@require("admin", "admin")
def index(session: Session) -> str:
    return _screen(session, ContactsForm.accept())


@blueprint.post("/retry")
@require("admin", "admin")
def retry(session: Session) -> str:
    """Those of one reason, or all that went wrong."""
    form = ContactsForm.accept()
    opened, run_ids = retry_wrong(session.environment.id, form.reason.data)
    for run_id in run_ids:
        run_jobs.start(run_id)
    said = ngettext(
        "%(count)s contactpersoon wordt opnieuw geprobeerd.",
        "%(count)s contactpersonen worden opnieuw geprobeerd.",
        opened,
        count=number(opened),
    )
    nothing = _("Er was niets meer om opnieuw te proberen.")
    return _screen(session, form, said=said if opened else nothing)


def _screen(session: Session, form: ContactsForm, said: str = "") -> str:
    environment = session.environment
    wanted = Wanted(form.wrong.data, form.reason.data, form.query.data or "")
    page = page_of_contacts(environment.id, wanted, form.number)
    causes = wrong_by_reason(environment.id) if wanted.wrong else []
    unnamed = [each.contact_id for each in page.rows if not each.name]
    names = names_of(environment, unnamed) if unnamed else {}
    return render_template(
        "contact_list/_screen.html",
        page=page,
        form=form,
        wanted=wanted,
        causes=[_cause(session, each, wanted) for each in causes],
        shown=[
            Shown(each, _name(each, names), _text(session, each) if wanted.wrong else None)
            for each in page.rows
        ],
        params=_params(wanted),
        said=said,
    )


def _cause(session: Session, one: WrongBy, wanted: Wanted) -> Cause:
    reason = one.reason or Reason.UNEXPECTED
    text = outcome_text(one.outcome, reason, NOTHING, session.environment.name)
    return Cause(
        text=text or Text(""),
        number=one.number,
        params={"wrong": 1, "reason": one.reason or ""},
        may_retry=one.reason not in BEYOND_RETRY,
        is_chosen=wanted.reason is not None and wanted.reason is one.reason,
    )


def _name(one: Listed, names: dict[str, str]) -> str:
    return one.name or names.get(one.contact_id) or one.address or ""


def _text(session: Session, one: Listed) -> Text | None:
    outcome, reason = one.outcome or Outcome.FAILED, one.reason or Reason.UNEXPECTED
    return outcome_text(outcome, reason, one.detail, session.environment.name)


def _params(wanted: Wanted) -> dict[str, Any]:
    """For a URL."""
    given = {"wrong": wanted.wrong and 1, "reason": wanted.reason, "query": wanted.query}
    return {name: value for name, value in given.items() if value}
