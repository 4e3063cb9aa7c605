"""OAuth 1.0a: the vectors of spotler-api.md §1.3, and what is refused (§1.4)."""

import time
from urllib.parse import quote

import pytest
import requests

from demo.spotler.auth import signature
from demo.spotler.server import Sandbox
from tests.sandbox.clients import Api, Control

HOST = "https://restapi.mailplus.nl"
SIGNED = [
    ("oauth_consumer_key", "testkey"),
    ("oauth_nonce", "0123456789abcdef"),
    ("oauth_signature_method", "HMAC-SHA1"),
    ("oauth_timestamp", "1700000000"),
    ("oauth_version", "1.0"),
]
DAY = [("fromDate", "2024-01-01T00:00:00+01:00"), ("toDate", "2024-01-02T00:00:00+01:00")]


@pytest.mark.parametrize(
    ("method", "path", "more", "expected"),
    [
        ("POST", "/integrationservice/contact", [], "SLmDsf71HOKSjG7ridInHb3W/gM="),
        (
            "POST",
            "/integrationservice/contact",
            [("oauth_token", "")],
            "0V6S09efBVm6SI+ree/Y3zYAJyM=",
        ),
        (
            "GET",
            "/integrationservice/contact/search",
            [("pageSize", "10"), ("MPSearchQuery", "email=jan+test@example.nl")],
            "35MeB+Ri+o/71jNC1spPJ1aTq5w=",
        ),
        (
            "GET",
            "/integrationservice-1.1.0/contact/updates/list",
            [*DAY, ("pageSize", "100")],
            "ULrlhJttWpGxO5aCEfvLqK4s200=",
        ),
    ],
)
def test_vectors(method: str, path: str, more: list[tuple[str, str]], expected: str) -> None:
    assert signature(method, HOST + path, [*SIGNED, *more], "testsecret") == expected


def test_default_port_and_capitals_do_not_count() -> None:
    plain = signature("POST", f"{HOST}/integrationservice/contact", SIGNED, "testsecret")
    other = "HTTPS://RestApi.Mailplus.nl:443/integrationservice/contact"
    assert signature("post", other, SIGNED, "testsecret") == plain


def _parameters(nonce: str, **changes: str) -> dict[str, str]:
    return {
        "oauth_consumer_key": "demo-key",
        "oauth_nonce": nonce,
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": str(int(time.time())),
        "oauth_version": "1.0",
        **changes,
    }


def _signed(url: str, parameters: dict[str, str], method: str = "GET") -> dict[str, str]:
    made = signature(method, url, list(parameters.items()), "demo-secret")
    return {**parameters, "oauth_signature": made}


def _with_header(url: str, parameters: dict[str, str], *, raw: bool = False) -> requests.Response:
    values = {
        name: value if raw else quote(value, safe="", errors="surrogateescape")
        for name, value in _signed(url, parameters).items()
    }
    header = ", ".join(f'{name}="{value}"' for name, value in values.items())
    return requests.get(url, headers={"Authorization": f'OAuth realm="x", {header}'}, timeout=5)


@pytest.fixture
def url(sandbox: Sandbox) -> str:
    return f"{sandbox.base_url}/campaign/list"


@pytest.mark.parametrize("raw", [False, True])
def test_header_encoded_and_raw(url: str, raw: bool) -> None:
    for number in range(8):  # Among eight signatures some hold a "+" or a "/".
        assert _with_header(url, _parameters(f"n{number}"), raw=raw).status_code == 200


def test_empty_token_is_signed_along(url: str) -> None:
    assert _with_header(url, _parameters("n", oauth_token="")).status_code == 200


def test_parameters_in_the_query(url: str) -> None:
    query = _signed(url, _parameters("n"))
    assert requests.get(url, params=query, timeout=5).status_code == 200


def test_query_is_part_of_the_signature(api: Api) -> None:
    found = api.get("/contact/search", pageSize=10, MPSearchQuery="email=a+b=c@example.nl")
    assert found.status_code == 200


def test_tampered_query_is_refused(url: str) -> None:
    query = _signed(url, _parameters("n")) | {"extra": "1"}
    answer = requests.get(url, params=query, timeout=5)
    assert (answer.status_code, answer.json()["errorType"]) == (401, "NOT_AUTHORIZED")


def test_body_is_not_signed(api: Api) -> None:
    assert api.save("a1", email="a1@example.nl").status_code == 204


def test_replayed_nonce(url: str, control: Control) -> None:
    parameters = _parameters("twice")
    assert _with_header(url, parameters).status_code == 200
    assert _with_header(url, parameters).status_code == 401
    control.set(check_nonce=False)
    assert _with_header(url, parameters).status_code == 200


