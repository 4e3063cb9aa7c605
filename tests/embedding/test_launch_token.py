"""What a launch token must say. Whatever is wrong with it, the answer is the same."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, SecretKind, UsedLaunch
from spotler_plugin.services import environment as environments
from spotler_plugin.services.actor import shown_name
from tests.blueprints.widget import words
from tests.cast import Launch

# Seconds from now.
WRONG_TIMES = {
    "expired": {"iat": -90, "nbf": -90, "exp": -30},
    "not yet valid": {"nbf": 60, "exp": 100},
    "issued in the future": {"iat": 60, "exp": 100},
    "lives too long": {"exp": 200},
    "ends before it begins": {"iat": 5, "exp": 0},
}

# What is changed in an otherwise good token; None takes the claim away.
FAULTS: dict[str, dict[str, Any]] = {
    "time as text": {"exp": "2000000000"},
    "time as truth": {"iat": True},
    "endless": {"exp": 1e300},
    "other audience": {"aud": "another-plugin"},
    "unknown environment": {"iss": "nobody"},
    "origin not registered": {"origin": "https://evil.example"},
    "origin of another case": {"origin": "https://ACME.crm.example"},
    "unknown widget": {"widget": "root-shell"},
    "widget not for a selection": {"resource": {"type": "selection", "id": "s-1"}},
    "resource without id": {"resource": {"type": "contact"}},
    "resource id is no text": {"resource": {"type": "contact", "id": 7}},
    "resource id too long": {"resource": {"type": "contact", "id": "c" * 121}},
    "resource id with a null": {"resource": {"type": "contact", "id": "c\x00"}},
    "resource is a text": {"resource": "contact"},
    "unknown permission": {"permission": "root"},
    "permission too low": {"widget": "admin", "resource": {"type": "none"}, "permission": "edit"},
    "unknown language": {"lang": "xx"},
    "language is a list": {"lang": ["nl"]},
    "channel too short": {"channel": "short"},
    "user is no text": {"sub": 5},
    "name is empty": {"name": ""},
    "name is nothing that is seen": {"name": "\u200b \x00"},
    "name is no text": {"name": ["Zoë"]},
    "jti is a number": {"jti": 5},
}
NEEDED = ["iss", "aud", "sub", "name", "iat", "nbf", "exp", "jti", "widget", "resource"]
NEEDED += ["permission", "origin", "channel"]


def assert_refused(client: FlaskClient, token: str) -> None:
    answer = client.post("/launch", data={"token": token})
    assert answer.status_code == 403
    assert "Dit onderdeel kon niet worden geopend" in answer.text
    assert 'id="session"' not in answer.text


@pytest.mark.parametrize("changed", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_refused(client: FlaskClient, launch: Launch, changed: dict[str, Any]) -> None:
    assert_refused(client, launch(**changed))


def from_now(offsets: dict[str, int]) -> dict[str, int]:
    return {name: int(time.time()) + offset for name, offset in offsets.items()}


@pytest.mark.parametrize("offsets", WRONG_TIMES.values(), ids=WRONG_TIMES.keys())
def test_a_wrong_time_is_refused(
    client: FlaskClient, launch: Launch, offsets: dict[str, int]
) -> None:
    assert_refused(client, launch(**from_now(offsets)))


@pytest.mark.parametrize("claim", NEEDED)
def test_a_missing_claim_is_refused(client: FlaskClient, launch: Launch, claim: str) -> None:
    assert_refused(client, launch(**{claim: None}))


@pytest.mark.parametrize(
    "token",
    ["", "a", "a.b.c", "é" * 50, "\x00", "." * 100, "x" * 100_000],
    ids=["empty", "letter", "parts", "accents", "null", "dots", "long"],
)
def test_garbage_is_refused(client: FlaskClient, environment: Environment, token: str) -> None:
    assert_refused(client, token[:200_000])


def test_a_launch_needs_a_token(client: FlaskClient) -> None:
    assert client.post("/launch").status_code == 403


def test_there_is_no_launch_by_url(client: FlaskClient, launch: Launch) -> None:
    assert client.get("/launch", query_string={"token": launch()}).status_code == 405


def test_a_good_token_is_accepted_once(client: FlaskClient, launch: Launch) -> None:
    token = launch()
    assert client.post("/launch", data={"token": token}).status_code == 200
    assert_refused(client, token)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("\ufeffZoë\u00ad de Vries\u202c", "Zoë de Vries"),
        ("Zoë\tde\nVries\x00", "Zoë de Vries"),
        ("👩\u200d💻 Zoë", "👩\u200d💻 Zoë"),
        ("Zoë \ud83d", "Zoë"),
        ("z" * 10_000, "z" * 200),
    ],
)
def test_nobody_is_kept_out_for_a_name(
    client: FlaskClient, launch: Launch, name: str, shown: str
) -> None:
    """With a soft hyphen, an emoji or 201 characters the CRM's user could open nothing."""
    assert client.post("/launch", data={"token": launch(name=name)}).status_code == 200
    assert shown_name(name) == shown


