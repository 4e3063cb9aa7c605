"""Hold a document against what is served: schemathesis sends what it allows and what it does not.

The requests are the same each time, and nothing waits for a clock: a busy machine makes
it slow, and no more than that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis import BaseSchema, Case, HookContext
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.generation.meta import CoveragePhaseData
from schemathesis.hooks import GLOBAL_HOOK_DISPATCHER

DOCUMENTS = Path(__file__).parents[2] / "spotler_plugin" / "openapi"
EXAMPLES = 15
"""Random requests per call, beside the hundreds that are derived from the document."""
REJECTED = [400, 401, 403, 404, 405, 413, 422]
"""How what the document does not allow may be answered."""

WITHOUT_OCCASION = {
    # Nothing is made here under an address of its own, nor deleted.
    "use_after_free",
    "ensure_resource_availability",
    # Wants two identities; tests/test_tenancy.py walks all routes with two environments.
    "object_level_authorization",
}
"""Checks of schemathesis that find nothing to check; all others must have run. How long an answer
takes is not one of them, because that would depend on the machine."""

Prepare = Callable[[Case[Any]], Mapping[str, Any] | None]
"""Completes a request that the document allows with what no document can know; returns more
arguments for the call."""


@dataclass
class Outcome:
    """What became of all requests."""

    faults: list[str] = field(default_factory=list)
    checks: set[str] = field(default_factory=set)
    """Names of those that ran."""
    answers: dict[str, Counter[int]] = field(default_factory=dict)
    """How often each status came, by call; other methods on its address left out."""

    def add(self, recorder: ScenarioRecorder) -> None:
        for case_id, checks in recorder.checks.items():
            self.checks |= {check.name for check in checks}
            for check in checks:
                if check.failure_info is not None:
                    told = check.failure_info.failure.message, check.failure_info.code_sample[:500]
                    self.faults.append("\n".join((f"{recorder.label}: {check.name}", *told)))
            case, response = recorder.cases[case_id].value, recorder.interactions[case_id].response
            if case.method.upper() == case.operation.method.upper() and response is not None:
                answers = self.answers.setdefault(case.operation.label, Counter())
                answers[response.status_code] += 1


def described(name: str, url: str, tokens: Mapping[str, str], **parameters: str) -> BaseSchema:
    """A document and the address where it is served; tokens by security scheme."""
    bearers = {scheme: {"bearer": token} for scheme, token in tokens.items()}
    config = schemathesis.Config.from_dict(
        {
            "seed": 1,
            "base-url": url,
            "continue-on-failure": True,
            "generation": {"deterministic": True, "database": "none", "max-examples": EXAMPLES,
                           "no-shrink": True},
            "auth": {"openapi": bearers},
            "parameters": parameters,
            "checks": {"negative_data_rejection": {"expected-statuses": REJECTED}},
            # Texts out of our own code would make other requests whenever the code changes.
            "analysis": {"constants": {"enabled": False}},
        }
    )  # fmt: skip
    return schemathesis.openapi.from_path(DOCUMENTS / name, config=config)


def ask(schema: BaseSchema, prepare: Prepare) -> Outcome:
    """Send all requests."""

    def before_call(_context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
        kwargs.update(prepare(case) or {})

    outcome = Outcome()
    GLOBAL_HOOK_DISPATCHER.register_hook_with_name(before_call, "before_call")
    try:
        for event in from_schema(schema).execute():
            if isinstance(event, events.ScenarioFinished):
                outcome.add(event.recorder)
            elif isinstance(event, events.NonFatalError):
                outcome.faults.append(f"{event.label}: {event.value!r}")
            elif isinstance(event, events.FatalError):
                raise event.exception
    finally:
        GLOBAL_HOOK_DISPATCHER.unregister(before_call)
    return outcome


def is_allowed(case: Case[Any]) -> bool:
    """Whether the document allows this request."""
    return case.meta is not None and case.meta.generation.mode.is_positive


def is_derived(case: Case[Any]) -> bool:
    """Whether it was derived from the document, and is not random."""
    return case.meta is not None and isinstance(case.meta.phase.data, CoveragePhaseData)


def all_checks() -> set[str]:
    """The names of all checks that there are."""
    load_all_checks()
    return {name for name in CHECKS.get_all_names() if name not in WITHOUT_OCCASION}
