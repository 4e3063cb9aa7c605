"""What there is to choose from: taken over, marked when it vanishes, back when it returns."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import text

from demo.processes import wait_until
from spotler_plugin import crm as customer
from spotler_plugin import spotler
from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Automation,
    Environment,
    Field,
    Permission,
    Property,
)
from spotler_plugin.planning.values.types import FieldType
from spotler_plugin.services.catalogue.fields import crm_fields
from spotler_plugin.services.catalogue.properties import mappable_properties
from spotler_plugin.services.catalogue.store import count_catalogue, store_catalogue
from spotler_plugin.services.mapping.rules import rules_of
from spotler_plugin.services.mapping.store import make_base_mapping, saved_mapping
from tests.services.catalogue.readings import FIELD, FIRST_NAME, PERMISSIONS, reading


def test_permissions_are_the_entries_of_their_property(acme: Environment) -> None:
    store_catalogue(acme.id, reading(FIRST_NAME, PERMISSIONS))
    rows = db.session.query(Permission).order_by(Permission.position).all()
    assert [(row.bit, row.description) for row in rows] == [
        (1, "Nieuwsbrief"),
        (2**40, "Beheerder"),
    ]
    assert [row.name for row in db.session.query(Property)] == ["firstName"]


def test_what_vanishes_is_marked_and_comes_back(acme: Environment) -> None:
    more = spotler.Property("lastName", "Achternaam", "string")
    store_catalogue(acme.id, reading(FIRST_NAME, more, fields=[FIELD]))
    store_catalogue(acme.id, reading(more))
    assert [each.name for each in mappable_properties(acme.id)] == ["lastName"]
    assert db.session.query(Property).count() == 2
    assert count_catalogue(acme.id).fields == 1, "the CRM was not read, so nothing is known of it"
    store_catalogue(acme.id, reading(more, FIRST_NAME))
    assert [each.name for each in mappable_properties(acme.id)] == ["lastName", "firstName"]
    assert db.session.query(Property).count() == 2


def test_without_a_permissions_property_the_permissions_stay(acme: Environment) -> None:
    store_catalogue(acme.id, reading(FIRST_NAME, PERMISSIONS))
    store_catalogue(acme.id, reading(FIRST_NAME))
    assert count_catalogue(acme.id).permissions == 2


def test_a_mapping_row_whose_property_vanished_feeds_nothing(acme: Environment) -> None:
    store_catalogue(acme.id, reading(FIRST_NAME, fields=[FIELD]))
    assert make_base_mapping(acme)
    assert not make_base_mapping(acme), "it is made once"
    store_catalogue(acme.id, reading(spotler.Property("x", "X", "hologram"), fields=[FIELD]))
    assert rules_of(acme.id).rows == []
    assert list(saved_mapping(acme.id).values()) == ["firstName"], "it may come back"


def test_names_and_labels_of_any_length_are_taken(acme: Environment) -> None:
    long = spotler.Property("n" * 400, "te lang", "string")
    odd = spotler.Property("odd", "🌷" * 400, "t" * 100)
    field = customer.Field("odd", "🌷" * 400, "t" * 100, customer.Entity.CONTACT)
    store_catalogue(acme.id, reading(FIRST_NAME, long, odd, fields=[field]))
    assert [row.name for row in db.session.query(Property).order_by(Property.id)] == [
        "firstName",
        "odd",
    ]
    kept = db.session.query(Field).one()
    assert (len(kept.label), kept.type) == (300, FieldType.UNKNOWN)


def test_choices_go_along_to_the_mapping(acme: Environment) -> None:
    language = customer.Field(
        "language",
        "Voorkeurstaal",
        "choice",
        customer.Entity.CONTACT,
        choices=(customer.Choice("nl", "Nederlands"),),
    )
    store_catalogue(acme.id, reading(fields=[language]))
    [field] = crm_fields(acme.id)
    assert field.choices == (("nl", "Nederlands"),)
    assert db.session.query(Field).one().entity == "contact"
    assert db.session.query(Automation).count() == 0


@pytest.mark.skipif(
    not os.environ.get("TEST_DATABASE_URL"), reason="SQLite has one writer: nobody comes between"
)
def test_two_that_find_the_same_new_field_wait_for_each_other(
    app: Flask, acme: Environment
) -> None:
    """The clock and a run that doubts the catalogue, or two administrators."""
    store_catalogue(acme.id, reading(FIRST_NAME))
    acme_id = acme.id
    with ThreadPoolExecutor(1) as thread:

        def second() -> None:
            with app.app_context():
                store_catalogue(acme_id, reading(FIRST_NAME))
                db.session.commit()

        done = thread.submit(second)
        assert wait_until(_somebody_waits, 10)
        db.session.commit()
        done.result(10)
    assert count_catalogue(acme_id).properties == 1


def _somebody_waits() -> bool:
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    with db.engine.connect() as another:
        return bool(another.scalar(waiting))
