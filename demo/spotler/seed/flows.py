"""Automations, campaigns, forms and mailings of the seeded account."""

from datetime import datetime

from demo.spotler import dates
from demo.spotler.account.account import Account
from demo.spotler.account.automations import Automation, Trigger, code_for
from demo.spotler.account.campaigns import Campaign
from demo.spotler.account.forms import Form, Question
from demo.spotler.account.mailings import Mailing

MONTHS = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
]


def _trigger(label: str, *fields: str) -> Trigger:
    described = [{"name": name, "type": "STRING"} for name in fields]
    return Trigger(code_for(f"trigger {label}"), label, described)


def _automations() -> list[Automation]:
    # The manual's picture 8. One of them is not published, one lets a contact in once.
    return [
        Automation("download e-book", [_trigger("E-book aangevraagd", "titel")]),
        Automation(
            "Onboarding nieuwe klant", [_trigger("Nieuwe klant", "pakket")], participation_limit=1
        ),
        Automation("Prospect lost - geen contact", [_trigger("Geen contact")]),
        Automation("Prospect uitstel", [_trigger("Uitstel gevraagd")]),
        Automation("Survey post consult", [_trigger("Consult afgerond")], active=False),
    ]


def _forms() -> list[Form]:
    # One that ends with a text, and one that ends elsewhere.
    who = (
        Question(1, "E-mailadres", "email", required=True),
        Question(2, "Voornaam", "firstName"),
        Question(3, "Achternaam", "lastName"),
    )
    company = Question(5, "Bedrijf", "organisation", required=True)
    asked = (Question(4, "E-mailadres", "email", required=True), company)
    return [
        Form(1, "Inschrijven nieuwsbrief", "subscribe", who),
        Form(2, "E-book aanvragen", "normal", asked, "https://helder.example/e-book"),
    ]


def _last_months(count: int) -> list[tuple[int, int]]:
    today = datetime.now(dates.ZONE)
    newest = today.year * 12 + today.month - 2
    return [divmod(newest - back, 12) for back in reversed(range(count))]


def add_flows(account: Account) -> None:
    """Five automations, four campaigns, two forms, and a newsletter for each of twelve months."""
    new_id = account.directory.encrypted_id
    account.automations.all.extend(_automations())
    account.forms.all.extend(_forms())
    mail = ("Welkom bij Helder", "Zo haal je alles uit je account")
    account.campaigns.all.extend(
        (
            Campaign(
                new_id(),
                "Welkomstcampagne",
                True,
                [(new_id(), "Aangemeld via formulier")],
                [(new_id(), name) for name in mail],
            ),
            Campaign(new_id(), "Terugwincampagne", True, [(new_id(), "Klant opgezegd")]),
            Campaign(new_id(), "Jubileumactie 2019", False, [(new_id(), "Jubileum")]),
            Campaign(new_id(), "Verjaardag", True),
        )
    )
    for year, month in _last_months(12):
        label = f"{MONTHS[month]} {year}"
        sent_at = dates.moment_of(datetime(year, month + 1, 12, 10, 0, tzinfo=dates.ZONE))
        account.mailings.all.append(
            Mailing(new_id(), f"Nieuwsbrief {label}", f"Helder nieuws in {MONTHS[month]}", sent_at)
        )
