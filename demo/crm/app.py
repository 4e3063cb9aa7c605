"""The demo CRM as a Flask application."""

import secrets

from flask import Flask, Response, render_template, request
from flask.typing import ResponseReturnValue
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException

from demo.crm import api, control
from demo.crm.api.admission import refuse
from demo.crm.crm import Crm, crm
from demo.crm.pages import BLUEPRINTS
from demo.crm.pages.presentation import register_filters
from demo.crm.pages.starting import hold_back

POLICY = (
    "default-src 'none'; script-src 'self' {plugin}; style-src 'self' {plugin}; img-src 'self';"
    " connect-src 'self'; frame-src {plugin}; form-action 'self' {plugin};"
    " base-uri 'none'; frame-ancestors 'none'"
)


def create_app(data: Crm) -> Flask:
    """Set up data, blueprints, error pages and headers."""
    app = Flask(__name__)
    app.secret_key = _session_key(data)
    app.config.update(
        # Cookies are shared by all ports: the name keeps two demo CRMs on one machine apart.
        SESSION_COOKIE_NAME=f"demo_crm_{data.settings.environment}",
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["crm"] = data
    register_filters(app)
    app.register_blueprint(api.blueprint)
    app.register_blueprint(control.blueprint)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.register_error_handler(HTTPException, show_error)
    app.before_request(refuse_other_sites)
    app.before_request(hold_back)
    app.after_request(add_headers)
    return app


def refuse_other_sites() -> ResponseReturnValue | None:
    """Refuse a write that another site's page sends; links from elsewhere are fine."""
    site = request.headers.get("Sec-Fetch-Site", "none")
    if request.method not in ("GET", "HEAD") and site not in ("same-origin", "none"):
        return Response("Geweigerd: deze aanvraag komt van een andere site.", 403)
    return None


def add_headers(response: Response) -> Response:
    """Restrict what the CRM's pages may load: their own origin and the plugin's."""
    policy = POLICY.format(plugin=crm().settings.plugin_origin)
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    # Not "same-origin": the plugin must see from which origin the launch form comes.
    response.headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    return response


def show_error(error: HTTPException) -> ResponseReturnValue:
    """Answer a refusal: JSON for programs, a page for people."""
    if request.path.startswith(("/api/", "/_demo/")):
        return refuse(error)
    return render_template("error.html", error=error), error.code or 500


def _session_key(data: Crm) -> str:
    with data.store.transaction():
        data.store.run(
            "INSERT OR IGNORE INTO meta (name, value) VALUES ('session_key', ?)",
            (secrets.token_hex(32),),
        )
        row = data.store.row("SELECT value FROM meta WHERE name = 'session_key'")
    return str(row["value"]) if row else ""
