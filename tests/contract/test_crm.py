"""What the demo CRM answers is what the document for CRMs says, whatever is sent."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from schemathesis import Case

from demo.crm.server import DemoCrm
from demo.crm.settings import Settings
from tests.contract.asking import all_checks, ask, described, is_allowed


def prepare(case: Case[Any]) -> None:
    """Complete what is allowed with what each CRM has of its own: cursors and fields."""
    if not is_allowed(case):
        return
    if "after" in case.query:
        case.query["after"] = "v0"
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = uuid4().hex
    if case.method == "PATCH" and isinstance(case.body, dict):
        case.body["changes"] = {"note": "Gebeld"}


def test_the_demo_crm() -> None:
    with DemoCrm(Settings(contacts=20, plugin_url="http://127.0.0.1:9")) as crm:
        outcome = ask(
            described("crm.yaml", crm.api_url, {"apiToken": crm.settings.api_token}), prepare
        )
    assert not outcome.faults, "\n\n".join(outcome.faults)
    assert all_checks() - outcome.checks == set()
    for call, answers in outcome.answers.items():
        assert answers[200] + answers[201] > 0, f"{call} was never answered: {answers}"