@pytest.mark.parametrize("moment", ["", "²", "9" * 5000, "-1", "1.5", "1_700_000_000", "\udcff"])
def test_a_timestamp_that_is_none(url: str, moment: str) -> None:
    answer = _with_header(url, _parameters("n", oauth_timestamp=moment))
    assert (answer.status_code, answer.json()["errorType"]) == (401, "NOT_AUTHORIZED")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("oauth_nonce", ""),
        ("oauth_version", "2.0"),
        ("oauth_signature_method", "PLAINTEXT"),
        ("oauth_signature", "\udcff"),
        ("oauth_signature", ""),
    ],
)
def test_a_parameter_that_is_wrong_is_refused(url: str, name: str, value: str) -> None:
    """In the header, and in the query."""
    for place in ("header", "query"):
        given = _signed(
            url, _parameters(place, **({name: value} if name != "oauth_signature" else {}))
        )
        given[name] = value
        pairs = {each: quote(text, errors="surrogateescape") for each, text in given.items()}
        header = ", ".join(f'{each}="{text}"' for each, text in pairs.items())
        query = "&".join(f"{each}={text}" for each, text in pairs.items())
        answer = (
            requests.get(url, headers={"Authorization": f"OAuth {header}"}, timeout=5)
            if place == "header"
            else requests.get(f"{url}?{query}", timeout=5)
        )
        assert (answer.status_code, answer.json()["errorType"]) == (401, "NOT_AUTHORIZED")


@pytest.mark.parametrize("filler", [" ", "a", ",", '"', 'a="', 'a="b",'])
def test_a_header_without_end_is_read_at_once(url: str, filler: str) -> None:
    header = f"OAuth {filler * (60_000 // len(filler))}"
    answer = requests.get(url, headers={"Authorization": header}, timeout=5)
    assert (answer.status_code, answer.json()["errorType"]) == (401, "AUTH_NOT_FOUND")


@pytest.mark.parametrize("seconds", [-400, 400])
def test_clock_that_is_wrong(url: str, control: Control, seconds: int) -> None:
    moment = str(int(time.time()) + seconds)
    assert _with_header(url, _parameters("n1", oauth_timestamp=moment)).status_code == 401
    control.set(check_clock=False)
    assert _with_header(url, _parameters("n2", oauth_timestamp=moment)).status_code == 200


def test_unsigned_and_unknown_key(sandbox: Sandbox, url: str) -> None:
    unsigned = requests.get(url, timeout=5)
    assert (unsigned.status_code, unsigned.json()["errorType"]) == (401, "AUTH_NOT_FOUND")
    stranger = Api(sandbox.base_url, key="other")
    assert stranger.error(stranger.get("/campaign/list")) == (401, "AUTH_NOT_FOUND")
    stranger.session.close()


def test_wrong_secret(sandbox: Sandbox, control: Control) -> None:
    stranger = Api(sandbox.base_url, secret="wrong")
    assert stranger.error(stranger.get("/campaign/list")) == (401, "NOT_AUTHORIZED")
    control.set(auth_failure="403")
    assert stranger.get("/campaign/list").status_code == 403
    control.set(auth_failure="text")
    answer = stranger.get("/campaign/list")
    assert answer.status_code == 401 and "<h1>Unauthorized</h1>" in answer.text
    stranger.session.close()


def test_revoked_and_replaced_credentials(api: Api, control: Control) -> None:
    control.set(revoked=True)
    assert api.error(api.get("/campaign/list")) == (401, "AUTH_NOT_FOUND")
    control.set(revoked=False)
    control("PUT", "/credentials", {"another": "pair"})
    assert api.error(api.get("/campaign/list")) == (401, "AUTH_NOT_FOUND")


def test_what_is_no_text_is_signed_as_its_bytes(sandbox: Sandbox) -> None:
    given = _parameters("bytes")
    raw = "\udcff"
    given["oauth_signature"] = signature(
        "GET", f"{sandbox.base_url}/campaign/list", [*given.items(), ("q", raw)], "demo-secret"
    )
    pairs = "&".join(f"{name}={quote(value, safe='')}" for name, value in given.items())
    answer = requests.get(f"{sandbox.base_url}/campaign/list?q=%FF&{pairs}", timeout=5)
    assert answer.status_code == 200


@pytest.mark.parametrize(("in_header", "in_query"), [(0, 2), (2, 0), (1, 1)])
@pytest.mark.parametrize("name", ["oauth_nonce", "oauth_token", "oauth_signature"])
def test_a_parameter_that_is_given_twice_is_refused(
    url: str, name: str, in_header: int, in_query: int
) -> None:
    """In the query, in the header, or once in each."""
    given = list(_parameters("twice", oauth_token="").items())
    both = [(name, text) for key, text in given if key == name]
    signed = signature("GET", url, [*given, *both], "demo-secret")
    pairs = [*given, ("oauth_signature", signed)]
    again = [(name, dict(pairs)[name])]
    header = [*pairs, *again * (in_header - 1)] if in_header else []
    query = [*pairs, *again] if in_query == 2 else again * in_query
    text = ", ".join(f'{key}="{quote(value, safe="")}"' for key, value in header)
    headers = {"Authorization": f"OAuth {text}"} if header else {}
    answer = requests.get(url, params=query, headers=headers, timeout=5)
    assert (answer.status_code, answer.json()["errorType"]) == (401, "NOT_AUTHORIZED")
    assert "twice" in answer.json()["message"]
