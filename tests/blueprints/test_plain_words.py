"""No sentence holds codes, names of properties, raw dates or raw values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, g

from spotler_plugin.blueprints.run.changes import Labels, not_back, steps
from spotler_plugin.models import (
    DriftKind,
    EnrolmentState,
    EventOutcome,
    EventType,
    Outcome,
    Source,
)
from spotler_plugin.planning.adjustment import Adjustment, MutableField
from spotler_plugin.planning.backup.fault import Fault
from spotler_plugin.planning.detail import Detail, Since
from spotler_plugin.planning.image import Image
from spotler_plugin.planning.reason import Reason, Refusal
from spotler_plugin.planning.values.types import FieldType, PropertyType
from spotler_plugin.services.enrolment.switches import AutomationSwitch
from spotler_plugin.services.run.items import Filter
from spotler_plugin.wording.adjustments import field_lines
from spotler_plugin.wording.backups import fault_text
from spotler_plugin.wording.consent.log import source_word
from spotler_plugin.wording.consent.switches import automation_facts, automation_note, whence
from spotler_plugin.wording.drift import drift_text, drift_word
from spotler_plugin.wording.events import nothing_done, type_word
from spotler_plugin.wording.reasons import failed_text, reason_text, refusal_text
from spotler_plugin.wording.runs import chosen_words, left_out, outcome_text, outcome_word
from spotler_plugin.wording.text import technical

RAW = re.compile(
    r"[a-z]+[A-Z]\w*"  # propertyName
    r"|\b[A-Z]{2,}_[A-Z_]+"  # ERROR_TYPE
    r"|\b[a-z]+_[a-z_]+\b"  # field_name
    r"|\d{4}-\d{2}-\d{2}"  # 2026-11-23
    r"|\d{4,}\.\d"  # 163000.00
    r"|(?<![\w„“])[FM](?!\w)"  # F
    r"|%\(|\bNone\b|\.\.|…\."
)
SPOTLER = Detail(
    holder="a1b2",
    contact_id="c-9",
    code="INVALID_PROPERTY",
    message="Property mobileNumber is invalid",
    refusals=(Refusal("Geboortedatum", "birthDate", Reason.NOT_A_DATE, value="31 februari"),),
    signed_off=(1, 7),
    off_at="2026-03-12T09:30:00+01:00",
    address="zoe@example.nl",
    left=("documentenModule",),
    moved=(1,),
    stays_off=(7,),
    stays_on=(1,),
    since=(
        Since("birthDate", "1961-05-12", "1961-05-13"),
        Since("gender", "F", "M"),
        Since("lastOrder", "2026-11-23T14:05:00+01:00", None),
        Since("turnover", "163000.00", "163001.5"),
    ),
    stays_linked=True,
)
DETAILS = (SPOTLER, Detail(code="404"), Detail(message="geen adres"), Detail())
TYPES = {
    "birthDate": PropertyType.BIRTHDATE,
    "gender": PropertyType.GENDER,
    "lastOrder": PropertyType.DATE_TIME,
    "turnover": PropertyType.MONEY,
}
LABELS = Labels(
    {"birthDate": "Geboortedatum", "gender": "Geslacht", "lastOrder": "Laatste bestelling",
     "turnover": "Omzet"},
    {1: "Nieuwsbrief"}, {}, {}, {}, TYPES, {},
)  # fmt: skip


@pytest.fixture(params=["nl", "en"], autouse=True)
def speaking(request: pytest.FixtureRequest, app: Flask) -> Iterator[None]:
    with app.test_request_context():
        g.lang = request.param
        yield


def check(*texts: object) -> None:
    for each in texts:
        if each is not None:
            assert not (found := RAW.search(str(each))), f"{found and found[0]} in {each}"


@pytest.mark.parametrize("reason", Reason)
def test_of_reasons(reason: Reason) -> None:
    for detail in DETAILS:
        check(reason_text(reason, "Yoobi", detail), failed_text(reason, "Yoobi", detail))
        check(*left_out(detail, "Yoobi"))
        check(chosen_words(Filter(Outcome.FAILED, reason, detail.message), "Yoobi"))
        for outcome in Outcome:
            check(outcome_word(outcome), outcome_text(outcome, reason, detail, "Yoobi"))
    check(refusal_text(Refusal("Mobiel", "mobileNumber", reason), "Yoobi"))


def test_of_what_another_system_said() -> None:
    assert technical(SPOTLER) == "INVALID_PROPERTY: Property mobileNumber is invalid"
    said = Detail(code="INVALID_PARAMS", message="geen adres")
    assert "geen adres" in str(reason_text(Reason.ADDRESS_REFUSED, "Yoobi", said))
    assert technical(said) == "INVALID_PARAMS"


def test_of_values() -> None:
    before = {each.name: each.sent for each in SPOTLER.since}
    after = {each.name: each.now for each in SPOTLER.since}
    shown = steps(Image(properties=before), Image(properties=after, permissions={7: True}), LABELS)
    assert len(shown) == 5
    check(*(f"{each.label}: {each.before} → {each.after}" for each in shown))
    check(*not_back(SPOTLER, LABELS, "Yoobi"))
    turnover = next(each for each in shown if each.label == "Omzet")
    assert turnover.before in ("163.000,00", "163,000.00")


@pytest.mark.parametrize(
    ("type_", "value"),
    [(FieldType.MONEY, "163000.00"), (FieldType.GENDER, "F"), (FieldType.DATE, "2026-11-23"),
     (FieldType.DATETIME, "2026-11-23T14:05:00+01:00"), (FieldType.INTEGER, 1234)],
)  # fmt: skip
def test_of_what_is_asked_for_many(type_: FieldType, value: Any) -> None:
    field = MutableField(1, "f", "Veld", type_, (), "")
    check(*field_lines([field], Adjustment(fields={"f": value})))


@pytest.mark.parametrize("state", EnrolmentState)
@pytest.mark.parametrize("reason", ["PARTICIPATION_LIMIT_REACHED", "SOMETHING_NEW", None])
def test_of_automations(state: EnrolmentState, reason: str | None) -> None:
    now = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
    switch = AutomationSwitch(
        1, "Welkom", True, state, now, "A. de Vries", None, reason, Source.MODAL
    )
    check(automation_note(switch))
    if state is EnrolmentState.REFUSED and reason:
        assert automation_facts(switch)[-1][1] == reason


def test_of_all_that_has_a_name() -> None:
    check(*map(source_word, Source), *map(whence, Source), *map(type_word, EventType))
    check(*map(nothing_done, EventOutcome), *map(fault_text, Fault), *map(drift_word, DriftKind))
    check(*(drift_text(kind, "Yoobi") for kind in DriftKind))
