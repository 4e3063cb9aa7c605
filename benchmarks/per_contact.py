"""The way most connectors do it: one job and one POST for each contact. Plainly written.

Its workers have all modules loaded before they fork, and a session each; that is generous.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

import requests
from redis import Redis
from requests_oauthlib import OAuth1
from rq import Queue, Worker
from sqlalchemy import Engine, create_engine, text

NAME = "per-contact"
DONE = "per-contact:done"
FIELDS = {
    "first_name": "firstName",
    "initials": "initials",
    "infix": "infix",
    "last_name": "lastName",
    "phone": "phoneNumber",
    "mobile": "mobileNumber",
}


def push(contact_id: str) -> None:
    """Read the contact from the CRM, write it to Spotler, note that it was done."""
    contact = _crm(contact_id)
    values = {ours: contact[theirs] for theirs, ours in FIELDS.items() if contact[theirs]}
    body: dict[str, Any] = {
        "update": True,
        "purge": False,
        "contact": {
            "externalId": contact_id,
            "properties": {"email": contact["email"], **values},
        },
    }
    answer = requests.post(
        f"{os.environ['SPOTLER_URL']}/contact",
        json=body,
        auth=OAuth1(os.environ["BENCHMARK_KEY"], os.environ["BENCHMARK_SECRET"]),
        timeout=20,
    )
    answer.raise_for_status()
    with _engine().begin() as connection:
        connection.execute(
            text("UPDATE link SET synced_at = CURRENT_TIMESTAMP WHERE contact_id = :id"),
            {"id": contact_id},
        )
    Redis.from_url(os.environ["REDIS_URL"]).incr(DONE)


def _crm(contact_id: str) -> dict[str, Any]:
    answer = requests.get(
        f"{os.environ['BENCHMARK_CRM']}/contacts",
        params={"ids": contact_id},
        headers={"Authorization": f"Bearer {os.environ['BENCHMARK_TOKEN']}"},
        timeout=20,
    )
    answer.raise_for_status()
    fields: dict[str, Any] = answer.json()["contacts"][0]["fields"]
    return fields


@lru_cache(maxsize=1)
def _engine() -> Engine:
    return create_engine(os.environ["DATABASE_URL"])


def main() -> None:
    redis = Redis.from_url(os.environ["REDIS_URL"])
    Worker([Queue(NAME, connection=redis)], connection=redis).work(logging_level="ERROR")


if __name__ == "__main__":
    main()
