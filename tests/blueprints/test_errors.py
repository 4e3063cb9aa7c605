"""What went wrong, as it is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from spotler_plugin.crm import Unavailable as CrmUnavailable
from spotler_plugin.spotler import CredentialsRefused, Unavailable
from tests.blueprints.widget import words

HTMX = {"HX-Request": "true"}
Failing = Callable[[Exception], str]


@pytest.fixture
def failing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Failing:
    """A URL whose view raises this error."""

    def fail(error: Exception) -> str:
        def view() -> str:
            raise error

        monkeypatch.setitem(app.view_functions, "health.alive", view)
        return "/healthz"

    return fail


def test_htmx_gets_a_notice_for_its_own_region(client: FlaskClient) -> None:
    answer = client.get("/nothing", headers=HTMX)
    assert answer.status_code == 404
    assert answer.headers["HX-Retarget"] == "#notices"
    assert answer.headers["HX-Reswap"] == "innerHTML"
    assert "Niet gevonden" in words(answer)
    assert answer.headers["Answered-By"] == "spotler-plugin"


def test_others_get_a_page(client: FlaskClient) -> None:
    answer = client.get("/nothing")
    assert "HX-Retarget" not in answer.headers
    assert answer.text.startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Unavailable("down"), "Spotler is nu niet bereikbaar. Probeer het opnieuw."),
        (CredentialsRefused("no"), "Spotler herkent deze key en secret niet."),
        (CrmUnavailable("down"), "CRM is nu niet bereikbaar. Probeer het opnieuw."),
    ],
)
def test_what_others_cannot_do_is_told_as_theirs(
    client: FlaskClient, failing: Failing, error: Exception, said: str
) -> None:
    answer = client.get(failing(error), headers=HTMX)
    assert answer.status_code == 502
    assert said in words(answer)


def test_a_mistake_of_ours_is_logged_under_the_number_that_is_shown(
    app: Flask, client: FlaskClient, failing: Failing, capsys: pytest.CaptureFixture[str]
) -> None:
    app.testing = False
    answer = client.get(failing(RuntimeError("a secret")), headers=HTMX)
    assert answer.status_code == 500
    number = words(answer).split()[-1]
    assert f'"id": "{number}"' in capsys.readouterr().out
    assert "secret" not in answer.text


def test_in_a_test_a_mistake_is_not_hidden(client: FlaskClient, failing: Failing) -> None:
    url = failing(RuntimeError("told"))
    with pytest.raises(RuntimeError):
        client.get(url)


def test_a_body_that_is_too_large_is_refused(client: FlaskClient) -> None:
    answer = client.post("/launch", data={"token": "x" * 300_000})
    assert answer.status_code == 413
