"""A contact on its screen, after asking CRM and Spotler."""

from __future__ import annotations

from uuid import UUID

import pytest

from demo.crm.faults import Fault as CrmFault
from demo.crm.faults import Kind as CrmKind
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.contact.progress import progress_of
from spotler_plugin.services.contact.save import save_contact
from spotler_plugin.services.contact.view import refresh_contact
from tests.world.accounts import ALICE
from tests.world.world import MONTHLY, World


class TestFresh:
    """Opening the modal asks CRM and Spotler; what is away is said, the rest is shown."""

    def test_it_knows_name_and_address(self, world: World) -> None:
        shown = refresh_contact(world.environment, world.person("zoe@example.nl"))
        assert shown.contact.name == "Zoë van der Österbaan"
        assert shown.contact.address == "zoe@example.nl"
        assert shown.trouble is None

    def test_what_a_first_link_leaves_is_known_before(self, world: World) -> None:
        person = world.person("bestaand@example.nl", first_name="Bente", infix=None, phone=None)
        found = world.spotler.contacts.search("email", "bestaand@example.nl")[0]
        shown = refresh_contact(world.environment, person)
        assert shown.first is not None
        stays = {name: found.properties[name] for name in shown.first.stays}
        assert stays == shown.first.stays and all(stays.values())
        on = {each.bit for each in shown.contact.permissions if each.enabled}
        assert MONTHLY in on, "they are shown as they are there"
        world.save(person, seen={each.bit: each.enabled for each in shown.contact.permissions})
        linked = world.in_spotler(person)
        assert linked is not None and linked.properties.items() >= stays.items()

    def test_spotler_away(self, world: World) -> None:
        zoe = world.person("zoe@example.nl")
        world.save(zoe, {MONTHLY: True})
        world.fault("unavailable")
        shown = refresh_contact(world.environment, zoe)
        assert (shown.trouble, shown.mailings) == (Reason.SPOTLER_AWAY, None)
        assert any(each.enabled for each in shown.contact.permissions), "what is known is shown"

    def test_the_key_was_revoked(self, world: World) -> None:
        world.fault("unauthorized")
        shown = refresh_contact(world.environment, world.person("zoe@example.nl"))
        assert shown.trouble is Reason.CREDENTIALS_REFUSED

    @pytest.mark.parametrize(
        ("kind", "trouble"), [("500", Reason.CRM_AWAY), ("401", Reason.CRM_REFUSED)]
    )
    def test_the_crm_away(self, world: World, kind: CrmKind, trouble: Reason) -> None:
        zoe = world.person("zoe@example.nl")
        world.crm.data.faults.add(CrmFault(kind, path="/contacts"))
        assert refresh_contact(world.environment, zoe).trouble is trouble

    def test_gone_from_the_crm(self, world: World) -> None:
        zoe = world.person("zoe@example.nl")
        world.crm.data.contacts.delete(zoe, silent=True)
        assert refresh_contact(world.environment, zoe).trouble is Reason.GONE

    def test_another_environment_sees_nothing(self, world: World) -> None:
        zoe = world.person("zoe@example.nl")
        world.save(zoe, {MONTHLY: True})
        assert save_contact(
            world.environment,
            zoe,
            actor=ALICE,
            request_token=UUID(int=1),
            permissions={},
            automations=[],
        )
        assert progress_of(world.environment.id + 1, UUID(int=1), zoe) is None