def test_the_clocks_may_differ_a_little(client: FlaskClient, launch: Launch) -> None:
    behind = launch(**from_now({"iat": -65, "nbf": -65, "exp": -5}))
    assert client.post("/launch", data={"token": behind}).status_code == 200


def test_used_tokens_are_remembered_as_long_as_they_could_count(
    client: FlaskClient, launch: Launch
) -> None:
    client.post("/launch", data={"token": launch()})
    used = db.session.scalars(select(UsedLaunch)).one()
    assert used.expires_at > datetime.now(UTC) + timedelta(seconds=60)


def test_a_refused_token_leaves_nothing(client: FlaskClient, launch: Launch) -> None:
    assert_refused(client, launch(aud="another"))
    assert db.session.scalar(select(func.count()).select_from(UsedLaunch)) == 0


def _signed(claims: dict[str, Any], secret: str, algorithm: str, typ: str) -> str:
    return jwt.encode(claims, secret, algorithm, headers={"typ": typ})


def test_only_our_algorithm_type_and_secret_count(
    client: FlaskClient, launch: Launch, environment: Environment
) -> None:
    claims = jwt.decode(launch(), options={"verify_signature": False})
    secret = environments.valid_secrets(environment, SecretKind.LAUNCH)[0]
    events = environments.valid_secrets(environment, SecretKind.EVENTS)[0]
    kind = "crm-launch+jwt"
    assert_refused(client, _signed(claims, secret, "HS256", "JWT"))
    assert_refused(client, _signed(claims, secret + secret, "HS512", kind))
    assert_refused(client, _signed(claims, events, "HS256", kind))
    assert_refused(client, _signed(claims, "", "none", kind))
    for algorithm in ("none", "RS256", "HS384"):
        assert_refused(client, _with_header(launch(), {"alg": algorithm, "typ": kind}))
    assert (
        client.post("/launch", data={"token": _signed(claims, secret, "HS256", kind)}).status_code
        == 200
    )


@pytest.mark.parametrize("payload", [b'{"iss": ["acme"]}', b'{"iss": "\\ud800"}', b'"acme"', b"{}"])
def test_claims_that_are_none_are_refused(
    client: FlaskClient, environment: Environment, payload: bytes
) -> None:
    secret = environments.valid_secrets(environment, SecretKind.LAUNCH)[0]
    assert_refused(client, jwt.PyJWS().encode(payload, secret, "HS256"))


def _with_header(token: str, header: dict[str, str]) -> str:
    head = base64.urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
    return ".".join([head, *token.split(".")[1:]])


def test_the_secret_of_another_environment_does_not_count(
    client: FlaskClient, launch: Launch, other_environment: Environment
) -> None:
    """Signed with bolt's secret, but saying that it is of acme."""
    assert_refused(client, launch(at=other_environment, iss="acme"))


def test_a_rotated_secret_counts_for_a_while(
    client: FlaskClient, launch: Launch, environment: Environment
) -> None:
    before = launch()
    environments.rotate(environment, SecretKind.LAUNCH)
    assert client.post("/launch", data={"token": before}).status_code == 200
    assert client.post("/launch", data={"token": launch()}).status_code == 200


def test_a_disabled_environment_is_refused(
    client: FlaskClient, launch: Launch, environment: Environment
) -> None:
    token = launch()
    environment.disabled_at = datetime.now(UTC)
    assert_refused(client, token)


@pytest.mark.parametrize(
    ("lang", "browser", "title"),
    [
        ("en", "nl", "This part could not be opened"),
        (None, "en", "Dit onderdeel kon niet worden geopend"),
        ("xx", "en-GB", "This part could not be opened"),
        ("xx", "fr", "Dit onderdeel kon niet worden geopend"),
    ],
)
def test_a_refusal_speaks_the_users_language(
    client: FlaskClient, launch: Launch, lang: str | None, browser: str, title: str
) -> None:
    token = launch(lang=lang, aud="another")
    answer = client.post("/launch", data={"token": token}, headers={"Accept-Language": browser})
    assert title in answer.text


def test_the_crm_may_show_a_refusal_of_what_it_signed_and_nobody_else(
    client: FlaskClient, launch: Launch
) -> None:
    signed = client.post("/launch", data={"token": launch(aud="another")})
    assert "frame-ancestors https://acme.crm.example" in signed.headers["Content-Security-Policy"]
    forged = client.post("/launch", data={"token": launch()[:-4] + "AAAA"})
    assert "frame-ancestors 'none'" in forged.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"widget": "of-next-year"}, "Deze versie van de plugin heeft het niet."),
        ({"widget": "admin", "resource": {"type": "none"}, "permission": "edit"},
         "Je rechten in het CRM laten dit niet toe. Vraag het een beheerder van het CRM."),
        ({"permission": "root"}, "Sluit het en open het opnieuw vanuit het CRM."),
    ],
)  # fmt: skip
def test_what_the_crm_asked_in_vain_is_told(
    client: FlaskClient, launch: Launch, changed: dict[str, Any], told: str
) -> None:
    assert told in words(client.post("/launch", data={"token": launch(**changed)}))
