"""The two HTTP interfaces between a CRM and us, described for machines."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, current_app

blueprint = Blueprint("openapi", __name__, url_prefix="/api")


@blueprint.get("/openapi.yaml")
def of_plugin() -> Response:
    """What we serve."""
    return _file("plugin.yaml")


@blueprint.get("/openapi-crm.yaml")
def of_crm() -> Response:
    """What a CRM serves to us."""
    return _file("crm.yaml")


def _file(name: str) -> Response:
    text = Path(current_app.root_path, "openapi", name).read_text("utf-8")
    return Response(text, mimetype="application/yaml")
