"""Whoever asked for it is gone from every column, and is linked again by nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Act,
    Backup,
    BackupCause,
    ErasedMark,
    Erasure,
    ErasureState,
    FiringState,
    Link,
    Outcome,
    Run,
    RunItem,
    RunKind,
    RunState,
    Source,
    Whom,
)
from spotler_plugin.planning.adjustment import Adjustment, Switch
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.restore.order import Restore
from spotler_plugin.services.backup.request import request_backup
from spotler_plugin.services.backup.rows import read_contacts
from spotler_plugin.services.capture import advance_backup
from spotler_plugin.services.contact.view import refresh_contact
from spotler_plugin.services.erasure.advance import advance_erasure
from spotler_plugin.services.erasure.remains import find_remains
from spotler_plugin.services.erasure.request import lift_erasure, request_erasure
from spotler_plugin.services.link.status import Status
from spotler_plugin.services.preview.restore import find_restorable, request_restore
from spotler_plugin.services.run.create import create_run_for
from tests.services.automatic_action.test_fire import action, fire, note
from tests.services.automatic_action.test_fire import work as carry_out
from tests.services.backup.test_upload import read, table, uploaded
from tests.services.drift.test_compare import compared, edit_in_spotler
from tests.services.event.conftest import Inbox
from tests.world.accounts import ALICE
from tests.world.crowd import read_feed, work
from tests.world.death import Killed, killed_at_call
from tests.world.mutation import finish, foreseen, item_of, mutate, worked_out
from tests.world.traces import binary_columns, traces_of
from tests.world.world import MONTHLY, QUARTERLY, World

ADDRESS = "Willemijn+werk@Zonderland.example"
WORDS = ("willemijn", "zonderland", "zevenblad", "0651987654", "651987654")
"""First name, what is in the address, last name, and the telephone."""
VALUES = {"first_name": "Willemijn", "last_name": "Zevenblad", "phone": "0651987654"}


@pytest.fixture
def willemijn(world: World) -> str:
    return world.person(ADDRESS, **VALUES)


def asked(world: World, contact_id: str) -> Erasure:
    row = request_erasure(world.environment.id, contact_id, Source.MODAL, ALICE)
    db.session.commit()
    return row


def erased(world: World, contact_id: str) -> Erasure:
    row = asked(world, contact_id)
    advance_erasure(world.environment.id, row.id)
    db.session.refresh(row)
    assert row.state is ErasureState.DONE, row.reason
    return row


def everywhere(world: World, contact_id: str) -> Backup:
    """Let every kind of copy there is hold the contact; a backup of it."""
    world.save(contact_id, {MONTHLY: True})
    world.crm.data.contacts.change(contact_id, {"phone": "0651987654"}, silent=True)
    edit_in_spotler(world, contact_id, firstName="Willemijn Anna")
    read_feed(world)
    backup = request_backup(world.environment.id, BackupCause.PERSON, ALICE)
    db.session.commit()
    while advance_backup(world.environment.id, backup.id):
        pass
    file = table(["E-mailadres", "Voornaam", "Geboortedatum"],
                 [ADDRESS, "Willemijn", ""], ["ander@example.nl", "Ander", ADDRESS])  # fmt: skip
    read(world, uploaded(world, file.encode()))
    compared(world)
    foreseen(world, [contact_id], Adjustment(switches={MONTHLY: Switch(True)}))
    restorable = find_restorable(world.environment, backup.id)
    assert restorable is not None
    request = request_restore(
        world.environment, restorable, Restore(("firstName",), query=ADDRESS.lower()), ALICE
    )
    db.session.commit()
    worked_out(request)
    finish(mutate(world, [contact_id], Adjustment(note="Willemijn belde")))
    # Somebody else with the address: what is told of that contact names it.
    other = world.person(ADDRESS.upper(), first_name="Iemand", last_name="Anders")
    assert world.save(other).reason is Reason.ADDRESS_DOUBLED
    db.session.execute(
        update(Act).where(Act.contact_id == contact_id).values(ground="Willemijn belde")
    )
    db.session.commit()
    return backup


def test_nothing_of_the_person_is_left_in_any_column(world: World, willemijn: str) -> None:
    backup = everywhere(world, willemijn)
    held = set(traces_of(WORDS))
    assert {
        "mirror_contact.properties",
        "run_item.before",
        "run_item.after",
        "link.address",
        "backup_chunk.content",
        "backup_refusal.value",
        "drift_item.searched",
        "preview.samples",
        "preview.restore",
        "act.ground",
        "run.adjustment",
    } <= held
    count = len(list(read_contacts(world.environment.id, backup.id)))

    row = erased(world, willemijn)
    assert traces_of(WORDS) == []
    kept = db.session.scalars(select(ErasedMark).where(ErasedMark.erasure_id == row.id)).all()
    assert {each.contact_id for each in kept if each.contact_id} == {willemijn}
    assert [len(each.address_digest) for each in kept if each.address_digest] == [64]
    assert row.anonymised == 1 and row.counts["runs"] and row.counts["backups"] == 3
    there = world.in_spotler(willemijn)
    assert there is None or (not there.email and not there.active)

    db.session.refresh(backup)
    left = list(read_contacts(world.environment.id, backup.id))
    assert len(left) == backup.found == count - 1, "and everybody else is still in the backup"
    # Spotler's feed, a new backup and a new comparison bring nothing back.
    read_feed(world)
    refresh_contact(world.environment, willemijn)
    again = request_backup(world.environment.id, BackupCause.PERSON, ALICE)
    db.session.commit()
    while advance_backup(world.environment.id, again.id):
        pass
    compared(world)
    assert traces_of(WORDS) == []


def test_the_search_knows_all_binary_columns() -> None:
    assert binary_columns() == {
        "backup_chunk.content", "backup_chunk.contacts", "backup_chunk.external_ids",
        "backup_chunk.addresses", "backup_piece.content", "backup_refusal.value",
    }  # fmt: skip


def is_refused(run: Run, contact_id: str) -> None:
    finish(run)
    item = item_of(run, contact_id)
    assert (item.outcome, item.reason) == (Outcome.BLOCKED, Reason.ERASED)


@pytest.fixture
def gone(world: World, willemijn: str) -> Iterator[str]:
    """Erased; and whatever is tried, Spotler is never told who it was."""
    world.save(willemijn, {MONTHLY: True})
    read_feed(world)
    erased(world, willemijn)
    before = len(world.calls("POST"))
    yield willemijn
    assert len(world.calls("POST")) == before
    assert traces_of(WORDS) == []


def test_the_modal_refuses(world: World, gone: str) -> None:
    seen = world.save(gone, {MONTHLY: True})
    assert (seen.outcome, seen.reason) == (Outcome.BLOCKED, Reason.ERASED)
    assert world.save(gone, take_over=True).reason is Reason.ERASED
    refresh_contact(world.environment, gone)
    status = world.status(gone)
    assert (status.status, status.reason) == (Status.NOT_SYNCED, Reason.ERASED)


def test_another_contact_with_the_address_is_refused(world: World, gone: str) -> None:
    again = world.person(ADDRESS.lower(), first_name="W.", last_name="Opnieuw")
    assert world.save(again, {MONTHLY: True}, take_over=True).reason is Reason.ERASED


def test_nobody_gets_the_address_later(world: World, willemijn: str) -> None:
    world.save(willemijn)
    moved = world.person("iets@anders.example")
    assert world.save(moved).outcome is Outcome.LINKED
    erased(world, willemijn)
    world.crm.data.contacts.change(moved, {"email": ADDRESS}, silent=True)
    assert world.save(moved).reason is Reason.ERASED
    assert traces_of(WORDS) == []


def test_bulk_mutation_preview_and_action_refuse(world: World, gone: str) -> None:
    switches = Adjustment(switches={MONTHLY: Switch(True)})
    preview = foreseen(world, [gone], switches)
    assert preview.tally["blocked_by"] == {Reason.ERASED: 1}
    is_refused(mutate(world, [gone], switches), gone)
    world.crm.data.contacts.change(gone, {"note": "Willemijn belde"}, silent=True)
    noted = Adjustment(note="Bel terug", switches=switches.switches)
    assert foreseen(world, [gone], noted).tally["blocked_by"] == {Reason.ERASED: 1}
    is_refused(mutate(world, [gone], noted), gone)
    assert note(world, gone) == "Willemijn belde"
    run = create_run_for(world.environment, Whom.LINKED, kind=RunKind.SYNC, actor=ALICE,
                         request_token=uuid4())  # fmt: skip
    db.session.commit()
    assert work(run.id).selected == 0


def test_an_automatic_action_does_nothing(world: World, gone: str) -> None:
    """Neither for the contact, nor for another one with the address; the CRM is left alone."""
    made = action(world)
    again = world.person(ADDRESS.lower(), first_name="W.", last_name="Opnieuw")
    for contact_id in (gone, again):
        world.crm.data.contacts.change(contact_id, {"note": "Willemijn belde"}, silent=True)
        view = carry_out(world, fire(world, made, contact_id))
        assert (view.state, view.reason) == (FiringState.FAILED, Reason.ERASED)
        assert note(world, contact_id) == "Willemijn belde"
    switches = action(world, Adjustment(switches={MONTHLY: Switch(True, "klant")}))
    view = carry_out(world, fire(world, switches, again))
    assert (view.outcome, view.reason) == (Outcome.BLOCKED, Reason.ERASED)


def test_undo_and_restore_bring_nobody_back(world: World, willemijn: str) -> None:
    backup = everywhere(world, willemijn)
    erased(world, willemijn)
    restorable = find_restorable(world.environment, backup.id)
    assert restorable is not None
    row = request_restore(world.environment, restorable, Restore(("firstName",)), ALICE)
    db.session.commit()
    assert worked_out(row).total == 0, "nobody else is linked"
    assert not db.session.scalars(
        select(RunItem.id).where(RunItem.before.is_not(None), RunItem.contact_id == willemijn)
    ).all()


def test_waiting_work_is_cancelled_in_the_same_transaction(world: World, willemijn: str) -> None:
    world.save(willemijn)
    automation = world.automation("download e-book")
    run_id = world.ask(willemijn, {QUARTERLY: True}, [automation])
    request_erasure(world.environment.id, willemijn, Source.MODAL, ALICE)
    db.session.rollback()
    assert _outcome(run_id) is Outcome.OPEN
    asked(world, willemijn)
    assert _outcome(run_id) is Outcome.CANCELLED
    calls = len(world.calls("POST"))
    world.work(run_id)
    run = db.session.get_one(Run, run_id)
    assert (run.state, run.cancelled) == (RunState.FINISHED, 1)
    assert len(world.calls("POST")) == calls, "and no automation starts"


def _outcome(run_id: UUID) -> Outcome:
    db.session.expire_all()
    return db.session.scalars(select(RunItem.outcome).where(RunItem.run_id == run_id)).one()


def test_while_spotler_is_away_it_waits_and_says_so(world: World, willemijn: str) -> None:
    world.save(willemijn)
    row = asked(world, willemijn)
    held = traces_of(WORDS)
    assert held == ["erasure.remains"], "what is still looked for is all that is left"
    world.fault("unavailable")
    advance_erasure(world.environment.id, row.id)
    db.session.refresh(row)
    assert (row.state, row.reason) == (ErasureState.OPEN, Reason.SPOTLER_AWAY)
    assert row.due_at > datetime.now(UTC)
    assert world.save(willemijn).reason is not None, "it is not linked meanwhile"
    world.control("DELETE", "/faults")
    row.due_at = datetime.now(UTC)
    db.session.commit()
    advance_erasure(world.environment.id, row.id)
    db.session.refresh(row)
    assert row.state is ErasureState.DONE
    assert traces_of(WORDS) == []


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_call_it_goes_on(world: World, willemijn: str, after: bool) -> None:
    world.save(willemijn)
    row = asked(world, willemijn)
    for call in range(1, 20):
        db.session.execute(update(Erasure).values(leased_until=None, lease=None))
        db.session.commit()
        try:
            with killed_at_call(world, call, after=after):
                advance_erasure(world.environment.id, row.id)
        except Killed:
            db.session.rollback()
            continue
        break
    db.session.refresh(row)
    assert call > 4 and row.state is ErasureState.DONE
    assert traces_of(WORDS) == []


def test_another_linked_contact_keeps_the_address_that_is_its_own(
    world: World, willemijn: str
) -> None:
    world.save(willemijn)
    read_feed(world)
    other = world.person(ADDRESS.lower(), first_name="Iemand", last_name="Anders")
    assert world.save(other, take_over=True).outcome is Outcome.LINKED
    erased(world, willemijn)
    assert world.save(other, {MONTHLY: True}).outcome is Outcome.UPDATED
    assert world.save(willemijn).reason is Reason.ERASED


def test_an_address_is_looked_for_in_either_alphabet(world: World) -> None:
    """As in a search that somebody typed; unless another linked contact has it."""
    zoe = world.person("Zoe@KÄSE.de")
    world.save(zoe)
    found = find_remains(world.environment.id, zoe)
    assert found.says("zoe@käse.de") and found.says("Zoe@xn--kse-qla.de")
    other = find_remains(world.environment.id, "somebody-else")
    for typed in ("zoe@käse.de", "ZOE@xn--kse-qla.de"):
        assert other.with_addresses(world.environment.id, [typed]).addresses == frozenset()
    own = found.with_addresses(world.environment.id, ["Sam@KÄSE.de"]).addresses
    assert {"sam@käse.de", "sam@xn--kse-qla.de"} <= own


def test_an_administrator_lifts_it_and_a_sign_off_still_counts(
    world: World, willemijn: str
) -> None:
    world.control("PUT", "/settings", anonymize_forgets=True)
    world.save(willemijn, {MONTHLY: True})
    read_feed(world)
    world.sign_off(willemijn, MONTHLY)
    read_feed(world)
    row = erased(world, willemijn)
    assert lift_erasure(world.environment.id, row.id, ALICE)
    db.session.commit()
    assert not lift_erasure(world.environment.id, row.id, ALICE)
    db.session.refresh(row)
    assert (row.lifted_by_name, db.session.scalar(select(func.count(ErasedMark.id)))) == (
        ALICE.name, 0,
    )  # fmt: skip
    # Only a person who looks at this one contact may switch it on again.
    run = mutate(world, [willemijn], Adjustment(switches={MONTHLY: Switch(True)}))
    finish(run)
    item = item_of(run, willemijn)
    assert item.outcome is Outcome.LINKED
    found = world.in_spotler(willemijn)
    assert found is not None and not found.permissions.get(MONTHLY)


def test_what_was_signed_off_right_before_it_counts_too(world: World, willemijn: str) -> None:
    """Nobody had read it yet; the mirror that would have told is wiped."""
    world.save(willemijn, {MONTHLY: True, QUARTERLY: True})
    read_feed(world)
    world.sign_off(willemijn, MONTHLY)
    row = erased(world, willemijn)
    assert lift_erasure(world.environment.id, row.id, ALICE)
    db.session.commit()
    off = (Act.contact_id == willemijn, Act.source == Source.SPOTLER)
    assert db.session.scalars(select(Act.bit).where(*off)).all() == [MONTHLY]
    world.control("DELETE", f"/contacts/{willemijn}")
    again = world.person(ADDRESS, first_name="Opnieuw")
    switches = {MONTHLY: Switch(True), QUARTERLY: Switch(True)}
    finish(mutate(world, [again, world.person("ander@example.nl")], Adjustment(switches=switches)))
    found = world.in_spotler(again)
    assert found is not None and not found.permissions.get(MONTHLY) and found.permissions[QUARTERLY]


def test_an_event_of_the_crm_asks_for_it(world: World, willemijn: str) -> None:
    world.save(willemijn)
    inbox = Inbox(world)
    inbox.changed(willemijn, 99)
    inbox.take("contact.erased", contact_id=willemijn)
    turn = inbox.turn()
    [erasure_id] = turn.erasure_ids
    for run_id in turn.run_ids:
        world.work(run_id)
    advance_erasure(world.environment.id, erasure_id)
    row = db.session.get_one(Erasure, erasure_id)
    assert (row.state, row.source, row.actor_name) == (ErasureState.DONE, Source.CRM, None)
    assert traces_of(WORDS) == []
    assert db.session.scalar(select(Link.linked_at).where(Link.contact_id == willemijn)) is None
