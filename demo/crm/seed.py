"""Invented people and organisations: the same ones at every start, special cases first."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid5

from demo.crm.contact import as_row, empty
from demo.crm.contacts import INSERT
from demo.crm.fields import Values
from demo.crm.relations import searchable
from demo.crm.sales import PHASES
from demo.crm.special import LONG, ODD, is_locked
from demo.crm.store import Store

NAMESPACE = UUID("5b0c1c1a-6f0f-4d0c-9a60-5c1f6c2d7e11")
BEGINNING = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
STAFF = 5  # People per relation; the first of them is its primary contact.

NAMES = json.loads(Path(__file__).with_name("names.json").read_text(encoding="utf-8"))
FIRST_NAMES: list[str] = NAMES["first_names"]
LAST_NAMES: list[str] = NAMES["last_names"]
INFIXES: list[str | None] = NAMES["infixes"]
JOB_TITLES: list[str] = NAMES["job_titles"]
DEPARTMENTS: list[str | None] = NAMES["departments"]
KEYWORDS: list[str] = NAMES["keywords"]
CITIES: list[tuple[str, str]] = NAMES["cities"]
TRADES: list[str] = NAMES["trades"]


def contact_id(index: int) -> str:
    """The id of the n-th invented contact."""
    return str(uuid5(NAMESPACE, f"contact-{index}")).upper()


def relation_id(index: int) -> str:
    """The id of the n-th invented relation."""
    return str(uuid5(NAMESPACE, f"relation-{index}")).upper()


def contact_fields(index: int) -> Values:
    """The n-th invented person, whatever the number of people."""
    first = FIRST_NAMES[index * 7 % len(FIRST_NAMES)]
    last = LAST_NAMES[index * 11 % len(LAST_NAMES)]
    city, postcode = CITIES[index * 5 % len(CITIES)]
    born = date(1955, 1, 1) + timedelta(days=index * 37 % 17000)
    fields = empty() | {
        "first_name": first,
        "infix": INFIXES[index % len(INFIXES)],
        "last_name": last,
        "email": f"contact{index}@example.{'com' if index % 9 == 0 else 'nl'}",
        "phone": f"010-{2000000 + index * 13 % 7999999}",
        "mobile": f"06-{10000000 + index * 7919 % 89999999}" if index % 3 else None,
        "title": ("dr.", "ir.", "mr.")[index % 3] if index % 8 == 0 else None,
        "job_title": JOB_TITLES[index * 3 % len(JOB_TITLES)],
        "department": DEPARTMENTS[index % len(DEPARTMENTS)],
        "language": "en" if index % 12 == 7 else "nl",
        "keywords": [KEYWORDS[index % 7], KEYWORDS[index % 5]] if index % 2 else [],
        "note": "Belt graag ’s ochtends." if index % 6 == 0 else None,
        "gender": ("V", "M", "M", "V", None, "X")[index % 6],
        "birth_date": born.isoformat() if index % 4 else None,
        "street": f"Dorpsstraat {1 + index % 180}",
        "postcode": postcode,
        "city": city,
        "country": "Nederland",
        "appointments": index % 9,
        "last_spoken_at": (BEGINNING - timedelta(hours=index % 900)).isoformat(),
    }
    fields |= _oddity(index)
    known = str(fields["first_name"] or "")
    return fields | {"initials": f"{known[0]}." if known else None}


def _oddity(index: int) -> Values:
    if index < len(ODD):
        return ODD[index]
    if index % 17 == 0:
        return {"email": None}
    if index % 41 == 0:
        return {"email": f"contact{index - 1}@example.nl"}
    if index % 97 == 0:
        return {"first_name": f"{FIRST_NAMES[index % len(FIRST_NAMES)]} 🚀"}
    if index % 113 == 0:
        return {"job_title": LONG[:300]}
    if index % 53 == 0:
        return {"postcode": "B-2000", "city": "Antwerpen", "country": "België"}
    return {}


def relation_fields(index: int) -> Values:
    """The n-th invented organisation."""
    name = LAST_NAMES[index * 5 % len(LAST_NAMES)]
    return {
        "name": f"{TRADES[index % len(TRADES)]} {name}" + (f" {index}" if index > 25 else ""),
        "number": f"R{index + 1:05d}",
        "city": CITIES[index % len(CITIES)][0],
        "revenue": f"{125000 + index * 9500}.00",
        "documents": index % 2 == 0,
        "invoicing_module": index % 3 == 0,
        "timesheets": None if index % 4 else False,
    }


def fill(store: Store, contacts: int) -> None:
    """Put the invented data into an empty database."""
    with store.transaction():
        version = store.number("SELECT version FROM counter")
        store.run_many(INSERT, _contact_rows(contacts, version))
        store.run_many(
            "INSERT INTO relations (id, name, primary_contact_id, version, search, fields)"
            " VALUES (:id, :name, :primary_contact_id, :version, :search, :fields)",
            _relation_rows(contacts, version + contacts),
        )
        store.run_many(
            "INSERT INTO locks (contact_id) VALUES (?)",
            ((contact_id(index),) for index in range(contacts) if is_locked(index)),
        )
        store.run_many(
            "INSERT INTO sales (id, title, contact_id, phase, value) VALUES (?, ?, ?, ?, ?)",
            _sale_rows(contacts),
        )
        store.run("UPDATE counter SET version = ?", (version + contacts * 2,))


def clear(store: Store) -> None:
    """Delete everything; versions go on counting, as the plugin may remember them."""
    with store.transaction():
        for statement in (
            "DELETE FROM contacts",
            "DELETE FROM relations",
            "DELETE FROM locks",
            "DELETE FROM ticks",
            "DELETE FROM selections",
            "DELETE FROM selected",
            "DELETE FROM sales",
            "DELETE FROM phase_actions",
            "DELETE FROM events",
            "DELETE FROM answers",
            "DELETE FROM opt_outs",
        ):
            store.run(statement)


def _contact_rows(count: int, version: int) -> Iterator[dict[str, object]]:
    for index in range(count):
        changed_at = (BEGINNING + timedelta(seconds=index)).isoformat(timespec="milliseconds")
        active = index % 29 != 28
        yield as_row(
            contact_id(index),
            relation_id(index // STAFF),
            active,
            version + index + 1,
            changed_at,
            contact_fields(index),
        )


def _relation_rows(contacts: int, version: int) -> Iterator[dict[str, object]]:
    for index in range((contacts + STAFF - 1) // STAFF):
        fields = relation_fields(index)
        yield {
            "id": relation_id(index),
            "name": fields["name"],
            "primary_contact_id": contact_id(index * STAFF),
            "version": version + index + 1,
            "search": searchable(fields),
            "fields": json.dumps(fields, ensure_ascii=False),
        }


def _sale_rows(contacts: int) -> Iterator[tuple[object, ...]]:
    for index in range(min(contacts, 12)):
        phase = PHASES[index % 3]
        title = f"Project {CITIES[index % len(CITIES)][0]} {2026 + index % 2}"
        yield f"sale-{index + 1}", title, contact_id(index), phase, 4000 + index * 1750
