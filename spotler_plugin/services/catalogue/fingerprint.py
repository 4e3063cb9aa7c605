"""Whether the catalogue is still what a preview was computed with."""

from __future__ import annotations

import json
from hashlib import sha256

from spotler_plugin.services.catalogue.fields import crm_fields
from spotler_plugin.services.catalogue.properties import account_properties


def fingerprint_of(environment_id: int) -> str:
    """Return a hash of all that decides what a mapping does: fields in their order, properties and
    the entries of sets."""
    fields = [(f.entity, f.name, f.type, f.choices) for f in crm_fields(environment_id)]
    properties = sorted(
        (p.name, p.type, sorted(p.entries)) for p in account_properties(environment_id)
    )
    return sha256(json.dumps([fields, properties]).encode()).hexdigest()
