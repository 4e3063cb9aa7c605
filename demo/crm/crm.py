"""The demo CRM as one object: its data, its outbox, and what tests control."""

from dataclasses import dataclass
from typing import cast

from flask import current_app

from demo.crm import seed
from demo.crm.answers import Answers
from demo.crm.calls import Calls
from demo.crm.contacts import Contacts
from demo.crm.events import Outbox
from demo.crm.faults import Faults
from demo.crm.opt_outs import OptOuts
from demo.crm.relations import Relations
from demo.crm.sales import Sales
from demo.crm.selections import Selections
from demo.crm.settings import Settings
from demo.crm.store import Store
from demo.crm.ticks import Ticks


@dataclass(frozen=True)
class Crm:
    """Everything that a page or an API call needs."""

    settings: Settings
    store: Store
    outbox: Outbox
    contacts: Contacts
    relations: Relations
    ticks: Ticks
    selections: Selections
    sales: Sales
    opt_outs: OptOuts
    answers: Answers
    faults: Faults
    calls: Calls

    @classmethod
    def open(cls, settings: Settings) -> "Crm":
        """Open the CRM with the data of its state folder, or with invented data."""
        store = Store(settings.state)
        outbox = Outbox(store)
        contacts = Contacts(store, outbox)
        with store.transaction():
            if store.row("SELECT 1 FROM meta WHERE name = 'seeded'") is None:
                seed.fill(store, settings.contacts)
                store.run("INSERT INTO meta (name, value) VALUES ('seeded', 'yes')")
        return cls(
            settings=settings,
            store=store,
            outbox=outbox,
            contacts=contacts,
            relations=Relations(store, outbox, contacts),
            ticks=Ticks(store),
            selections=Selections(store),
            sales=Sales(store, outbox),
            opt_outs=OptOuts(store),
            answers=Answers(store),
            faults=Faults(),
            calls=Calls(),
        )

    def reset(self, contacts: int | None = None) -> None:
        """Start over with invented data."""
        seed.clear(self.store)
        seed.fill(self.store, self.settings.contacts if contacts is None else contacts)
        self.faults.clear()
        self.calls.clear()


def crm() -> Crm:
    """The CRM of the current request."""
    return cast(Crm, current_app.extensions["crm"])
