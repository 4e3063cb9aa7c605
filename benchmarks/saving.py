"""A person saves a contact, and waits until a worker has done it."""

from __future__ import annotations

import time
from uuid import UUID, uuid4

from benchmarks.ground import OPERATOR, Ground
from demo.processes import wait_until
from spotler_plugin.extensions import db, snapshot
from spotler_plugin.jobs import run as run_jobs
from spotler_plugin.models import UNDER_WAY, Environment, Run
from spotler_plugin.services.contact.save import save_contact

LONGEST = 300.0


def save(here: Ground, contact_id: str) -> float:
    """Save a contact of the stack's environment; return the seconds until it is done."""
    started = time.perf_counter()
    wait_for(ask(here.environment, contact_id))
    return time.perf_counter() - started


def ask(owner: Environment, contact_id: str) -> UUID:
    run_id = save_contact(
        owner,
        contact_id,
        actor=OPERATOR,
        request_token=uuid4(),
        permissions={},
        automations=[],
    )
    run_jobs.start(run_id)
    return run_id


def wait_for(run_id: UUID) -> None:
    def is_over() -> bool:
        # Whoever looks takes no lock that the workers wait for.
        with snapshot():
            state = db.session.scalar(db.select(Run.state).where(Run.id == run_id))
        return state not in UNDER_WAY

    if not wait_until(is_over, LONGEST):
        raise RuntimeError("Work is left that nobody does.")
