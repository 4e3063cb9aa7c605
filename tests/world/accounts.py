"""An environment between a CRM and a Spotler account, both over HTTP."""

from __future__ import annotations

from demo.crm.server import DemoCrm
from demo.spotler.server import Sandbox
from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, SecretKind
from spotler_plugin.services import environment as environments
from spotler_plugin.services.actor import Actor

ALICE = Actor("alice", "Alice de Vries")
NOWHERE = "http://127.0.0.1:9/nobody-listens"


def environment_of(key: str, sandbox: Sandbox, crm: DemoCrm | None) -> Environment:
    """Registered and committed; without a CRM its API is out of reach."""
    environments.add(
        key,
        name="Yoobi",
        crm_origins=["http://localhost"],
        crm_api=crm.api_url if crm else NOWHERE,
        spotler_url=sandbox.base_url,
        given={SecretKind.API: crm.settings.api_token} if crm else {},
    )
    db.session.commit()
    found = environments.find(key)
    assert found is not None
    return found
