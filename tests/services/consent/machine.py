"""The machine in which anything happens, in any order: each rule is one thing that does."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import select, update

from demo.spotler.account.contacts import Contact
from demo.spotler.manners import MANNERS
from spotler_plugin.extensions import db
from spotler_plugin.models import (
    TAKING_BACK,
    Act,
    Automation,
    BackupCause,
    Erasure,
    ErasureState,
    Feed,
    Link,
    Outcome,
    Preview,
    PreviewState,
    Run,
    RunItem,
    RunKind,
    RunState,
    Source,
    Whom,
)
from spotler_plugin.planning.restore.order import Restore
from spotler_plugin.services.backup.find import restorable
from spotler_plugin.services.backup.request import request_backup
from spotler_plugin.services.capture import advance_backup
from spotler_plugin.services.consent.acts import record_acts
from spotler_plugin.services.consent.setting import choose_again
from spotler_plugin.services.erasure.advance import advance_erasure
from spotler_plugin.services.erasure.request import lift_erasure, request_erasure
from spotler_plugin.services.feed.follow import follow_feed, read_everybody
from spotler_plugin.services.link.former import void_links
from spotler_plugin.services.mapping.store import saved_mapping
from spotler_plugin.services.mirror.write import forget_everybody
from spotler_plugin.services.preview.approve import NotReady, Stale, confirm_preview
from spotler_plugin.services.preview.compute import advance_preview
from spotler_plugin.services.preview.request import request_preview, tally_of
from spotler_plugin.services.preview.restore import legend_for, request_restore
from spotler_plugin.services.preview.undo import request_undo
from spotler_plugin.services.run.create import create_run
from spotler_plugin.services.sync.advance import advance_run
from tests.services.event.conftest import Inbox
from tests.world.accounts import ALICE
from tests.world.beginning import Beginning
from tests.world.chaos import Wire
from tests.world.death import Killed
from tests.world.truth import ALL, Ask, Out, Truth
from tests.world.world import MONTHLY, QUARTERLY, World

BITS = (MONTHLY, QUARTERLY)
GROUND = "verzoek van de contactpersoon"
people, addresses = st.integers(0, 1), st.sampled_from("abc").map(lambda name: f"{name}@x.example")
# Most of it is about one permission of two people, so that things meet.
bits, sides = st.sampled_from([MONTHLY, MONTHLY, QUARTERLY]), st.booleans()
turns = st.sampled_from([True, True, True, False])
strikes = st.sampled_from(
    ["", "", "", "", "meanwhile", "unreachable", "lost", "late", "killed before", "killed after"]
)
calls = st.integers(1, 8)


class Anything(RuleBasedStateMachine):
    """After each rule the model compares."""

    world: World
    wire: Wire
    beginnings: dict[str, Beginning]
    """By how Spotler is; `new` is from before anybody was linked."""

    def __init__(self) -> None:
        super().__init__()
        self.truth = self.wire.truth = Truth(self.world, BITS)
        self.wire.late = []
        self.untold: list[tuple[str, str]] = []
        self.addresses: dict[str, set[str]] = {}
        self.persons = ["first", "second"]

    @initialize(manner=st.sampled_from(["", "", *sorted(MANNERS)]))
    def begins(self, manner: str) -> None:
        """Both are linked, with one permission on, in one of the ways in which Spotler may be; but
        what happens there shows at once."""
        self.world.crm.data.reset(contacts=0)
        for person, name in zip(self.persons, "ab", strict=True):
            self._person(f"{name}@x.example", person)
        known = self.beginnings.get(manner)
        (known or self.beginnings["new"]).put_back(self.world)
        state = self.world.sandbox.state
        ways = MANNERS.get(manner, {}) | {"anonymize_forgets": True, "lag": 0.0}
        state.settings = replace(state.settings, **ways)
        now = datetime.now(UTC)
        read = {"read_at": now, "updates_since": now, "bounces_since": now, "full_since": None}
        db.session.execute(
            update(Feed).values(full_started_at=now, full_finished_at=now, lease=None, **read)
        )
        db.session.commit()
        if known is None:
            self._link()
            self.beginnings[manner] = Beginning.now(self.world)
        self.truth.look(mine=False)
        first = select(Automation.id).order_by(Automation.id).limit(1)
        self.automation = db.session.scalars(first).one()

    def _link(self) -> None:
        run = self._run(RunKind.BULK, Source.BULK, self.persons)
        for each in self.persons:
            record_acts(run, each, {MONTHLY: True})
            self._note_ask(each, MONTHLY)
        db.session.commit()
        self._work([run.id], "", 0)
        on = [record.has("permissions", MONTHLY) for record in self.truth.records()]
        assert on == [True, True], "nothing is tried"
        directory = self.world.sandbox.state.account.directory
        for record in self.truth.records():
            directory.set_property(record, "city", "Gouda")
            directory.touch(record)
        self.feed()

    def _person(self, address: str, contact_id: str | None = None) -> str:
        fields = {"email": address, "first_name": "Noor", "last_name": "Bakker", "phone": "010 1"}
        contacts = self.world.crm.data.contacts
        return contacts.add(fields, contact_id=contact_id, silent=True).id

    # What happens in Spotler.

    @rule(which=st.integers(0, 2), bit=st.sampled_from([MONTHLY, MONTHLY, QUARTERLY, ALL]))
    def signs_off(self, which: int, bit: int) -> None:
        if record := self._record(which):
            self.truth.sign_off(record, bit)

    @rule(which=st.integers(0, 2), bit=st.sampled_from([MONTHLY, QUARTERLY, ALL]))
    def signs_on(self, which: int, bit: int) -> None:
        if record := self._record(which):
            self.truth.sign_on(record, bit)

    @rule(address=addresses, bit=bits)
    def appears(self, address: str, bit: int) -> None:
        """Somebody signs up with a form, whoever has the address."""
        contact = {"email": address, "permissions": [bit]}
        self.world.control("POST", "/contacts", contacts=[contact])
        self.truth.look(mine=False)

    @rule()
    def what_was_lost_arrives(self) -> None:
        if self.wire.late:
            before = self.truth.ons()
            self.wire.arrive()
            self.truth.note_late(before)

    # What happens here.

    @rule()
    def feed(self) -> None:
        began = datetime.now(UTC)
        follow_feed(self.world.environment.id)
        read_at = db.session.scalars(select(Feed.read_at)).one()
        if read_at is not None and read_at >= began:
            self.truth.read_at = self.truth.tick()
        self.truth.look(mine=True)

    @rule(allowed=sides)
    def allows(self, allowed: bool) -> None:
        choose_again(self.world.environment.id, allowed=allowed)
        db.session.commit()
        self.truth.allowed = allowed

    @rule(who=people, bit=bits, on=turns, lifts=sides, takes=sides, starts=sides,
          strike=strikes, call=calls)  # fmt: skip
    def saves(self, who: int, bit: int, on: bool, lifts: bool, takes: bool, starts: bool,
              strike: str, call: int) -> None:  # fmt: skip
        run_id = self._asked(who, bit, on, lifts, takes, starts)
        self._work([run_id], strike, call)

    @rule(who=people, bit=bits, on=turns, lifts=sides)
    def asks_and_nobody_works(self, who: int, bit: int, on: bool, lifts: bool) -> None:
        self._asked(who, bit, on, lifts, False, False)

    @rule(strike=strikes, call=calls)
    def goes_on(self, strike: str, call: int) -> None:
        """After a while, with whatever waits."""
        self._time_goes_by()
        runs = select(Run.id).where(Run.state == RunState.OPEN).order_by(Run.created_at)
        self._work(list(db.session.scalars(runs)), strike, call)
        for erasure_id in db.session.scalars(
            select(Erasure.id).where(Erasure.state == ErasureState.OPEN)
        ).all():
            self._erase(erasure_id)

    @rule(bit=bits, on=turns, kind=st.sampled_from([RunKind.BULK, RunKind.ACTION]), who=people,
          strike=strikes, call=calls)  # fmt: skip
    def in_bulk_or_by_an_action(
        self, bit: int, on: bool, kind: RunKind, who: int, strike: str, call: int
    ) -> None:
        bulk = kind is RunKind.BULK
        ids = sorted(set(self.persons)) if bulk else [self.persons[who]]
        source = Source.BULK if bulk else Source.AUTOMATIC_ACTION
        run = self._run(kind, source, ids)
        for each in ids:
            record_acts(run, each, {bit: on}, {bit: GROUND})
            if on:
                self._note_ask(each, bit)
        db.session.commit()
        self._work([run.id], strike, call)

    @rule(who=people, address=addresses, together=sides, strike=strikes, call=calls)
    def moves(self, who: int, address: str, together: bool, strike: str, call: int) -> None:
        self._changes(who, {"email": address}, strike, call, together)

    @rule(who=people, strike=strikes, call=calls)
    def loses_a_value(self, who: int, strike: str, call: int) -> None:
        """It is emptied in Spotler, by the call that writes everything else again."""
        self._changes(who, {"phone": ""}, strike, call)

    @rule(strike=strikes, call=calls)
    def has_another_mapping(self, strike: str, call: int) -> None:
        """One more field is mapped, which the CRM has empty and Spotler does not; or it is not."""
        proposal = saved_mapping(self.world.environment.id)
        if proposal.pop(("contact", "city"), None) is None:
            proposal[("contact", "city")] = "city"
        row = request_preview(self.world.environment, Whom.LINKED, RunKind.MAPPING, proposal, ALICE)
        self._agree(row, strike, call)

    @rule(back=st.integers(0, 2), overrides=sides, strike=strikes, call=calls)
    def is_undone(self, back: int, overrides: bool, strike: str, call: int) -> None:
        """One of the last runs."""
        runs = db.session.scalars(select(Run.id).order_by(Run.created_at.desc())).all()
        if back < len(runs):
            owner = self.world.environment
            row = request_undo(owner, runs[back], ALICE, overrides=overrides)
            if row is not None:
                self._agree(row, strike, call)

    @rule()
    def is_backed_up(self) -> None:
        row = request_backup(self.world.environment.id, BackupCause.PERSON, ALICE)
        db.session.commit()
        while advance_backup(self.world.environment.id, row.id):
            pass

    @rule(switches=sides, strike=strikes, call=calls)
    def is_put_back(self, switches: bool, strike: str, call: int) -> None:
        """The newest backup, with all values."""
        owner = self.world.environment
        backups = db.session.scalars(restorable(owner)).all()
        if backups:
            backup = max(backups, key=lambda each: each.created_at)
            names = tuple(each.name for each in legend_for(backup).columns)
            order = Restore(names, switches=switches)
            self._agree(request_restore(owner, backup, order, ALICE), strike, call)

    @rule(who=people, again=sides)
    def is_deleted_and_made_again(self, who: int, again: bool) -> None:
        gone = self.persons[who]
        row = self.world.crm.data.contacts.find(gone)
        if row is None:
            return
        self.world.crm.data.contacts.delete(gone, silent=True)
        if again:
            Inbox(self.world).take("contact.deleted", contact_id=gone)
            self._events()
        self.persons[who] = self._person(str(row.fields["email"]))

    @rule(who=people, other=people, is_told=turns, again=sides)
    def are_merged(self, who: int, other: int, is_told: bool, again: bool) -> None:
        """The CRM tells of it, or will."""
        kept, merged = self.persons[who], self.persons[other]
        contacts = self.world.crm.data.contacts
        row = contacts.find(merged)
        if kept == merged or row is None or contacts.find(kept) is None:
            return
        contacts.merge(kept, merged)
        self.untold.append((kept, merged))
        if is_told:
            self.is_told_of_merges()
        self.persons[other] = self._person(str(row.fields["email"])) if again else kept

    @rule()
    def is_told_of_merges(self) -> None:
        """The last one first: events may overtake each other."""
        told, self.untold = self.untold[::-1], []
        for kept, merged in told:
            self.truth.kept[merged] = kept
            Inbox(self.world).take("contact.merged", kept_id=kept, merged_id=merged)
            self._events()

    @rule(who=people, is_done=turns)
    def is_erased(self, who: int, is_done: bool) -> None:
        person = self.persons[who]
        if person in self.truth.erased:
            return
        self.truth.erase(person, ())
        self.addresses[person] = self._addresses(person)
        row = request_erasure(self.world.environment.id, person, Source.MODAL, ALICE)
        db.session.commit()
        self._forget_what_is_done()
        if is_done:
            self._erase(row.id)

    @rule()
    def may_be_linked_again(self) -> None:
        """An administrator lifts what was erased."""
        for row in db.session.scalars(select(Erasure)).all():
            if lift_erasure(self.world.environment.id, row.id, ALICE):
                self.truth.lift(row.contact_id)
        db.session.commit()

    @rule()
    def memory_is_lost(self) -> None:
        """Of links and mirror, as when the account is replaced; who signed off did."""
        follow_feed(self.world.environment.id)
        void_links(self.world.environment.id, is_known_by_address=True)
        forget_everybody(self.world.environment.id)
        db.session.execute(update(RunItem).where(RunItem.outcome == Outcome.OPEN)
                           .values(outcome=Outcome.CANCELLED))  # fmt: skip
        db.session.execute(update(Run).values(state=RunState.CANCELLED))
        db.session.execute(update(Feed).values(full_started_at=None, full_finished_at=None))
        db.session.commit()
        self._forget_what_is_done()
        read_everybody(self.world.environment.id)

    # How.

    def _record(self, which: int) -> Contact | None:
        records = self.truth.records()
        return records[which] if which < len(records) else None

    def _note_ask(
        self, person: str, bit: int, *, lifts: bool = False, is_personal: bool = False
    ) -> None:
        ask = Ask(self.truth.tick(), person, bit, lifts, is_personal)
        self.truth.asks.append(ask)

    def _asked(self, who: int, bit: int, on: bool, lifts: bool, takes: bool, starts: bool) -> UUID:
        person = self.persons[who]
        run_id = self.world.ask(
            person,
            {bit: on},
            [self.automation] if starts else [],
            grounds={bit: GROUND} if lifts else {},
            take_over=takes,
        )
        if on:
            self._note_ask(person, bit, lifts=lifts, is_personal=True)
        return run_id

    def _run(self, kind: RunKind, source: Source, ids: list[str]) -> Run:
        environment_id = self.world.environment.id
        run, _ = create_run(
            environment_id, ids, kind=kind, source=source, actor=ALICE, request_token=uuid4()
        )
        return run

    def _changes(
        self, who: int, values: dict[str, Any], strike: str, call: int, together: bool = False
    ) -> None:
        """In the CRM; with `together` it is not the only contact that is looked at."""
        person = self.persons[who]
        if self.world.crm.data.contacts.find(person) is None:
            return
        self.world.crm.data.contacts.change(person, values, silent=True)
        ids = sorted(set(self.persons)) if together else [person]
        run = self._run(RunKind.CHANGE, Source.CRM, ids)
        if together:
            # Of many the feed may be two seconds old, in which half of a history happens.
            a_while_ago = datetime.now(UTC) - timedelta(seconds=5)
            db.session.execute(update(Feed).values(read_at=a_while_ago))
        db.session.commit()
        self._work([run.id], strike, call)

    def _agree(self, row: Preview, strike: str, call: int) -> None:
        """Work a preview out, and let its run be done."""
        db.session.commit()
        while advance_preview(row.environment_id, row.id):
            pass
        db.session.refresh(row)
        if row.state is not PreviewState.READY:
            return
        try:
            run_id = confirm_preview(self.world.environment, row.id, ALICE, tally_of(row).emptied)
        except (NotReady, Stale):
            db.session.rollback()
            return
        db.session.commit()
        if run_id is not None:
            self._work([run_id], strike, call)

    def _erase(self, erasure_id: UUID) -> None:
        """Once nobody is at work with the contact, it is done."""
        self._time_goes_by()
        advance_erasure(self.world.environment.id, erasure_id)
        row = db.session.get_one(Erasure, erasure_id, populate_existing=True)
        person, is_done = row.contact_id, row.state is ErasureState.DONE
        db.session.commit()
        if is_done:
            others = {each.external_id for each in self.truth.records()} | set(self.persons)
            taken = {each for id_ in others - {None, person} for each in self._addresses(str(id_))}
            self.truth.erase(person, self.addresses[person] - taken)
        self.truth.look(mine=True)

    def _addresses(self, person: str) -> set[str]:
        """That the contact has in Spotler and in the CRM."""
        row = self.world.crm.data.contacts.find(person)
        there = [each.email for each in self.truth.records() if each.external_id == person]
        return {each.lower() for each in [*there, str(row.fields["email"]) if row else ""] if each}

    def _events(self) -> None:
        self._time_goes_by()
        Inbox(self.world).handle()
        self.truth.look(mine=True)

    def _time_goes_by(self) -> None:
        """Leases end, and what was put off is due."""
        past = datetime.now(UTC) - timedelta(seconds=1)
        db.session.execute(update(Link).values(leased_until=past))
        db.session.execute(update(Feed).values(leased_until=past))
        db.session.execute(update(Erasure).values(leased_until=past, due_at=past))
        db.session.execute(
            update(RunItem).where(RunItem.outcome == Outcome.OPEN).values(due_at=past)
        )
        db.session.commit()

    def _work(self, run_ids: list[UUID], strike: str, call: int) -> None:
        def meanwhile() -> Out | None:
            records = self.truth.records()
            return (
                self.truth.sign_off(records[call % len(records)], BITS[call % 2])
                if records
                else None
            )

        self.wire.begin(call if strike else 0, strike, meanwhile)
        try:
            for run_id in run_ids:
                source = db.session.get_one(Run, run_id).source
                db.session.commit()
                self.wire.takes_back = source in TAKING_BACK
                self._advance(run_id)
                self._look()
        except Killed:
            db.session.rollback()
            self._look()
        finally:
            self.wire.end()
        db.session.expire_all()
        account = self.world.sandbox.state.account
        for record in self.truth.records():
            # By each contact of the CRM that it was, as each was asked for it by a person.
            most = len(self.truth.owners.get(record.encrypted_id, ""))
            started = Counter(run.automation.id for run in account.automations.of(record))
            assert all(each <= most for each in started.values()), "it was started twice"

    def _look(self) -> None:
        self.truth.look(mine=True, takes_back=self.wire.takes_back)
        self._forget_what_is_done()

    def _forget_what_is_done(self) -> None:
        """What was asked goes along with a newer run of the contact, as long as it waits."""
        waiting = (
            select(Act.contact_id, Act.bit)
            .join(
                RunItem,
                (RunItem.run_id == Act.run_id) & (RunItem.contact_id == Act.contact_id),
            )
            .where(Act.enabled, Act.applied_at.is_(None), RunItem.outcome == Outcome.OPEN)
        )
        left = {(person, bit) for person, bit in db.session.execute(waiting)}
        db.session.commit()
        self.truth.asks = [each for each in self.truth.asks if (each.person, each.bit) in left]

    def _advance(self, run_id: UUID) -> None:
        for _ in range(6):
            if not advance_run(run_id):
                return
