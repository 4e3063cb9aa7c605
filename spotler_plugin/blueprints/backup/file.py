"""Where a link to a backup leads: the file, once. The link itself is the proof of who asks."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, abort, make_response, render_template

from spotler_plugin.blueprints.csv_file import csv_response
from spotler_plugin.embedding import frame
from spotler_plugin.extensions import db
from spotler_plugin.services.backup.download import file_rows, use_link
from spotler_plugin.translation import TIME_ZONE
from spotler_plugin.wording.backups import spent_link

blueprint = Blueprint("backup_file", __name__, url_prefix="/backups")


@blueprint.get("/<token>")
def send(token: str) -> Response:
    file = use_link(token)
    db.session.commit()
    if file is None:
        # Outsiders are not told whether there was such a link.
        page = render_template("errors/page.html", text=spent_link(), details="")
        abort(make_response(page, HTTPStatus.NOT_FOUND))
    frame.show_to(file.owner)
    name = f"spotler-back-up-{file.created_at.astimezone(TIME_ZONE):%Y%m%d-%H%M}.csv"
    heads = [each.heading for each in file.columns]
    return csv_response(name, heads, file_rows(file), is_safe=True)
