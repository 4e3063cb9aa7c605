"""Ask what the rest of a run would do, that halted before it did more than was agreed to."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Preview, Run, Whom
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.mapping.store import saved_mapping
from spotler_plugin.services.preview.request import request_preview


def request_rest(environment: Environment, run_id: UUID, actor: Actor) -> Preview:
    """Create a preview of the contacts that the run has not done."""
    run = db.session.scalars(
        select(Run).where(Run.environment_id == environment.id, Run.id == run_id)
    ).one()
    return request_preview(
        environment,
        Whom.REST,
        run.kind,
        saved_mapping(environment.id),
        actor,
        adjustment=run.adjustment,
        undoes_id=run.undoes_id,
        undo=run.undo,
        restores_id=run.restores_id,
        restore=run.restore,
        resumes_id=run.id,
    )
