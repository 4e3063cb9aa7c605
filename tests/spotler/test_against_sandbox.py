"""The client and the sandbox, over HTTP, with real signatures: each keeps the other honest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from demo.spotler.server import Sandbox
from spotler_plugin.spotler import (
    ContactOptedOut,
    ContactWrite,
    CredentialsRefused,
    InvalidAnswer,
    NotFound,
    RateLimited,
    Refused,
    SaveCode,
    SpotlerClient,
    SpotlerError,
    Transport,
    Unavailable,
    UnknownOutcome,
    connect,
)

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
ALICE = ContactWrite("alice", {"email": "alice+1@example.nl", "firstName": "Alice"}, {1: True})


def client_of(sandbox: Sandbox) -> SpotlerClient:
    return connect(sandbox.base_url, sandbox.key, sandbox.secret)


def now() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=1)


def test_it_works(sandbox: Sandbox) -> None:
    client = client_of(sandbox)
    client.contacts.save(ALICE)
    contact = client.contacts.get("alice")
    assert contact is not None and contact.active
    assert contact.email == "alice+1@example.nl"
    assert contact.permissions[1] and sum(contact.permissions.values()) == 1


@pytest.mark.parametrize("external_id", ["a/b", "a b+c", "é?#%&=", "100%25", "~._-"])
def test_ids_and_values_travel_unharmed(sandbox: Sandbox, external_id: str) -> None:
    contacts = client_of(sandbox).contacts
    contacts.save(ContactWrite(external_id, {"email": "odd+id@example.nl", "city": "'s-Ede & “é”"}))
    contact = contacts.get(external_id)
    assert contact is not None
    assert contact.external_id == external_id
    assert contact.properties["city"] == "'s-Ede & “é”"
    assert contacts.search("email", "ODD+ID@example.nl") == [contact]
    assert contacts.search("city", "'s-Ede & “é”") == [contact]
    assert contacts.inactivate(external_id)


def test_unknown_contact(sandbox: Sandbox) -> None:
    client = client_of(sandbox)
    assert client.contacts.get("nobody") is None
    assert client.contacts.inactivate("nobody") is False
    assert client.contacts.search("email", "nobody@example.nl") == []
    assert client.mailings.history("nobody") == []
    with pytest.raises(NotFound):
        client.contacts.replace(ContactWrite("nobody", {"email": "nobody@example.nl"}))


def test_properties(sandbox: Sandbox) -> None:
    properties = {each.name: each for each in client_of(sandbox).properties.list()}
    assert properties["email"].type == "email"
    assert properties["permissions"].type == "set"
    assert [entry.bit for entry in properties["permissions"].entries][:3] == [1, 2, 4]


def test_save_many(sandbox: Sandbox) -> None:
    writes = [ALICE, ContactWrite("bob", {"email": "no address"})]
    results = client_of(sandbox).contacts.save_many(writes)
    assert results["alice"].code is SaveCode.OK
    assert results["bob"].code is SaveCode.PROPERTY_INVALID


def test_bits_that_are_not_sent_stay_and_replace_clears(sandbox: Sandbox) -> None:
    contacts = client_of(sandbox).contacts
    contacts.save(ALICE)
    contacts.save(ContactWrite("alice", {}, {2: True}))
    contact = contacts.get("alice")
    assert contact and contact.permissions[1] and contact.permissions[2]
    contacts.replace(ContactWrite("alice", {"email": "alice+1@example.nl"}, {2: True}))
    contact = contacts.get("alice")
    assert contact and not contact.permissions[1] and contact.permissions[2]
    assert "firstName" not in contact.properties


def test_a_contact_can_be_written_back_as_it_was_read(sandbox: Sandbox) -> None:
    contacts = client_of(sandbox).contacts
    contacts.save(
        ContactWrite("alice", {**ALICE.properties, "profileFields": {1: True}}, {4: True})
    )
    before = contacts.get("alice")
    assert before is not None
    contacts.replace(ContactWrite("alice", before.properties, before.permissions))
    after = contacts.get("alice")
    assert after is not None
    assert (after.properties, after.permissions) == (before.properties, before.permissions)


def test_inactive_and_opted_out(sandbox: Sandbox) -> None:
    contacts = client_of(sandbox).contacts
    contacts.save(ALICE)
    assert contacts.inactivate("alice")
    contact = contacts.get("alice")
    assert contact is not None and not contact.active
    sandbox.state.settings.forced_codes["alice"] = "CONTACT_OPTOUT"
    assert contacts.save_many([ALICE])["alice"].code is SaveCode.CONTACT_OPTOUT
    with pytest.raises(ContactOptedOut):
        contacts.save(ALICE)


@pytest.mark.parametrize("base", ["integrationservice", "integrationservice-1.1.0"])
def test_updates_in_pages_on_both_bases(sandbox: Sandbox, base: str) -> None:
    client = connect(f"{sandbox.url}/{base}", sandbox.key, sandbox.secret)
    pages = list(client.contacts.updates(LONG_AGO, now(), page_size=50))
    everybody = [contact for page in pages for contact in page if contact]
    assert len(pages) > 1
    assert len({each.encrypted_id for each in everybody}) == len(everybody)
    assert len(everybody) == len(sandbox.state.account.directory)
    assert all(each.last_changed and each.last_changed.tzinfo for each in everybody)
    assert not list(client.contacts.updates(LONG_AGO, LONG_AGO + timedelta(days=1)))


@pytest.mark.parametrize("base", ["integrationservice", "integrationservice-1.1.0"])
def test_bounces_on_both_bases(sandbox: Sandbox, base: str) -> None:
    client = connect(f"{sandbox.url}/{base}", sandbox.key, sandbox.secret)
    bounces = [each for page in client.contacts.bounces(LONG_AGO, now()) for each in page]
    assert bounces
    assert all(each.at and each.encrypted_id for each in bounces)


def test_history(sandbox: Sandbox) -> None:
    client = client_of(sandbox)
    page = next(client.contacts.updates(LONG_AGO, now()))
    histories = [
        client.mailings.history(each.external_id) for each in page[:20] if each and each.external_id
    ]
    longest = max(histories, key=len)
    assert longest and all(each.name and each.sent_at for each in longest)
    assert longest == sorted(longest, key=lambda each: each.sent_at or LONG_AGO, reverse=True)


def test_automations(sandbox: Sandbox) -> None:
    client = client_of(sandbox)
    client.contacts.save(ALICE)
    automations = client.automations.list()
    assert automations
    running = next(each for each in automations if each.active)
    resting = next(each for each in automations if not each.active)
    assert client.automations.trigger(running.triggers[0].code, "alice").started
    refused = client.automations.trigger(resting.triggers[0].code, "alice")
    assert (refused.started, refused.result) == (False, "NOT_TRIGGERED")
    assert refused.details == ((resting.id, "AUTOMATION_INACTIVE"),)
    unknown = client.automations.trigger("82418149-0000-0000-0000-84293369a4e8", "alice")
    assert unknown.result == "TRIGGER_NOTFOUND"
    nobody = client.automations.trigger(running.triggers[0].code, "nobody")
    assert nobody.result == "CONTACT_NOTFOUND"


def test_no_list_of_automations(sandbox: Sandbox) -> None:
    sandbox.state.settings.automation_list = False
    assert client_of(sandbox).automations.list() is None


def test_campaigns(sandbox: Sandbox) -> None:
    client = client_of(sandbox)
    client.contacts.save(ALICE)
    campaign = next(each for each in client.campaigns.list() if each.active and each.triggers)
    trigger = campaign.triggers[0].encrypted_id
    assert client.campaigns.trigger(trigger, "alice").started
    assert client.campaigns.trigger(trigger, "alice").result == "INVALID_STATE"
    assert client.campaigns.trigger("unknown", "alice").result == "TRIGGER_NOTFOUND"
    client.campaigns.stop(campaign.encrypted_id, "alice")
    with pytest.raises(Refused):
        client.campaigns.stop(campaign.encrypted_id, "alice")
    with pytest.raises(NotFound):
        client.campaigns.stop("unknown", "alice")


@pytest.mark.parametrize("answer", ["401", "403", "text"])
def test_wrong_secret(sandbox: Sandbox, answer: str) -> None:
    sandbox.state.settings.auth_failure = answer
    stranger = SpotlerClient(Transport(sandbox.base_url, sandbox.key, "wrong"))
    with pytest.raises(CredentialsRefused):
        stranger.properties.list()
    with pytest.raises(CredentialsRefused):
        stranger.automations.trigger("code", "alice")


@pytest.mark.parametrize(
    ("kind", "when", "error"),
    [
        ("rate_limit", "before", RateLimited),
        ("backend_exception", "after", Unavailable),
        ("unavailable", "before", Unavailable),
        ("drop", "before", UnknownOutcome),
        ("drop", "after", UnknownOutcome),
        ("html", "after", UnknownOutcome),
        ("half_json", "after", UnknownOutcome),
        ("unauthorized", "before", CredentialsRefused),
        ("forbidden", "before", CredentialsRefused),
    ],
)
def test_faults_while_writing(
    sandbox: Sandbox, kind: str, when: str, error: type[SpotlerError]
) -> None:
    sandbox.state.faults.add({"kind": kind, "when": when, "times": 1})
    contacts = client_of(sandbox).contacts
    with pytest.raises(error):
        contacts.save_many([ALICE])
    # The connection recovers, and writing again is safe.
    assert contacts.save_many([ALICE])["alice"].code is SaveCode.OK


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("html", InvalidAnswer),
        ("half_json", InvalidAnswer),
        ("drop", UnknownOutcome),
        ("unavailable", Unavailable),
    ],
)
def test_faults_while_reading(sandbox: Sandbox, kind: str, error: type[SpotlerError]) -> None:
    sandbox.state.faults.add({"kind": kind, "times": 1})
    with pytest.raises(error):
        client_of(sandbox).properties.list()
    assert client_of(sandbox).properties.list()


def test_time_out(sandbox: Sandbox) -> None:
    sandbox.state.faults.add({"kind": "delay", "seconds": 0.2, "times": 1})
    transport = Transport(sandbox.base_url, sandbox.key, sandbox.secret).with_timeout(0.05)
    with pytest.raises(UnknownOutcome):
        SpotlerClient(transport).contacts.get("alice")


def test_a_connection_that_the_other_side_closed_is_replaced() -> None:
    with Sandbox() as first:
        client = client_of(first)
        assert client.properties.list()
    with Sandbox(port=first.port):
        assert client.properties.list()
