"""acme with its account and its CRM, and what a person does there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import requests
from sqlalchemy import select

from demo.crm.server import DemoCrm
from demo.spotler.server import Sandbox
from spotler_plugin.extensions import db
from spotler_plugin.models import Automation, Environment
from spotler_plugin.services.account.client import client_of
from spotler_plugin.services.contact.progress import RunView, progress_of
from spotler_plugin.services.contact.save import save_contact
from spotler_plugin.services.link.status import LinkStatus, status_of
from spotler_plugin.services.sync.advance import advance_run
from spotler_plugin.spotler import Contact, SpotlerClient
from tests.world.accounts import ALICE

REFUSED = "zoe@xn--e1afmkfd.xn--p1ai"
"""An address, which the sandbox refuses all the same."""
MONTHLY, QUARTERLY = 1, 2
"""Two permissions of the sandbox's account."""


@dataclass
class World:
    environment: Environment
    sandbox: Sandbox
    crm: DemoCrm

    def person(self, address: str | None = None, **values: Any) -> str:
        """The id of the CRM's contact with this address, made when there is none."""
        for contact_id in self.crm.data.contacts.ids(address or ""):
            row = self.crm.data.contacts.find(contact_id)
            if row is not None and row.fields["email"] == address and not values:
                return contact_id
        fields = {"email": address, "first_name": "Noor", "last_name": "Bakker"} | values
        return self.crm.data.contacts.add(fields, silent=True).id

    @property
    def spotler(self) -> SpotlerClient:
        return client_of(self.environment)

    def in_spotler(self, contact_id: str) -> Contact | None:
        return self.spotler.contacts.get(contact_id)

    def first_name(self, contact_id: str) -> object:
        """As Spotler has it."""
        found = self.in_spotler(contact_id)
        return found.properties.get("firstName") if found else None

    def control(self, method: str, path: str, /, **body: Any) -> Any:
        """The sandbox's control interface."""
        url = f"{self.sandbox.url}/_sandbox{path}"
        answer = requests.request(method, url, json=body or None, timeout=5)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def calls(self, method: str, path: str = "*") -> list[dict[str, Any]]:
        """What arrived at Spotler so far."""
        calls: list[dict[str, Any]] = self.control("GET", f"/calls?method={method}&path={path}")[
            "calls"
        ]
        return calls

    def fault(self, kind: str, **options: Any) -> None:
        """From now on Spotler has this fault."""
        self.control("POST", "/faults", kind=kind, **options)

    def automation(self, label: str) -> int:
        return db.session.scalars(
            select(Automation.id).where(
                Automation.environment_id == self.environment.id, Automation.label == label
            )
        ).one()

    def ask(
        self,
        contact_id: str,
        permissions: Mapping[int, bool] | None = None,
        automations: Collection[int] = (),
        *,
        grounds: Mapping[int, str] | None = None,
        take_over: bool = False,
        token: UUID | None = None,
        seen: Mapping[int, bool] | None = None,
    ) -> UUID:
        """Open the contact, switch, press Opslaan."""
        run_id = save_contact(
            self.environment,
            contact_id,
            actor=ALICE,
            request_token=token or uuid4(),
            permissions=permissions or {},
            automations=automations,
            grounds=grounds or {},
            take_over=take_over,
            seen=seen,
        )
        db.session.commit()
        return run_id

    def save(self, contact_id: str, *args: Any, **options: Any) -> RunView:
        """Ask, and let a worker do it."""
        run_id = self.ask(contact_id, *args, **options)
        self.work(run_id)
        return self.view(run_id, contact_id)

    def work(self, run_id: UUID) -> None:
        """What a worker does when it takes a job."""
        advance_run(run_id)
        db.session.expire_all()

    def sign_off(self, contact_id: str, bit: int) -> None:
        """The recipient unticks a permission in Spotler."""
        self.control("POST", f"/contacts/{contact_id}/permissions", bit=bit, enabled=False)

    def view(self, run_id: UUID, contact_id: str) -> RunView:
        view = progress_of(self.environment.id, run_id, contact_id)
        assert view is not None
        return view

    def status(self, contact_id: str) -> LinkStatus:
        return status_of(self.environment.id, contact_id)
