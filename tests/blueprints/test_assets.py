"""Static files: kept by browsers for as long as their content is the same, and never mixed."""

from __future__ import annotations

import os
import re
from pathlib import Path
from posixpath import basename, dirname
from shutil import copytree

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient

from spotler_plugin.blueprints.assets import module_urls
from tests.blueprints.markup import Markup
from tests.blueprints.widget import Widget

FOREVER = "public, max-age=31536000, immutable"
MODULES = Path(__file__).resolve().parents[2] / "spotler_plugin" / "static" / "widget"
NAMES = sorted(file.name for file in MODULES.iterdir())
IMPORT = re.compile(r'^import .*?"(.+?)";$', re.MULTILINE)


@pytest.fixture
def urls(app: Flask) -> list[str]:
    """Of all modules, as a page names them."""
    with app.test_request_context():
        return module_urls()


@pytest.fixture
def upgrade(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The modules of the running server, to be changed."""
    folder = copytree(app.static_folder or "", tmp_path / "static")
    monkeypatch.setattr(app, "static_folder", str(folder))
    return folder / "widget"


def caching(client: FlaskClient, url: str) -> str:
    with client.get(url) as answer:
        return answer.headers["Cache-Control"]


def test_a_file_is_kept_while_its_content_is_the_same(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        url = url_for("static", filename="widget.css")
    assert caching(client, url) == FOREVER


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/static/spotler-embed.js", "public, max-age=300"),
        ("/static/spotler-embed.css", "public, max-age=300"),
        ("/static/widget.css?v=of-another-version", "no-cache"),
        ("/static/nothing.js?v=1", "no-store"),
        ("/static/widget/of-another-version/main.js", "no-store"),
    ],
)
def test_nothing_is_kept_under_the_name_of_another_version(
    client: FlaskClient, path: str, expected: str
) -> None:
    assert caching(client, path) == expected


def test_every_module_is_kept_as_a_script(client: FlaskClient, urls: list[str]) -> None:
    assert [basename(url) for url in urls] == NAMES
    for url in urls:
        with client.get(url) as answer:
            assert answer.status_code == 200
            assert answer.mimetype in ("text/javascript", "application/javascript")
            assert answer.headers["Cache-Control"] == FOREVER
            assert answer.data == (MODULES / basename(url)).read_bytes()


@pytest.mark.parametrize("change", ["another", "added", "removed", "renamed"])
def test_all_urls_are_others_when_one_module_is(
    client: FlaskClient, app: Flask, urls: list[str], upgrade: Path, change: str
) -> None:
    file = upgrade / NAMES[0]
    if change == "another":
        file.write_text("// Another.\n")
    elif change == "added":
        (upgrade / "added.js").write_text("")
    elif change == "removed":
        file.unlink()
    else:
        file.rename(upgrade / "renamed.js")
    with app.test_request_context():
        changed = module_urls()
    assert {dirname(url) for url in urls}.isdisjoint(dirname(url) for url in changed)
    assert [client.get(url).status_code for url in urls] == [404] * len(urls)


def test_the_urls_stay_when_a_file_is_only_copied(
    app: Flask, urls: list[str], upgrade: Path
) -> None:
    for file in upgrade.iterdir():
        os.utime(file, (1, 1))
    with app.test_request_context():
        assert module_urls() == urls


def test_a_page_names_every_module_before_it_loads_one(admin: Widget, urls: list[str]) -> None:
    elements = Markup(admin.page).elements
    preloaded = [attrs["href"] for _, attrs in elements if attrs.get("rel") == "modulepreload"]
    loaded = [attrs["src"] for tag, attrs in elements if tag == "script" and "src" in attrs]
    assert preloaded == urls
    assert [basename(url).split("?")[0] for url in loaded] == ["htmx-2.0.11.min.js", "main.js"]
    assert loaded[-1] in preloaded


@pytest.mark.parametrize("name", NAMES)
def test_a_module_is_readable_on_one_screen(name: str) -> None:
    text = (MODULES / name).read_text()
    assert len(text.splitlines()) <= 80
    assert text.startswith("// "), "it says what it is about"


def test_every_module_is_joined() -> None:
    reached, todo = set(), ["main.js"]
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            imported = IMPORT.findall((MODULES / name).read_text())
            assert all(path.startswith("./") for path in imported), "with the digest in its URL"
            todo += [basename(path) for path in imported]
    assert sorted(reached) == NAMES
