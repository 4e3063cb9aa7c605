"""The work of a disabled environment stands still, and goes on by itself when it is enabled."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Enrolment,
    EnrolmentState,
    Environment,
    Outcome,
    PreviewState,
    Run,
    RunKind,
    Whom,
)
from spotler_plugin.services.feed.follow import follow_feed
from spotler_plugin.services.feed.state import find_feed
from spotler_plugin.services.link.lease import claim_leases, open_links, renew_leases
from spotler_plugin.services.mapping.store import saved_mapping
from spotler_plugin.services.preview.compute import advance_preview
from spotler_plugin.services.preview.request import find_preview, overdue_previews, request_preview
from spotler_plugin.services.run.due import overdue_runs
from spotler_plugin.services.sync.advance import advance_run
from spotler_plugin.services.sync.claim import claim_chunk
from tests.world.accounts import ALICE
from tests.world.world import MONTHLY, World


def disable(world: World) -> None:
    _set(world, datetime.now(UTC))


def enable(world: World) -> None:
    _set(world, None)


def _set(world: World, disabled_at: datetime | None) -> None:
    """Past the session: another process does it, and who has read the row does not notice."""
    of_this = update(Environment).where(Environment.id == world.environment.id)
    values = {"disabled_at": disabled_at}
    db.session.execute(of_this.values(values), execution_options={"synchronize_session": False})
    db.session.commit()


def test_a_save_is_not_written_until_it_is_enabled(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    run_id = world.ask(zoe, {MONTHLY: True})
    disable(world)
    assert overdue_runs() == []
    assert not advance_run(run_id), "a job that was enqueued before"
    assert world.calls("POST") == []
    enable(world)
    assert overdue_runs() == [run_id]
    world.work(run_id)
    assert world.view(run_id, zoe).outcome is Outcome.LINKED


def test_nothing_is_claimed_by_a_worker_in_the_middle_of_its_turn(world: World) -> None:
    run = db.session.get_one(Run, world.ask(world.person("zoe@example.nl")))
    disable(world)
    assert claim_chunk(run, world.environment) is None
    enable(world)
    assert claim_chunk(run, world.environment) is not None


def test_what_was_claimed_is_not_sent_any_more(world: World) -> None:
    lease, owner = UUID(int=7), world.environment.id
    open_links(owner, ["zoe"])
    claim_leases(owner, ["zoe"], lease)
    assert renew_leases(owner, ["zoe"], lease) == {"zoe"}
    disable(world)
    assert renew_leases(owner, ["zoe"], lease) == set()


def test_an_automation_waits(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    world.fault("rate_limit", path="/automation/trigger/*", times=1, retry_after=1)
    run_id = world.ask(zoe, automations=[world.automation("download e-book")])
    world.work(run_id)
    start = db.session.scalars(select(Enrolment)).one()
    start.due_at = datetime.now(UTC)
    db.session.commit()
    disable(world)
    assert overdue_runs() == []
    advance_run(run_id)
    db.session.expire_all()
    assert start.state is EnrolmentState.WAITING


def test_a_preview_is_not_computed(world: World) -> None:
    world.save(world.person("zoe@example.nl"))
    owner = world.environment
    row = request_preview(owner, Whom.LINKED, RunKind.SYNC, saved_mapping(owner.id), ALICE)
    row.enqueued_at = None
    db.session.commit()
    disable(world)
    assert overdue_previews() == []
    assert not advance_preview(owner.id, row.id)
    db.session.expire_all()
    assert (row.state, row.position, row.attempts) == (PreviewState.OPEN, 0, 0)
    enable(world)
    assert overdue_previews() == [(owner.id, row.id)]
    advance_preview(owner.id, row.id)
    found = find_preview(owner.id, row.id)
    assert found is not None and found.state is PreviewState.READY


def test_the_feed_is_not_read(world: World) -> None:
    disable(world)
    world.control("DELETE", "/calls")
    assert not follow_feed(world.environment.id)
    assert world.calls("GET") == []
    enable(world)
    follow_feed(world.environment.id)
    row = find_feed(world.environment.id)
    assert row is not None and row.read_at is not None
