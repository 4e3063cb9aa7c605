"""Static files: their URLs carry a digest of their content, so that browsers may keep them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request

FOREVER = "public, max-age=31536000, immutable"
SHORTLY = "public, max-age=300"
"""For a file that is asked for without its digest: the script that the CRM includes."""


def init_app(app: Flask) -> None:
    app.url_defaults(add_digest)
    app.after_request(set_caching)


def add_digest(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and "v" not in values:
        values["v"] = digest(values["filename"])


def digest(filename: str) -> str | None:
    folder = Path(current_app.static_folder or "")
    file = folder / filename
    digests: dict[tuple[str, float], str] = current_app.extensions.setdefault("digests", {})
    if not file.is_file():
        return None
    # While developing a file changes under a running server.
    key = (filename, file.stat().st_mtime)
    if key not in digests:
        digests[key] = hashlib.blake2b(file.read_bytes(), digest_size=6).hexdigest()
    return digests[key]


def set_caching(response: Response) -> Response:
    if request.endpoint == "static" and response.status_code in (200, 206, 304):
        response.headers["Cache-Control"] = FOREVER if "v" in request.args else SHORTLY
    return response
