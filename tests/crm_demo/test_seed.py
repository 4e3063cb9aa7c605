"""The invented data: the same at every start, and as odd as real data."""

from collections import Counter

import pytest

from demo.crm.contact import Contact
from demo.crm.crm import Crm
from demo.crm.settings import Settings


@pytest.fixture
def many() -> list[Contact]:
    """A thousand contacts."""
    data = Crm.open(Settings(contacts=1000))
    found = data.contacts.page("", "", 1000, 0)
    data.store.close()
    return found


def test_the_first_ten_are_known(data: Crm) -> None:
    first = data.contacts.page("", "", 10, 0)
    assert first[0].id == "C81F5D5B-E320-5E22-81B2-FD244B9CF787"
    assert first[0].name == "Zoë van der Österbaan"
    emails = [contact.fields["email"] for contact in first]
    assert emails[:6] == [
        "zoe@example.nl",
        "bestaand@example.nl",
        "andermans@example.nl",
        "afgemeld@example.nl",
        "gebounced@example.nl",
        None,
    ]


def test_the_number_of_contacts_changes_nobody(data: Crm, many: list[Contact]) -> None:
    few = data.contacts.page("", "", 40, 0)
    assert [each.id for each in few] == [each.id for each in many[:40]]
    assert [each.fields for each in few] == [each.fields for each in many[:40]]


def test_the_data_is_odd(many: list[Contact]) -> None:
    emails = Counter(contact.fields["email"] for contact in many)
    assert emails[None] > 50
    assert max(times for email, times in emails.items() if email) == 2
    assert any("🚀" in contact.name for contact in many)
    assert any(len(str(contact.fields["job_title"])) == 300 for contact in many)
    assert any(contact.fields["postcode"] == "B-2000" for contact in many)
    assert any(not contact.active for contact in many)
    assert sum(contact.locked for contact in many) == 25
    domains = {str(email).partition("@")[2] for email in emails if email}
    assert domains == {"example.nl", "example.com", "example..nl"}


def test_a_reset_goes_on_counting(data: Crm, many: list[Contact]) -> None:
    before = data.contacts.page("", "", 1, 0)[0]
    data.reset(10)
    after = data.contacts.page("", "", 1, 0)[0]
    assert data.contacts.count() == 10
    assert after.fields == before.fields
    assert after.version > before.version
