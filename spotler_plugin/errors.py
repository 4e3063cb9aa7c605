"""Map errors to HTTP answers; this table is the policy.

| What happened                                  | Status  | Where it shows                        |
|------------------------------------------------|---------|---------------------------------------|
| no session, or an expired one                  | 401     | nowhere: requests.js renews, repeats  |
| launch token refused, for whatever reason      | 403     | a page; the request's id in Details   |
| environment disabled, wrong widget, no right   | 403     | notice                                |
| sent by another site's page                    | 403     | notice                                |
| not found, too large, wrong method …           | its own | notice                                |
| Spotler or the CRM failed and nobody caught it | 502     | notice                                |
| the database is locked, read-only, full, away  | 503     | notice; the form stays as it is       |
| a bug of ours                                  | 500     | notice; its id in Details and log     |

Under /api/ a program asks: all of these are JSON there, `error` and `detail`.
A form with wrong input is not an error: its view answers 422 with the form, and htmx swaps it in.
A notice goes to the widget's own region (`#notices`) for htmx requests, else it is a short page.
Outsiders are never told why a request was refused; the log says it.
"""

from __future__ import annotations

from http import HTTPStatus
from uuid import uuid4

from flask import Flask, Response, current_app, g, jsonify, render_template, request
from flask_htmx import make_response
from sqlalchemy.exc import SQLAlchemyError
from structlog import get_logger
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from spotler_plugin.crm import CrmError
from spotler_plugin.embedding import LaunchRefused, NotAllowed, SessionExpired, SessionRefused
from spotler_plugin.embedding.frame import CrossSite
from spotler_plugin.extensions import SAFE_METHODS, db, htmx
from spotler_plugin.planning.reason import Reason
from spotler_plugin.spotler import CredentialsRefused, SpotlerError
from spotler_plugin.translation import gettext as _
from spotler_plugin.trouble import Trouble, trouble_of
from spotler_plugin.wording.reader import report_code, try_and_report
from spotler_plugin.wording.reasons import failed_text
from spotler_plugin.wording.text import Text

RETRY_SECONDS = "10"
FOR_PROGRAMS = "/api/"
"""How the addresses begin that no person asks for."""

log = get_logger()


def init_app(app: Flask) -> None:
    app.register_error_handler(SessionExpired, session_expired)
    app.register_error_handler(LaunchRefused, launch_refused)
    app.register_error_handler(SessionRefused, refused)
    app.register_error_handler(CrossSite, refused)
    app.register_error_handler(NotAllowed, not_allowed)
    app.register_error_handler(HTTPException, of_http)
    app.register_error_handler(SpotlerError, of_spotler)
    app.register_error_handler(CrmError, of_crm)
    app.register_error_handler(SQLAlchemyError, of_database)
    app.register_error_handler(Exception, internal_error)


def session_expired(_error: SessionExpired) -> Response:
    text = Text(_("Je sessie is verlopen"), "", _("Open dit opnieuw vanuit het CRM."))
    response: Response = make_response(notice(401, text), trigger="session-expired")
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def launch_refused(error: LaunchRefused) -> Response:
    """Answer the number of the request, by which the reason is found in the log."""
    clock = {} if error.age is None else {"age": error.age}
    log.warning("launch.refused", because=str(error), **clock)
    title = _("Dit onderdeel kon niet worden geopend")
    text = Text(title, _("Sluit het en open het opnieuw vanuit het CRM."), report_code())
    if error.is_unknown:
        text = Text(title, _("Deze versie van de plugin heeft het niet."), report_code())
    elif error.lacks_right:
        who = _("Vraag het een beheerder van het CRM.")
        text = Text(title, _("Je rechten in het CRM laten dit niet toe."), who)
    return notice(403, text, g.request_id)


def refused(error: Exception) -> Response:
    log.warning("request.refused", because=type(error).__name__)
    return notice(403, Text(_("Geen toegang"), _("Open dit opnieuw vanuit het CRM.")))


def not_allowed(_error: NotAllowed) -> Response:
    return notice(
        403,
        Text(
            _("Dit mag je niet"),
            _("Je rechten in het CRM laten dit niet toe."),
            _("Vraag het een beheerder van het CRM."),
        ),
    )


def of_http(error: HTTPException) -> Response:
    if error.response is not None or error.code is None:
        return current_app.make_response(error.get_response())
    texts = {
        404: Text(_("Niet gevonden"), _("Dit bestaat niet, of niet meer.")),
        413: Text(_("Te groot"), _("Wat je stuurt is groter dan de plugin aanneemt.")),
    }
    unknown = Text(_("Dat kan hier niet"), "", _("Sluit dit en open het opnieuw."))
    response = notice(error.code, texts.get(error.code, unknown), f"{error.code} {error.name}")
    if isinstance(error, MethodNotAllowed):
        response.allow.update(error.valid_methods or ())
    return response


def of_spotler(error: SpotlerError) -> Response:
    log.warning("spotler.uncaught", error=type(error).__name__, status=error.status)
    wrong_key = isinstance(error, CredentialsRefused)
    reason = Reason.CREDENTIALS_REFUSED if wrong_key else Reason.SPOTLER_AWAY
    return notice(502, failed_text(reason, ""), type(error).__name__)


def of_crm(error: CrmError) -> Response:
    log.warning("crm.uncaught", error=type(error).__name__)
    session = g.get("session")
    crm_name = session.environment.name if session else "CRM"
    return notice(502, failed_text(Reason.CRM_AWAY, crm_name), type(error).__name__)


def of_database(error: SQLAlchemyError) -> Response:
    trouble = trouble_of(error)
    if trouble is None:
        return internal_error(error)
    db.session.rollback()
    log.error("database.trouble", trouble=trouble, error=type(error).__name__)
    titles = {
        Trouble.LOCKED: _("De plugin is nu te druk"),
        Trouble.READ_ONLY: _("De plugin kan nu niets bewaren"),
        Trouble.FULL: _("De schijf van de plugin is vol"),
    }
    unsaved = {
        # The connection may have broken after it was saved, and before we were told.
        Trouble.AWAY: _("Het is niet zeker of dit is opgeslagen. Wat je invulde, staat er nog."),
    }.get(trouble, _("Dit is niet opgeslagen. Wat je invulde, staat er nog."))
    text = Text(
        titles.get(trouble, _("De plugin kan nu niet bij zijn gegevens")),
        "" if request.method in SAFE_METHODS else unsaved,
        try_and_report(),
    )
    response = notice(503, text)
    response.headers["Retry-After"] = RETRY_SECONDS
    return response


def internal_error(error: Exception) -> Response:
    if current_app.testing:
        raise error
    number = uuid4().hex[:12]
    log.error("request.failed", id=number, exc_info=error)
    return notice(
        500,
        Text(
            _("Er ging iets mis in de plugin"),
            _("Probeer het opnieuw."),
            report_code(),
        ),
        number,
    )


def notice(status: int, text: Text, details: str = "") -> Response:
    """Render the text as a fragment for the widget's notice region, or as a page.

    A program is told in English, and nothing that is about a screen.
    """
    if request.path.startswith(FOR_PROGRAMS):
        known = HTTPStatus(status)
        told = jsonify(error=known.name.lower(), detail=known.description or known.phrase)
        told.status_code = status
        return told
    where = {"retarget": "#notices", "reswap": "innerHTML"} if htmx else {}
    name = "errors/_notice.html" if htmx else "errors/page.html"
    words = render_template(name, text=text, details=details)
    response: Response = make_response(words, status, **where)
    return response
