"""Static files: their URLs carry a digest of their content, so that browsers may keep them.

A file's digest is a query, `?v=…`. The widgets' modules import each other by relative URLs, which
no query reaches: one digest over all of them stands in their path. After an upgrade a browser thus
has either all old modules or all new ones.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    request,
    send_from_directory,
    url_for,
)

blueprint = Blueprint("assets", __name__)

FOREVER = "public, max-age=31536000, immutable"
SHORTLY = "public, max-age=300"
"""For a file that is asked for without its digest: what the CRM includes."""


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.url_defaults(add_digest)
    app.after_request(set_caching)
    app.jinja_env.globals["module_urls"] = module_urls


@blueprint.get("/static/widget/<digest>/<name>")
def module(digest: str, name: str) -> Response:
    """One of the widgets' modules; none for the digest of another version than ours."""
    if digest != modules_digest():
        abort(404)
    return send_from_directory(_folder() / "widget", name)


def module_urls() -> list[str]:
    """All modules of the widgets: a page names them, so that none waits for the one before it."""
    digest, names = _modules(_folder(), _now())
    folder = url_for("assets.module", digest=digest, name="-").removesuffix("-")
    return [folder + name for name in names]


def add_digest(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and "v" not in values:
        values["v"] = file_digest(values["filename"])
    elif endpoint == "assets.module" and "digest" not in values:
        values["digest"] = modules_digest()


def set_caching(response: Response) -> Response:
    if response.status_code in (200, 206, 304):
        if request.endpoint == "assets.module":
            response.headers["Cache-Control"] = FOREVER
        elif request.endpoint == "static":
            response.headers["Cache-Control"] = _caching_of_file()
    return response


def file_digest(filename: str) -> str | None:
    """Of one static file; None when there is none."""
    return _file(_folder() / filename, _now())


def modules_digest() -> str:
    """One over all modules: other when any of them is other, comes or goes."""
    return _modules(_folder(), _now())[0]


def _caching_of_file() -> str:
    asked = request.args.get("v")
    if asked is None:
        return SHORTLY
    # While servers are upgraded one by one, a page of a new one may ask an old one.
    return FOREVER if asked == file_digest((request.view_args or {})["filename"]) else "no-cache"


def _folder() -> Path:
    return Path(current_app.static_folder or "")


def _now() -> int:
    """The second, in which files are looked at once: while developing they change under a running
    server, and a page names a score of them."""
    return int(time.monotonic())


@lru_cache(maxsize=128)
def _file(file: Path, _second: int) -> str | None:
    return _digest_of([file]) if file.is_file() else None


@lru_cache(maxsize=8)
def _modules(folder: Path, _second: int) -> tuple[str, Sequence[str]]:
    """The digest over all modules, and their names."""
    files = sorted((folder / "widget").glob("*.js"))
    return _digest_of(files), [file.name for file in files]


def _digest_of(files: Sequence[Path]) -> str:
    return _read_digest(tuple((file, file.stat().st_mtime_ns) for file in files))


@lru_cache(maxsize=128)
def _read_digest(files: tuple[tuple[Path, int], ...]) -> str:
    whole = hashlib.blake2b(digest_size=6)
    for file, _changed_at in files:
        content = file.read_bytes()
        whole.update(f"{file.name} {len(content)} ".encode() + content)
    return whole.hexdigest()
