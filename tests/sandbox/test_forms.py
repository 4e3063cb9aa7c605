"""Forms, in JSON and in XML: spotler-api.md §2.10."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from tests.sandbox.clients import Api, Control

HERE = "https://www.example.nl/?formid=1&lang=nl"
XML = "application/xml"


def filled(**answers: str) -> dict[str, Any]:
    """What a form sends that was filled in, as JSON; plugins send along whatever they got."""
    texts = {name: [text] for name, text in {"formEncId": "form1", **answers}.items()}
    return {"postUrl": HERE, "formParams": texts}


def in_xml(*entries: str) -> bytes:
    """The same as published clients write it."""
    params = "".join(f"<entry>{each}</entry>" for each in entries)
    where = HERE.replace("&", "&amp;")
    return (
        f'<?xml version="1.0"?>\n<params><postUrl>{where}</postUrl><outputMode>DIV</outputMode>'
        f"<formParams>{params}</formParams></params>"
    ).encode()


def person(api: Api, address: str) -> Any:
    """The one contact with an address."""
    [found] = api.get("/contact/search", pageSize=9, MPSearchQuery=f"email={address}").json()[
        "contacts"
    ]
    return found


def test_the_list(api: Api, legacy: Api) -> None:
    listed = api.get("/form/list").json()
    assert [(each["id"], each["formSubType"]) for each in listed] == [
        (1, "subscribe"),
        (2, "normal"),
    ]
    assert legacy.get("/form/list").json() == listed


def test_a_form_to_fill_in(api: Api) -> None:
    shown = api.get("/form/1", postUrl=HERE, outputFormat="XHTML1STRICT", outputMode="DIV").json()
    assert not shown["isConfirmationPage"]
    form = ElementTree.fromstring(shown["html"])
    assert (form.get("class"), form.get("action")) == ("mpForm", HERE)
    asked = [each.get("name") for each in form.iter("input")]
    assert asked == ["formEncId", "field1", "field2", "field3", None]


def test_what_is_filled_in_becomes_a_contact(api: Api) -> None:
    sent = filled(field1="jan+1@example.nl", field2=" Jan ", field3="", other="left")
    answer = api.post("/form/result/1", sent).json()
    assert answer["isConfirmationPage"] and "Bedankt" in answer["html"]
    properties = person(api, "jan+1@example.nl")["properties"]
    assert properties.pop("permissions")
    assert {name: value for name, value in properties.items() if isinstance(value, str)} == {
        "email": "jan+1@example.nl",
        "firstName": "Jan",
    }


def test_the_last_page_may_be_elsewhere(api: Api) -> None:
    sent = filled(field4="jan@example.nl", field5="Helder")
    answer = api.post("/form/result/2", sent).json()
    assert answer == {"url": "https://helder.example/e-book", "isConfirmationPage": True}


def test_who_is_known_is_updated_and_has_it_in_the_history(api: Api) -> None:
    api.save("a", email="a@example.nl", firstName="An", city="Delft")
    for name in ("Anna", "Anne"):
        api.post("/form/result/1", filled(field1="A@example.nl", field2=name))
    shown = api.get("/contact/a").json()["properties"]
    assert (shown["firstName"], shown["city"]) == ("Anne", "Delft")
    page = api.get("/contact/a/forms", pageSize=1).json()
    [item] = page["formHistories"]
    assert (item["form"]["name"], item["completed"]) == ("Inschrijven nieuwsbrief", True)
    assert "next" in page["paging"]


def test_no_sign_off_is_lifted_but_by_subscribing(api: Api, control: Control) -> None:
    api.save("a", email="a@example.nl")
    control("POST", "/contacts/a/standing", {"standing": "opt_out"})
    order = filled(field4="a@example.nl", field5="Helder")
    assert api.error(api.post("/form/result/2", order)) == (400, "CONTACT_OPTOUT")
    control.set(accept_opted_out=True)
    assert api.post("/form/result/2", order).ok
    control.set(subscribe_reactivates=False)
    assert api.post("/form/result/1", filled(field1="a@example.nl")).ok
    assert not api.get("/contact/a").json()["channels"][0]["value"]
    control.set(subscribe_reactivates=True)
    assert api.post("/form/result/1", filled(field1="a@example.nl")).ok
    assert api.get("/contact/a").json()["channels"][0]["value"]


@pytest.mark.parametrize(
    ("address", "told"), [("", "Vul dit in."), ('"no address">', "Dit is ongeldig.")]
)
def test_what_is_wrong_is_asked_again(api: Api, control: Control, address: str, told: str) -> None:
    known = control("GET", "")["contacts"]
    answer = api.post("/form/result/1", filled(field1=address, field2="<b>Jan</b>")).json()
    assert not answer["isConfirmationPage"]
    form = ElementTree.fromstring(answer["html"])
    values = {each.get("name"): each.get("value") for each in form.iter("input")}
    assert (values["field1"], values["field2"]) == (address, "<b>Jan</b>")
    [error] = [each.text for each in form.iter("label") if each.get("class") == "error"]
    assert error == told
    assert control("GET", "")["contacts"] == known


def test_what_is_refused(api: Api) -> None:
    refused = (400, "INVALID_PARAMS")
    for path in ("/form/3", "/form/x"):
        assert api.error(api.get(path, postUrl=HERE)) == (404, "FORM_NOT_FOUND")
    assert api.error(api.post("/form/result/3", filled())) == (404, "FORM_NOT_FOUND")
    assert api.error(api.get("/form/1")) == refused
    assert api.error(api.get("/form/1", postUrl=HERE, outputMode="LIST")) == refused
    without: list[dict[str, Any]] = [{"postUrl": HERE}, {"formParams": {}}]
    for odd in (*without, filled() | {"formParams": {"a": "b"}}):
        assert api.error(api.post("/form/result/1", odd)) == refused
    assert api.get("/form/result/1").status_code == 405


def test_in_xml(api: Api) -> None:
    """The older plugin says nothing of what it takes; the newer one sends XML and takes JSON."""
    for accept in ("", XML, "application/json;q=0.5, application/xml"):
        listed = api.session.get(f"{api.root}/form/list", headers={"Accept": accept})
        assert listed.headers["Content-Type"] == XML
        assert [each.findtext("id") for each in ElementTree.fromstring(listed.content)] == [
            "1",
            "2",
        ]
    body = in_xml(
        "<key>formEncId</key><value><item>form1</item></value>",
        "<key>field1</key><value><item>zoë@example.nl</item></value>",
        "<key>field2</key><value><item>Zoë</item><item>Anna</item></value>",
        "<key>field3</key><value/>",
    )
    for address, taken in ((b"zoe@example.nl", XML), (b"ann@example.nl", "application/json")):
        answer = api.session.post(
            f"{api.root}/form/result/1",
            data=body.replace("zoë@example.nl".encode(), address),
            headers={"Content-Type": XML, "Accept": taken},
        )
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, taken)
        assert "Bedankt voor het invullen." in answer.text
        assert person(api, address.decode())["properties"]["firstName"] == "Zoë, Anna"


def test_errors_in_xml(api: Api) -> None:
    missing = api.session.get(f"{api.root}/form/3", headers={"Accept": XML})
    error = ElementTree.fromstring(missing.content)
    assert (missing.status_code, error.findtext("errorType")) == (404, "FORM_NOT_FOUND")
    for body in (b"<params>", b"", b"\xff", b'<?xml version="1.0" encoding="none"?><params/>'):
        said = {"Content-Type": XML}
        answer = api.session.post(f"{api.root}/form/result/1", data=body, headers=said)
        assert api.error(answer) == (400, "INVALID_PARAMS")
    stranger = Api(api.root, key="other")
    refused = stranger.session.get(f"{api.root}/form/list", headers={"Accept": XML})
    assert (refused.status_code, refused.headers["Content-Type"]) == (401, XML)
    stranger.session.close()


def test_xml_holds_no_sign_that_it_must_not(api: Api) -> None:
    answer = api.session.post(
        f"{api.root}/form/result/1", json=filled(field2="a\1\ufffeb"), headers={"Accept": XML}
    )
    html = ElementTree.fromstring(answer.content).findtext("html")
    assert html is not None and 'value="a\ufffd\ufffdb"' in html


@pytest.mark.parametrize("accept", [XML, "text/html"])
def test_elsewhere_there_is_json_only(api: Api, accept: str) -> None:
    answer = api.session.get(f"{api.root}/campaign/list", headers={"Accept": accept})
    assert answer.status_code == 406
    said = {"Content-Type": XML}
    sent = api.session.post(f"{api.root}/contact", data=in_xml(), headers=said)
    assert sent.status_code == 415
