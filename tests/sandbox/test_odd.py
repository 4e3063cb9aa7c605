"""Whatever a client sends is answered: a cut connection is a fault that somebody switched on."""

from __future__ import annotations

import http.client
import json

import pytest
import requests
from werkzeug import Response

from demo.spotler.request import Request
from demo.spotler.routing import routes
from demo.spotler.server import Sandbox
from demo.spotler.state import State
from tests.sandbox.clients import Api, Control

REFUSED = (400, "INVALID_PARAMS")
PERIOD = {"fromDate": "2024-01-01T00:00:00+01:00", "toDate": "2024-01-02T00:00:00+01:00"}


@pytest.mark.parametrize("number", ["²", "٣", "9" * 5000, "-1", "1.5", "9" * 19])
def test_a_number_that_is_none(api: Api, number: str) -> None:
    for odd in ({"pageSize": number}, {"pageSize": "10", "after": number}):
        assert api.error(api.get("/contact/updates/list", **PERIOD, **odd)) == REFUSED


@pytest.mark.parametrize("name", [["a"], {"a": 1}, 7, None, ""])
def test_a_name_that_is_no_text(api: Api, name: object) -> None:
    body = {"externalContactId": "a", "campaignFields": [{"name": name, "value": "b"}]}
    assert api.error(api.post("/campaign/trigger/unknown", body)) == REFUSED


@pytest.mark.parametrize(
    "body", ["[" * 100_000, '{"contact": {"externalId": "\\ud800"}}', "\x00", ""]
)
def test_a_body_that_nobody_can_read(api: Api, body: str) -> None:
    sent = api.session.post(f"{api.root}/contact", data=body.encode())
    assert api.error(sent) == REFUSED
    assert api.save("after", email="after@example.nl").status_code == 204


@pytest.mark.parametrize(
    "value",
    [
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"9" * 4000,
        b'"' + b"9" * 400 + b'"',
        '"\ud800"'.encode("utf-8", "surrogatepass"),
        b'"\xe9"',
    ],
)
def test_what_could_not_be_answered_is_not_kept(api: Api, control: Control, value: bytes) -> None:
    """Neither as it is, nor as a service gives it back that has a spelling of its own."""
    properties = b'{"email": "a@example.nl", "jaaromzet": %b}' % value
    body = b'{"contact": {"externalId": "a", "properties": %b}}' % properties
    for respells in (False, True):
        control.set(respells=respells)
        sent = api.session.post(f"{api.root}/contact", data=body)
        assert sent.status_code == 400 and "errorType" in sent.text
        assert api.get("/contact/a").status_code == 404


def test_a_body_is_utf_8(api: Api) -> None:
    contact = {"externalId": "a", "properties": {"email": "a@example.nl"}}
    for encoding, status in (("utf-16", 400), ("utf-8-sig", 204)):
        body = json.dumps({"contact": contact}).encode(encoding)
        assert api.session.post(f"{api.root}/contact", data=body).status_code == status


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_moment_that_is_nowhere_else(api: Api, control: Control, moment: str) -> None:
    control.set(respells=True)
    answer = api.save("a", email="a@example.nl", firstPurchaseDate=moment)
    assert api.error(answer) == (400, "INVALID_PROPERTY")


def test_null_is_nobodys_id(api: Api) -> None:
    """A contact that is called None is not meant by null."""
    api.save("None", email="none@example.nl")
    [automation, *_] = api.get("/automation/list").json()
    trigger = f"/automation/trigger/{automation['triggers'][0]['code']}"
    assert api.post(trigger, {"externalContactId": None}).json() == {"result": "CONTACT_NOTFOUND"}
    api.post("/audience", {"externalId": "g", "name": "g"})
    for path in ("/audience/g/contact", "/templist"):
        body = {"externalTemporaryListId": "t", "name": "t", "contacts": ["None", None]}
        assert api.error(api.post(path, body)) == REFUSED
    odd = api.post("/audience", {"externalId": "h", "name": "h", "description": []})
    assert api.error(odd) == (417, "INVALID_PARAMS")


def test_true_is_no_bit(api: Api) -> None:
    assert api.save("a", permissions=[{"bit": True, "enabled": True}]).status_code == 400


@pytest.mark.parametrize("length", ["-1", "abc", "²".encode().decode("latin-1"), "9" * 5000])
def test_a_length_that_is_none(sandbox: Sandbox, length: str) -> None:
    connection = http.client.HTTPConnection(sandbox.host, sandbox.port, timeout=5)
    connection.putrequest("POST", "/integrationservice/contact")
    connection.putheader("Content-Length", length)
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["errorType"]) == REFUSED
    assert answer.getheader("Connection") == "close"
    connection.close()


@pytest.mark.parametrize("host", ["x:abc", "", "[::1", "x" * 5000])
def test_a_host_that_is_none(sandbox: Sandbox, host: str) -> None:
    for path in ("/integrationservice/campaign/list", "/_sandbox", "/"):
        connection = http.client.HTTPConnection(sandbox.host, sandbox.port, timeout=5)
        connection.request("GET", path, headers={"Host": host})
        assert connection.getresponse().status in (200, 400, 401, 403, 500)
        connection.close()


def test_what_goes_wrong_inside_is_said(
    api: Api, control: Control, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_state: State, _request: Request) -> Response:
        raise KeyError("a bug of the sandbox")

    monkeypatch.setattr("demo.spotler.service.ROUTES", routes({"GET /campaign/list": broken}))
    assert api.error(api.get("/campaign/list")) == (500, "BACKEND_EXCEPTION")
    assert "a bug of the sandbox" in caplog.text
    [call] = control("GET", "/calls?path=/campaign/list")["calls"]
    assert call["status"] == 500


def test_so_is_what_goes_wrong_beside_the_api(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cut connection would look like a fault that somebody switched on."""

    def broken(_state: State, _request: Request) -> Response:
        raise KeyError("a bug of the sandbox")

    monkeypatch.setattr("demo.spotler.connection.handle_page", broken)
    answer = requests.get(f"{sandbox.url}/", timeout=5)
    assert (answer.status_code, answer.json()["errorType"]) == (500, "BACKEND_EXCEPTION")
