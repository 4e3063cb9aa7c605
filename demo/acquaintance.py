"""People of the CRM whom the account has had for years, by their address: as on any first day."""

from __future__ import annotations

from typing import Any

import requests

from demo.crm.seed import contact_fields
from demo.crm.special import ODD

MOST = 1000
"""However large the CRM is."""
MONTHLY = 1


def introduce(spotler_url: str, contacts: int) -> None:
    """Put them into the account; some are outdated there, most get a newsletter."""
    people = [_known(index) for index in range(len(ODD), min(contacts, MOST)) if index % 5 < 3]
    # Two of the CRM share an address here and there: the account has it once.
    known = {each["email"]: each for each in people if each["email"]}
    body = {"contacts": list(known.values())}
    answer = requests.post(f"{spotler_url}/_sandbox/contacts", json=body, timeout=30)
    answer.raise_for_status()


def _known(index: int) -> dict[str, Any]:
    fields = contact_fields(index)
    properties = {
        "firstName": fields["first_name"],
        "infix": fields["infix"],
        "lastName": fields["last_name"],
        "phoneNumber": "010-1111111" if index % 4 == 0 else fields["phone"],
    }
    return {
        "email": fields["email"],
        "properties": {name: value for name, value in properties.items() if value},
        "permissions": [] if index % 7 == 0 else [MONTHLY],
    }
