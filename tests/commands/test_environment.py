"""`flask environment …`: what can never work is refused, in one sentence and without secrets."""

from __future__ import annotations

import base64

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from spotler_plugin.extensions import db
from spotler_plugin.services import environment

WELL = {
    "--crm-origin": "https://acme.yoobi.example",
    "--crm-api": "https://acme.yoobi.example/api",
}


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["environment", *arguments])


def add(app: Flask, **changed: str) -> Result:
    options = WELL | {f"--{name.replace('_', '-')}": value for name, value in changed.items()}
    return run(app, "add", "acme", *(part for pair in options.items() for part in pair))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("crm_origin", "http://"),
        ("crm_origin", "https://Acme.yoobi.example"),
        ("crm_origin", "https://acme.yoobi.example/"),
        ("crm_origin", "https://acme.yoobi.example/crm"),
        ("crm_origin", "acme.yoobi.example"),
        ("crm_origin", "https://in@acme.yoobi.example"),
        ("crm_origin", "https://acme.yoobi.example:port"),
        ("crm_origin", "https://acme.yoobi.example:443"),
        ("crm_origin", "http://acme.yoobi.example:80"),
        ("crm_origin", "https://acme.yoobi.example:65536"),
        ("crm_origin", "https://bücher.example"),
        ("crm_origin", "https://*.yoobi.example"),
        ("crm_api", "http://"),
        ("crm_api", "ftp://acme.yoobi.example"),
        ("crm_api", "https://user:word@acme.yoobi.example/api"),
        ("crm_api", "https://acme.yoobi.example/" + "a" * 500),
        ("spotler_url", "https://"),
        ("name", "n" * 81),
        ("name", "two\nlines"),
        ("launch_secret", "x"),
        ("events_secret", "no-base64"),
        ("events_secret", "whsec_x"),
        ("events_secret", "whsec_" + base64.b64encode(b"short").decode()),
        ("api_token", "short"),
        ("api_token", "with a space and more than 16"),
    ],
)
def test_what_can_never_work_is_refused(app: Flask, option: str, value: str) -> None:
    said = add(app, **{option: value})
    assert said.exit_code == 2
    assert f"--{option.replace('_', '-')}" in said.output
    if option.endswith(("secret", "token")) and len(value) > 1:
        assert value not in said.output
    assert environment.find("acme") is None


def test_what_works_is_taken(app: Flask) -> None:
    said = add(
        app,
        launch_secret="l" * 32,
        events_secret="whsec_" + base64.b64encode(b"e" * 32).decode(),
        api_token="t" * 16,
        name="Yoobi",
    )
    assert said.exit_code == 0, said.output
    found = environment.find("acme")
    assert found is not None and found.name == "Yoobi"


def test_no_two_have_the_same_token(app: Flask) -> None:
    add(app, api_token="t" * 16)
    options = [part for pair in WELL.items() for part in pair]
    said = run(app, "add", "bolt", *options, "--api-token", "t" * 16)
    assert said.exit_code == 2 and "--api-token: another environment has it." in said.output
    assert environment.find("bolt") is None


def test_set_without_options_says_what_can_be_set(app: Flask) -> None:
    add(app)
    said = run(app, "set", "acme")
    assert said.exit_code == 2
    assert all(option in said.output for option in ("--crm-origin", "--crm-api", "--name"))


def test_set_checks_the_same(app: Flask) -> None:
    add(app)
    assert run(app, "set", "acme", "--crm-origin", "http://").exit_code == 2
    assert run(app, "set", "acme", "--name", "n" * 81).exit_code == 2
    assert "a name is 1 to 80" in run(app, "set", "acme", "--name", "").output


def test_a_database_without_tables_is_one_sentence(app: Flask) -> None:
    db.session.execute(text("ALTER TABLE environment RENAME TO elsewhere"))
    db.session.execute(text("ALTER TABLE alembic_version RENAME TO other"))
    db.session.commit()
    try:
        said = run(app, "list")
    finally:
        db.session.rollback()
        db.session.execute(text("ALTER TABLE elsewhere RENAME TO environment"))
        db.session.execute(text("ALTER TABLE other RENAME TO alembic_version"))
        db.session.commit()
    assert said.exit_code == 1
    assert (
        said.output == "Error: The database is without tables. Run: flask --app wsgi db upgrade\n"
    )
