"""Prove a key that Spotler refused, and go on where it proves right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from spotler_plugin.extensions import db
from spotler_plugin.jobs import backup as backup_jobs
from spotler_plugin.jobs import feed as feed_jobs
from spotler_plugin.jobs import run as run_jobs
from spotler_plugin.jobs.queue.enqueue import enqueue
from spotler_plugin.jobs.queue.registry import job
from spotler_plugin.jobs.queue.share import in_its_share
from spotler_plugin.models import Environment
from spotler_plugin.services.account.proof import overdue_proofs
from spotler_plugin.services.connection import credentials
from spotler_plugin.services.run.control import resume_after_proof, resume_halted_runs


def go_on(owner: Environment, resume: Callable[[int], Sequence[UUID]] = resume_halted_runs) -> None:
    """What waited for the key goes on, and the account is read; first into a backup. Commits."""
    backup_jobs.start_first(owner)
    for run_id in resume(owner.id):
        run_jobs.start(run_id)
    feed_jobs.start(owner.id)


@job
def enqueue_all() -> None:
    """Enqueue a job for each refused key that is to be proved again; called by the scheduler."""
    environment_ids = overdue_proofs()
    db.session.commit()
    for environment_id in environment_ids:
        enqueue(prove, environment_id)


@job
@in_its_share
def prove(environment_id: int) -> None:
    if credentials.prove_again(environment_id):
        owner = db.session.get_one(Environment, environment_id)
        go_on(owner, resume_after_proof)
