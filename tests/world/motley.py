"""Contacts of all kinds in one selection: new and linked, doubled, signed off, gone, inactive …"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Link, Source
from spotler_plugin.planning.adjustment import Adjustment, Switch
from tests.world.crowd import read_feed
from tests.world.mutation import finish, mutate
from tests.world.world import MONTHLY, QUARTERLY, World

NAME = "Directeur"

LINKED = (
    "linked", "on", "same", "signed off", "signed off and same", "out", "bounced",
    "no address any more", "address of a colleague", "swapped", "swapped", "inactive and linked",
    "gone and linked", "emptied", "started", "moved to one who is out",
)  # fmt: skip
UNLINKED = (
    "new", "new", "new", "no address", "doubled", "out elsewhere", "somebody else", "known",
    "signed off before", "inactive", "gone", "never there",
)  # fmt: skip
WITH_PERMISSION = ("on", "same", "signed off", "signed off and same", "out", "swapped")


@dataclass
class Motley:
    """So many contacts, in a random order."""

    world: World
    kinds: Sequence[str]
    automation: int
    ids: list[str] = field(default_factory=list)

    def make(self) -> None:
        """Make them, link who is linked, and let happen what happened to them."""
        for number, kind in enumerate(self.kinds):
            self.ids.append(self._add(number, kind))
        linked = [n for n, kind in enumerate(self.kinds) if kind in LINKED]
        self._link([n for n in linked if self.kinds[n] not in WITH_PERMISSION])
        self._link([n for n in linked if self.kinds[n] in WITH_PERMISSION], {MONTHLY: Switch(True)})
        started = [n for n in linked if self.kinds[n] == "started"]
        self._link(started, automations=(self.automation,))
        read_feed(self.world)
        for number, kind in enumerate(self.kinds):
            self._befall(number, kind)
        self._swap([n for n in linked if self.kinds[n] == "swapped"])
        db.session.commit()
        read_feed(self.world)

    def address(self, number: int) -> str:
        return f"m{number}@example.nl"

    def _add(self, number: int, kind: str) -> str:
        if kind == "never there":
            return f"never-{number}"
        values: dict[str, Any] = {
            "email": None if kind == "no address" else self.address(number),
            "last_name": NAME if "same" in kind else "Bakker",
            "phone": "010 1234567",
        }
        if kind == "doubled":
            values["email"] = self.address(number // 2)
        contacts = self.world.crm.data.contacts
        id_ = contacts.add(values, contact_id=f"{number:06}", silent=True).id
        if kind == "gone":
            contacts.delete(id_, silent=True)
        if kind == "inactive":
            contacts.change(id_, {}, active=False, silent=True)
        return id_

    def _link(self, numbers: Sequence[int], switches: dict[int, Switch] | None = None,
              automations: tuple[int, ...] = ()) -> None:  # fmt: skip
        chosen = [self.ids[number] for number in numbers]
        finish(
            mutate(self.world, chosen, Adjustment(switches=switches or {}, automations=automations))
        )

    def _befall(self, number: int, kind: str) -> None:
        world, id_, address = self.world, self.ids[number], self.address(number)
        contacts = world.crm.data.contacts
        match kind:
            case "signed off" | "signed off and same":
                world.sign_off(id_, MONTHLY)
            case "out":
                world.control("POST", f"/contacts/{id_}/opt-out")
            case "bounced":
                world.control("POST", f"/contacts/{id_}/bounce")
            case "no address any more":
                contacts.change(id_, {"email": None}, silent=True)
            case "address of a colleague":
                contacts.change(id_, {"email": self.address(number // 2)}, silent=True)
            case "moved to one who is out":
                self._plant(f"out-{address}", standing="opt_out")
                contacts.change(id_, {"email": f"out-{address}"}, silent=True)
            case "inactive and linked":
                contacts.change(id_, {}, active=False, silent=True)
            case "gone and linked":
                contacts.delete(id_, silent=True)
            case "emptied":
                contacts.change(id_, {"phone": None}, silent=True)
            case "out elsewhere":
                self._plant(address, standing="opt_out")
            case "somebody else":
                self._plant(address, externalId=f"else-{number}")
            case "known":
                self._plant(address, permissions=[MONTHLY, QUARTERLY])
            case "signed off before":
                self._signed_off_before(number)

    def _plant(self, address: str, **more: Any) -> None:
        self.world.control("POST", "/contacts", contacts=[{"email": address} | more])

    def _signed_off_before(self, number: int) -> None:
        """Under an id that the CRM no longer has."""
        owner, at = self.world.environment.id, datetime.now(UTC) - timedelta(days=9)
        link = Link(environment_id=owner, contact_id=f"old-{number}", address=self.address(number))
        act = Act(environment_id=owner, contact_id=f"old-{number}", bit=MONTHLY, enabled=False,
                  at=at, applied_at=at, source=Source.SPOTLER)  # fmt: skip
        db.session.add_all([link, act])

    def _swap(self, numbers: Sequence[int]) -> None:
        for one, other in zip(numbers[::2], numbers[1::2], strict=False):
            for whose, address in (one, self.address(other)), (other, self.address(one)):
                self.world.crm.data.contacts.change(
                    self.ids[whose], {"email": address}, silent=True
                )


def motley(world: World, number: int, seed: int) -> Motley:
    """Each kind at least once, as far as there is room."""
    chance = random.Random(seed)
    kinds = [*LINKED, *UNLINKED]
    kinds += chance.choices(kinds, k=number - len(kinds))
    chance.shuffle(kinds)
    made = Motley(world, kinds, world.automation("download e-book"))
    made.make()
    return made
