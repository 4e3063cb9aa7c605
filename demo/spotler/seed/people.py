"""The contacts that are in the account before anybody links one."""

from random import Random
from uuid import UUID

from demo.spotler import dates
from demo.spotler.account.account import Account
from demo.spotler.account.contacts import Contact, Standing
from demo.spotler.account.values import Value

HOW_MANY = 140
DAY = 86_400_000
FIRST = [
    "Adriaan",
    "Romy",
    "Tim",
    "Gabrielle",
    "Zoë",
    "Jan",
    "Fatima",
    "Kees",
    "Sanne",
    "Mohammed",
    "Lotte",
    "Bram",
    "Noor",
    "Daan",
]
LAST = (
    ("", "Wit"),
    ("", "Diaz"),
    ("", "Marting"),
    ("", "Dalhuijsen"),
    ("van der", "Österbaan"),
    ("de", "Vries"),
    ("", "Bakker"),
    ("van den", "Berg"),
    ("", "El Idrissi"),
    ("", "Jansen"),
    ("ter", "Horst"),
)
COMPANIES = [
    "Timmerbedrijf de Groot",
    "Ecolopplus",
    "Beauty",
    "Versatec Energy",
    "VNG Opleiding",
    "Groen & Zonen",
    "Bureau 12",
]
ROLES = ["Directeur", "Inkoper", "Marketeer", "Administrateur", "Projectleider"]
CITIES = ["Spijkenisse", "Rotterdam", "Utrecht", "Groningen", "Maastricht", "Deventer"]


def _values(rng: Random, number: int) -> dict[str, Value]:
    first, (infix, last) = rng.choice(FIRST), rng.choice(LAST)
    company = rng.choice(COMPANIES)
    values: dict[str, Value] = {
        "email": f"contact{number:03}@voorbeeld.example",
        "firstName": first,
        "initials": f"{first[0]}.",
        "infix": infix,
        "lastName": last,
        "organisation": company,
        "functie": rng.choice((*ROLES, "")),
        "phoneNumber": f"010-{rng.randrange(1_000_000, 9_999_999)}",
        "mobileNumber": f"+316{rng.randrange(10_000_000, 99_999_999)}",
        "gender": rng.choice(("M", "F")),
        "birthday": f"{rng.randrange(1955, 2004)}-{rng.randrange(1, 13):02}-15",
        "street": "Dorpsstraat",
        "houseNumber": str(rng.randrange(1, 240)),
        "postalCode": f"{rng.randrange(1000, 9999)} AB",
        "city": rng.choice(CITIES),
        "country": "Nederland",
        "taal": "nl",
        "aantalMedewerkers": rng.randrange(1, 400),
        "jaaromzet": f"{rng.randrange(50, 5000) * 1000}.00",
        "klantSinds": f"{rng.randrange(2008, 2026)}-03-01",
        "lastPurchaseDate": f"2026-{rng.randrange(1, 10):02}-11T14:30:00+02:00",
    }
    return {name: value for name, value in values.items() if value != ""}


def _add(account: Account, values: dict[str, Value], external_id: str | None, at: int) -> Contact:
    contact = account.directory.create(external_id, at)
    for name, value in values.items():
        account.directory.set_property(contact, name, value)
    account.directory.touch(contact, at)
    return contact


def _send_newsletters(account: Account, contact: Contact, rng: Random) -> None:
    for mailing in account.mailings.all[-rng.randrange(1, 12) :]:
        delivery = account.mailings.deliver(mailing, contact, mailing.sent_at)
        if rng.random() < 0.6:
            delivery.opened_at.append(mailing.sent_at + rng.randrange(DAY))
            if rng.random() < 0.4:
                delivery.clicked_at.append(delivery.opened_at[0] + 60_000)


def _add_crowd(account: Account, rng: Random, now: int) -> None:
    for number in range(1, HOW_MANY + 1):
        guid = str(UUID(int=rng.getrandbits(128), version=4)).upper()
        at = now - rng.randrange(30, 900) * DAY
        contact = _add(account, _values(rng, number), guid if number % 3 else None, at)
        for entry in account.schema.permissions.entries:
            if rng.random() < 0.3:
                contact.sets["permissions"] = contact.sets.get("permissions", 0) | entry.bit
        if contact.has("permissions", 1):
            _send_newsletters(account, contact, rng)
        if number % 11 == 0:
            account.set_standing(contact, Standing.OPTED_OUT, at + DAY)
        elif number % 17 == 0:
            account.bounce(contact, "HARD", at + DAY)


def add_people(account: Account) -> None:
    """A crowd, and four contacts whose address the demo CRM has too."""
    rng, now = account.rng, dates.now()
    _add_crowd(account, rng, now)
    known = _add(
        account,
        {"email": "bestaand@example.nl", "firstName": "Bes", "lastName": "Taand"},
        None,
        now - 40 * DAY,
    )
    known.sets["permissions"] = 1
    _send_newsletters(account, known, rng)
    _add(
        account,
        {"email": "andermans@example.nl", "firstName": "An", "lastName": "Dermans"},
        "ander-systeem-1",
        now - 39 * DAY,
    )
    left = _add(account, {"email": "afgemeld@example.nl", "lastName": "Meld"}, None, now - 38 * DAY)
    account.set_standing(left, Standing.OPTED_OUT, now - 20 * DAY)
    lost = _add(
        account, {"email": "gebounced@example.nl", "lastName": "Bons"}, None, now - 37 * DAY
    )
    delivery = account.mailings.deliver(account.mailings.all[-1], lost, now - 20 * DAY)
    delivery.bounce = "HARD"
    account.bounce(lost, "HARD", now - 20 * DAY)
