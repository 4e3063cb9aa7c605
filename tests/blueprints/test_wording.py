"""Everything that has a name has words."""

from __future__ import annotations

import pytest
from flask import Flask, g

from spotler_plugin.models import EnrolmentState
from spotler_plugin.planning.detail import NOTHING, Detail
from spotler_plugin.planning.reason import Reason, Refusal
from spotler_plugin.services.enrolment.switches import AutomationSwitch
from spotler_plugin.services.link.status import LinkStatus, Status
from spotler_plugin.wording.consent.switches import automation_note
from spotler_plugin.wording.reasons import failed_text, reason_text, refusal_text
from spotler_plugin.wording.statuses import status_text, status_word

DETAILS = (NOTHING, Detail(message="geen adres", holder="c-9"))


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words(app: Flask, reason: Reason, lang: str) -> None:
    with app.test_request_context():
        g.lang = lang
        for detail in DETAILS:
            for words in (reason_text, failed_text):
                text = words(reason, "Yoobi", detail)
                assert text.title
                assert text.explanation or text.remedy
                assert "%(" not in str(text)
        refused = refusal_text(Refusal("Postcode", "postalCode", reason), "Yoobi")
        assert refused.title and "%(" not in str(refused)


@pytest.mark.parametrize("reason", Reason)
def test_nobody_is_sent_to_themselves(app: Flask, reason: Reason) -> None:
    with app.test_request_context():
        g.permission = "admin"
        for words in (reason_text, failed_text):
            told = str(words(reason, "Yoobi", NOTHING))
            assert "je beheerder" not in told and "Een beheerder van" not in told
        g.permission = "edit"
        told = str(reason_text(Reason.CREDENTIALS_REFUSED, "Yoobi", NOTHING))
        assert "Een beheerder van Yoobi kan dat herstellen" in told and "Kopieer" not in told


def test_spotlers_own_words_are_repeated(app: Flask) -> None:
    text = reason_text(Reason.ADDRESS_REFUSED, "Yoobi", Detail(message="geen adres"))
    assert str(text) == (
        "Spotler accepteert dit e-mailadres niet: „geen adres”. Pas het aan bij de contactpersoon."
    )


@pytest.mark.parametrize(
    ("reason", "value", "said"),
    [
        (Reason.NOT_A_MOBILE, "020-1234567", "Geen mobiel nummer. Spotler verwacht één mobiel "
         "nummer; „020-1234567” bij Mobiel is overgeslagen. Pas de waarde aan in Yoobi."),
        (Reason.FOREIGN_POSTCODE, "", "Buitenlandse postcode. Spotler kent alleen Nederlandse "
         "postcodes; Mobiel is overgeslagen."),
    ],
)  # fmt: skip
def test_a_refused_value_is_told_with_the_label_of_its_field(
    app: Flask, reason: Reason, value: str, said: str
) -> None:
    refusal = Refusal("Mobiel", "mobileNumber", reason, value=value)
    assert Refusal.from_json(refusal.to_json()) == refusal
    assert str(refusal_text(refusal, "Yoobi")) == said


def test_what_stands_in_the_place_of_an_address_is_shown(app: Flask) -> None:
    text = reason_text(Reason.ADDRESS_MALFORMED, "Yoobi", Detail(address="jan␣@example.nl"))
    assert str(text) == (
        "Dit is geen e-mailadres: „jan␣@example.nl”. Pas het aan bij de contactpersoon."
    )


def test_what_was_given_up_does_not_go_on_by_itself(app: Flask) -> None:
    assert "vanzelf" in str(reason_text(Reason.SPOTLER_AWAY, "Yoobi"))
    assert "vanzelf" not in str(failed_text(Reason.SPOTLER_AWAY, "Yoobi"))


@pytest.mark.parametrize("status", Status)
def test_every_status_has_words(app: Flask, status: Status) -> None:
    assert status_word(status)
    text = status_text(LinkStatus(status, None, None, NOTHING, 0, 0, opted_out=False), "Yoobi")
    assert text.title or status is Status.SYNCED


@pytest.mark.parametrize("state", EnrolmentState)
def test_every_state_of_an_automation_has_words(app: Flask, state: EnrolmentState) -> None:
    switch = AutomationSwitch(1, "Welkom", True, state, None, None, None, None)
    assert automation_note(switch)
