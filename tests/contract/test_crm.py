"""What the demo CRM answers is what the document for CRMs says, whatever is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from schemathesis import Case

from demo.crm.crm import Crm
from demo.crm.server import DemoCrm
from demo.crm.settings import Settings
from tests.contract.asking import all_checks, ask, described, is_allowed, is_derived


@dataclass(frozen=True)
class Completion:
    """What each CRM has of its own, and no document can know."""

    ids: dict[str, str]
    """By the first part of a path."""

    @classmethod
    def of(cls, crm: Crm) -> Completion:
        contact = crm.contacts.page("", "", 1, 0)[0]
        selection = crm.selections.add([contact.id], "Bob")
        ids = [contact.id, selection.id, crm.relations.page("", 1, 0)[0].id]
        return cls(dict(zip(("contacts", "selections", "relations"), ids, strict=True)))

    def prepare(self, case: Case[Any]) -> None:
        """Name what exists, but for some of the allowed requests; and have cursors and fields."""
        if "id" in case.path_parameters and not (is_allowed(case) and is_derived(case)):
            case.path_parameters["id"] = self.ids[case.path.split("/")[1]]
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
        prepare = Completion.of(crm.data).prepare
        outcome = ask(
            described("crm.yaml", crm.api_url, {"apiToken": crm.settings.api_token}), prepare
        )
    assert not outcome.faults, "\n\n".join(outcome.faults)
    assert all_checks() - outcome.checks == set()
    for call, answers in outcome.answers.items():
        assert answers[200] + answers[201] > 5, f"{call} was hardly ever answered: {answers}"
        assert answers[401] > 0, f"{call} was always asked with the token"
        assert "{id}" not in call or answers[404] > 0, f"{call} knew all ids"
