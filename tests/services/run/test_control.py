"""A run that halted goes on when a person says so."""

from __future__ import annotations

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Environment,
    Run,
    RunState,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.run.control import resume_run
from spotler_plugin.services.run.report import find_report


def test_a_halted_run_is_resumed_by_a_person(made: Run, other_environment: Environment) -> None:
    made.state, made.halted_because = RunState.HALTED, Reason.CRM_REFUSED
    db.session.flush()

    def standing() -> tuple[RunState, Reason | None]:
        report = find_report(made.environment_id, made.id)
        assert report is not None
        return report.state, report.halted

    resume_run(other_environment.id, made.id)
    db.session.expire_all()
    assert standing() == (RunState.HALTED, Reason.CRM_REFUSED)
    resume_run(made.environment_id, made.id)
    db.session.expire_all()
    assert standing() == (RunState.OPEN, None)
