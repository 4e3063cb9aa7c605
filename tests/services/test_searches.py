"""Each search finds a contact however its name or address is typed, or stands in Spotler."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from spotler_plugin.extensions import db
from spotler_plugin.models import DriftKind, Environment, Link, RunKind, Source, Whom
from spotler_plugin.services.automatic_action import try_out
from spotler_plugin.services.consent_log import people
from spotler_plugin.services.contact.listing import Wanted, page_of_contacts
from spotler_plugin.services.drift.items import Filter as DriftFilter
from spotler_plugin.services.drift.items import page_of_drift
from spotler_plugin.services.drift.request import request_drift
from spotler_plugin.services.drift.rows import Found, add_rows
from spotler_plugin.services.mirror.record import record_contacts
from spotler_plugin.services.run.create import create_run
from spotler_plugin.services.run.items import Filter, page_of_items
from spotler_plugin.services.run.whom import Group, count_contacts
from spotler_plugin.spotler import Contact

NAME, ADDRESS = {"firstName": "Zo\u00ad\u00eb", "lastName": "\ufeffde Vries"}, "Zoe@K\u00c4SE.de"
Search = Callable[[str], int]


@pytest.fixture
def searches(environment: Environment) -> dict[str, Search]:
    """One contact that is in all that can be searched: how often each finds it."""
    id_, now = environment.id, datetime.now(UTC)
    seen = Contact(
        external_id="c-1",
        encrypted_id="e-1",
        active=True,
        permissions={},
        properties={**NAME, "email": f"\u200b{ADDRESS}"},
        created=now,
        last_changed=now,
        test_group=False,
        temporary=False,
    )
    record_contacts(id_, [seen], now)
    db.session.add(
        Link(environment_id=id_, contact_id="c-1", linked_at=now, address="zoe@xn--kse-qla.de")
    )
    run, _ = create_run(
        id_, ["c-1"], kind=RunKind.BULK, source=Source.BULK, actor=None, request_token=uuid4()
    )
    drift = request_drift(environment, None)
    name = " ".join(NAME.values())
    add_rows(drift, [Found(DriftKind.MISSING, "c-1", name=name, address=f"\u200b{ADDRESS}")])
    db.session.commit()
    return {
        "run": lambda typed: page_of_items(id_, run.id, Filter(query=typed), 1).total,
        "contacts": lambda typed: page_of_contacts(id_, Wanted(query=typed), 1).total,
        "acts": lambda typed: "c-1" in people.find_people(id_, typed).ids,
        "action": lambda typed: len(try_out.find_people(id_, typed)),
        "drift": lambda typed: page_of_drift(id_, drift.id, DriftFilter(query=typed), 1).total,
        "restore": lambda typed: count_contacts(Group(id_, Whom.BACKUP, query=typed)),
    }


SEARCHES = ["run", "contacts", "acts", "action", "drift", "restore"]


@pytest.mark.parametrize("name", SEARCHES)
@pytest.mark.parametrize(
    "typed", ["zoe@k\u00e4se.de", "ZOE@K\u00c4SE.DE", "zoe@xn--kse-qla.de", "k\u00e4se.de", "Zoe@"]
)
def test_an_address_is_found_in_either_alphabet(
    searches: dict[str, Search], name: str, typed: str
) -> None:
    assert searches[name](typed) == 1


@pytest.mark.parametrize("name", ["run", "contacts", "acts", "drift"])
def test_a_name_is_found_without_what_nobody_sees_in_it(
    searches: dict[str, Search], name: str
) -> None:
    assert searches[name]("Zo\u00eb de vries") == 1


@pytest.mark.parametrize("name", SEARCHES)
@pytest.mark.parametrize("typed", ["\u0130" * 200, "\u0301", "%", "x" * 320])
def test_what_is_nobodys_finds_nobody(searches: dict[str, Search], name: str, typed: str) -> None:
    """A text that grew beyond any address was looked for as an empty one, which all have."""
    assert searches[name](typed) == 0
