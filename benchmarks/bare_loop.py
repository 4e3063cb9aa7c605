"""The same work with nothing promised: read, map and post a hundred at a time, in a plain loop.

No ledger, lease, mirror or limiter: what this takes is what the calls and the mapping cost.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import requests
from requests_oauthlib import OAuth1

from benchmarks.per_contact import FIELDS

AT_ONCE = 100


def push(contact_ids: list[str]) -> None:
    """Read these from the CRM and write them to Spotler, a hundred at a time."""
    crm, spotler = requests.Session(), requests.Session()
    crm.headers["Authorization"] = f"Bearer {os.environ['BENCHMARK_TOKEN']}"
    spotler.auth = OAuth1(os.environ["BENCHMARK_KEY"], os.environ["BENCHMARK_SECRET"])
    for start in range(0, len(contact_ids), AT_ONCE):
        part = contact_ids[start : start + AT_ONCE]
        read = crm.get(
            f"{os.environ['BENCHMARK_CRM']}/contacts", params={"ids": ",".join(part)}, timeout=20
        )
        read.raise_for_status()
        written = spotler.post(
            f"{os.environ['SPOTLER_URL']}/contact/list",
            json={
                "update": True,
                "purge": False,
                "contacts": [_mapped(each) for each in read.json()["contacts"]],
            },
            timeout=20,
        )
        written.raise_for_status()


def _mapped(contact: dict[str, Any]) -> dict[str, Any]:
    fields = contact["fields"]
    values = {ours: fields[theirs] for theirs, ours in FIELDS.items() if fields[theirs]}
    return {
        "externalId": contact["id"],
        "properties": {"email": fields["email"], **values},
    }


if __name__ == "__main__":
    print("ready", flush=True)
    push(sys.stdin.read().split())
