"""The current user and the widgets' language, switched without a password."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Blueprint, abort, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from demo.crm.crm import crm
from demo.crm.users import BY_ID, USERS, Permission, User

blueprint = Blueprint("desk", __name__)
LANGUAGES = {"nl": "Nederlands", "en": "English"}
P = ParamSpec("P")


def current_user() -> User:
    """Return the user of this session, by default the administrator."""
    return BY_ID.get(session.get("user", ""), USERS[0])


def current_lang() -> str:
    """Return the language that this session wants for its widgets."""
    lang = session.get("lang", "nl")
    return lang if lang in LANGUAGES else "nl"


def needs(
    permission: Permission,
) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
    """Refuse users who may not do this."""

    def around(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if not current_user().may(permission):
                abort(403, f"{current_user().name} mag dit niet ({current_user().role}).")
            return view(*args, **kwargs)

        return guarded

    return around


@blueprint.app_context_processor
def at_the_desk() -> dict[str, object]:
    """What the top of every page shows."""
    return {
        "user": current_user(),
        "users": USERS,
        "lang": current_lang(),
        "languages": LANGUAGES,
        "plugin_url": crm().settings.plugin_url.rstrip("/"),
    }


@blueprint.post("/desk")
def switch() -> ResponseReturnValue:
    """Become another user, or choose another language, and return to the same page."""
    if request.form.get("user") in BY_ID:
        session["user"] = request.form["user"]
    if request.form.get("lang") in LANGUAGES:
        session["lang"] = request.form["lang"]
    back = request.form.get("back", "")
    inside = back.startswith("/") and not back.startswith(("//", "/\\"))
    return redirect(back if inside else url_for("start.show"))
