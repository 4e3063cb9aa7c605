"""Headers of every answer, and who may send us what."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from spotler_plugin.models import Environment
from tests.application import PUBLIC_URL
from tests.cast import Launch
from tests.embedding.sessions import open_session

ALWAYS = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "
)


@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/data-block/status", "/launch"])
def test_every_answer_carries_the_headers(
    client: FlaskClient, environment: Environment, path: str
) -> None:
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"] == ALWAYS + "'none'"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Permissions-Policy" in headers
    assert "X-Frame-Options" not in headers
    assert "Set-Cookie" not in headers


def test_a_widget_is_framed_by_its_own_crm_only(
    client: FlaskClient, launch: Launch, environment: Environment, other_environment: Environment
) -> None:
    environment.crm_origins = ["https://acme.crm.example", "https://acme.other.example:8443"]
    answer = client.post("/launch", data={"token": launch()})
    policy = answer.headers["Content-Security-Policy"]
    assert policy == ALWAYS + "https://acme.crm.example https://acme.other.example:8443"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 400),
        ({"Sec-Fetch-Site": "same-origin", "Origin": PUBLIC_URL}, 400),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://acme.crm.example"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://plugin.example"}, 403),
    ],
)
def test_another_sites_page_changes_nothing(
    client: FlaskClient, launch: Launch, sent: dict[str, str], status: int
) -> None:
    headers = open_session(client, launch("Bob")) | sent
    # An empty form is refused as such, but only after it was let in.
    assert client.post("/contact-modal/save", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 401),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, 403),
        ({"Origin": "https://evil.example"}, 403),
    ],
)
def test_a_form_of_ours_opens_a_tab(client: FlaskClient, sent: dict[str, str], status: int) -> None:
    """Browsers name no origin with it, as our pages tell no referrer; the token is asked for."""
    assert client.post("/admin/consent/sheet", headers=sent).status_code == status


def test_the_crm_posts_a_launch_from_its_own_page(client: FlaskClient, launch: Launch) -> None:
    sent = {"Sec-Fetch-Site": "cross-site", "Origin": "https://acme.crm.example"}
    answer = client.post("/launch", data={"token": launch()}, headers=sent)
    assert answer.status_code == 200


def test_reading_is_not_refused(client: FlaskClient, launch: Launch) -> None:
    headers = open_session(client, launch("Carol", widget="data-block"))
    sent = {"Sec-Fetch-Site": "cross-site"}
    assert client.get("/data-block/status", headers=headers | sent).status_code == 200
