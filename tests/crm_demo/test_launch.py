"""Launch tokens: claims after the contract, and only for what a user may open."""

from typing import Any

import jwt
import pytest
from flask.testing import FlaskClient

from demo.crm.contact import Contact
from demo.crm.crm import Crm
from tests.crm_demo.fake_plugin import LAUNCH_SECRET

CHANNEL = "0123456789abcdef"


def ask(client: FlaskClient, widget: str, kind: str, resource_id: str = "", **more: object) -> Any:
    """Ask a token as the pages do."""
    resource = {"type": kind, "id": resource_id}
    body = {"widget": widget, "resource": resource, "channel": CHANNEL, "lang": "nl"} | more
    return client.post("/widget-token", json=body)


def test_the_claims(client: FlaskClient, zoe: Contact) -> None:
    client.post("/desk", data={"user": "u-jansen"})
    token = ask(client, "contact-modal", "contact", zoe.id, lang="en").json["token"]
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "crm-launch+jwt"}
    claims = jwt.decode(token, LAUNCH_SECRET, algorithms=["HS256"], audience="spotler-plugin")
    assert claims["exp"] - claims["iat"] == 60
    assert len(claims.pop("jti")) == 36
    del claims["exp"], claims["iat"], claims["nbf"]
    assert claims == {
        "iss": "acme",
        "aud": "spotler-plugin",
        "sub": "u-jansen",
        "name": "M. Jansen",
        "widget": "contact-modal",
        "resource": {"type": "contact", "id": zoe.id},
        "permission": "edit",
        "origin": "http://localhost",
        "lang": "en",
        "channel": CHANNEL,
    }


@pytest.mark.parametrize(
    ("user", "widget", "kind", "status"),
    [
        ("u-devries", "admin", "none", 200),
        ("u-jansen", "admin", "none", 403),
        ("u-jansen", "automatic-action", "none", 403),
        ("u-bakker", "admin", "none", 403),
        ("u-devries", "admin", "contact", 400),
        ("u-devries", "everything", "none", 400),
    ],
)
def test_who_may_open_what(
    client: FlaskClient, user: str, widget: str, kind: str, status: int
) -> None:
    client.post("/desk", data={"user": user})
    assert ask(client, widget, kind).status_code == status


def test_nobody_opens_what_does_not_exist(client: FlaskClient) -> None:
    assert ask(client, "data-block", "contact", "gone").status_code == 403


def test_a_selection_belongs_to_its_maker(client: FlaskClient, data: Crm, zoe: Contact) -> None:
    selection = data.selections.add([zoe.id], "u-jansen")
    assert ask(client, "bulk-step", "selection", selection.id).status_code == 403
    client.post("/desk", data={"user": "u-jansen"})
    assert ask(client, "bulk-step", "selection", selection.id).status_code == 200


def test_a_short_channel_is_refused(client: FlaskClient, zoe: Contact) -> None:
    answer = ask(client, "data-block", "contact", zoe.id, channel="short")
    assert answer.status_code == 400


def test_another_site_gets_no_token(client: FlaskClient, zoe: Contact) -> None:
    body = {"widget": "admin", "resource": {"type": "none", "id": ""}, "channel": CHANNEL}
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/widget-token", json=body, headers=headers).status_code == 403


def test_the_control_interface_signs_anything(client: FlaskClient) -> None:
    body = {"widget": "bulk-step", "resource": {"type": "selection", "id": "x"}, "user": "u-bakker"}
    answer = client.post("/_demo/launch-token", json=body).json
    assert answer is not None
    claims = jwt.decode(
        answer["token"], LAUNCH_SECRET, algorithms=["HS256"], audience="spotler-plugin"
    )
    assert (claims["permission"], claims["resource"]["id"]) == ("read", "x")
