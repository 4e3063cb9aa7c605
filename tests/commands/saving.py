"""Press Opslaan on a contact of the demo, as a web process does; called by test_outage."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from demo.spotler.server import Sandbox
from spotler_plugin import create_app
from spotler_plugin.extensions import db
from spotler_plugin.jobs import run
from spotler_plugin.services.account.client import is_connected
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.connection.credentials import connect
from spotler_plugin.services.contact.save import save_contact
from spotler_plugin.services.environment import all_environments, crm_of

ALICE = Actor("alice", "Alice de Vries")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def save() -> None:
    [owner] = all_environments()
    if not is_connected(owner.id):
        connect(owner, Sandbox.key, Sandbox.secret, ALICE)
        db.session.commit()
    page = next(crm_of(owner).contacts.changed_since(LONG_AGO))
    run_id = save_contact(
        owner,
        page.contacts[0].id,
        actor=ALICE,
        request_token=uuid4(),
        permissions={},
        automations=(),
    )
    run.start(run_id)


if __name__ == "__main__":
    with create_app().app_context():
        save()
