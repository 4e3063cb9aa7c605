"""No event makes the intake fail, and what is refused changes no row."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from spotler_plugin.blueprints.event.intake import LARGEST
from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Event, EventType
from tests.events import body_of, signed
from tests.fuzz.odd import budget, shaped, texts, values

NAMES = ["contact_id", "version", "kept_id", "merged_id", "relation_id", "changed_fields",
         "action_id", "transition"]  # fmt: skip
moments = st.sampled_from(
    ["2026-11-25T10:00:00Z", "2026-11-25", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
ids = st.sampled_from(["c-1", "c-2", "r:1", "a,b", "x" * 121])
transitions = shaped(["id", "sale_id", "from_phase", "to_phase", "at"], texts | moments | values)
bodies = st.one_of(
    values,
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(list(EventType)) | values,
            "timestamp": moments | values,
            "data": shaped(NAMES, ids | st.integers() | transitions | values) | values,
        }
    ),
)
headers = st.dictionaries(
    st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature", "Content-Type",
                     "Content-Length", "Content-Encoding"]),
    st.sampled_from(["v1,", "v1,é", "v1,AAAA v1,AAAA", ",", "1e400", "-1", "NaN", "0"])
    | st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20),
    max_size=3,
)  # fmt: skip


def number() -> int:
    return db.session.scalar(select(func.count()).select_from(Event)) or 0


@given(body=st.binary(max_size=200) | bodies.map(json.dumps).map(str.encode),
       changed=headers, key=st.sampled_from(["acme", "nobody", "%00", "é"]))  # fmt: skip
@budget(500)
def test_what_nobody_signed_changes_nothing(
    client: FlaskClient, environment: Environment, body: bytes, changed: dict[str, str], key: str
) -> None:
    now = str(int(datetime.now(UTC).timestamp()))
    given = {"webhook-id": "evt", "webhook-timestamp": now, "webhook-signature": "v1,AAAA"}
    answer = client.post(f"/events/{key}", data=body, headers=given | changed)
    assert answer.status_code in (400, 401, 404, 413)
    assert number() == 0


@given(body=bodies)
@budget(500)
def test_what_the_crm_signed_is_stored_or_refused(
    client: FlaskClient, environment: Environment, body: Any
) -> None:
    before = number()
    sent = json.dumps(body).encode()
    given = signed(environment, sent, id=uuid4().hex)
    answer = client.post("/events/acme", data=sent, headers=given)
    assert answer.status_code in (202, 400, 413)
    assert number() == before + (answer.status_code == 202)


@given(skew=st.integers(-400, 400) | st.integers(-(10**9), 10**9), size=st.integers(0, 25_000))
@budget(200)
def test_clock_and_size_are_looked_at_before_anything_is_stored(
    client: FlaskClient, environment: Environment, skew: int, size: int
) -> None:
    before = number()
    at = datetime.now(UTC) + timedelta(seconds=skew)
    sent = body_of("contact.changed", contact_id="c-1", version=1).ljust(size)
    answer = client.post("/events/acme", data=sent, headers=signed(environment, sent, at=at))
    # Within seconds of the limit it depends on when the answer is given.
    if len(sent) > LARGEST:
        assert answer.status_code == 413
    elif abs(abs(skew) - 300) > 5:
        assert answer.status_code == (202 if abs(skew) < 300 else 401)
    assert number() == before + (answer.status_code == 202)
