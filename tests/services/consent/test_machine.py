"""Whatever happens, and in whatever order: nobody who signed off is signed on again, and no
automation starts twice.

`CONSENT_HISTORIES` and `CONSENT_SEED` ask for more histories than CI tries.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sqlalchemy import delete, select, update

from demo.spotler.account.contacts import Contact
from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Act,
    AddressHolder,
    Automation,
    Enrolment,
    Event,
    Feed,
    Link,
    MirrorContact,
    Outcome,
    Run,
    RunItem,
    RunKind,
    RunState,
    Source,
)
from spotler_plugin.models import (
    Inbox as InboxRow,
)
from spotler_plugin.planning import consent
from spotler_plugin.services.consent.acts import record_acts
from spotler_plugin.services.consent.setting import choose_again
from spotler_plugin.services.feed.follow import follow_feed, read_everybody
from spotler_plugin.services.link.former import void_links
from spotler_plugin.services.mirror.write import forget_everybody
from spotler_plugin.services.run.create import create_run
from spotler_plugin.services.sync.advance import advance_run
from tests.services.event.conftest import Inbox
from tests.world.accounts import ALICE
from tests.world.chaos import ALL, Ask, Out, Truth, Wire
from tests.world.death import Killed
from tests.world.world import MONTHLY, QUARTERLY, World

HISTORIES = int(os.environ.get("CONSENT_HISTORIES", "300"))
SEED = int(os.environ.get("CONSENT_SEED", "20261126"))
KEPT = (RunItem, Enrolment, Act, AddressHolder, Event, InboxRow, Run, Link, MirrorContact)
"""Tables that each history begins without."""

BITS = (MONTHLY, QUARTERLY)
GROUND = "verzoek van de contactpersoon"
people, addresses = st.integers(0, 1), st.sampled_from("abc").map(lambda name: f"{name}@x.example")
# Most of it is about one permission of two people, so that things meet.
bits, sides = st.sampled_from([MONTHLY, MONTHLY, QUARTERLY]), st.booleans()
turns = st.sampled_from([True, True, True, False])
strikes = st.sampled_from(
    ["", "", "", "meanwhile", "unreachable", "lost", "killed before", "killed after"]
)
calls = st.integers(1, 8)


class Anything(RuleBasedStateMachine):
    """Each rule is one thing that happens; after each, the model compares."""

    world: World
    wire: Wire

    def __init__(self) -> None:
        super().__init__()
        world = self.world
        db.session.rollback()
        world.sandbox.state.reset(empty=True)
        for model in KEPT:
            db.session.execute(delete(model))
        now = datetime.now(UTC)
        read = {"read_at": now, "updates_since": now, "bounces_since": now, "full_since": None}
        db.session.execute(
            update(Feed).values(full_started_at=now, full_finished_at=now, lease=None, **read)
        )
        choose_again(world.environment.id, allowed=False)
        db.session.commit()
        self.truth = Truth(world, BITS)
        self.persons = [self._person(f"{name}@x.example") for name in "ab"]
        first = select(Automation.id).order_by(Automation.id).limit(1)
        self.automation = db.session.scalars(first).one()
        self._link()

    def _link(self) -> None:
        """Both are linked, with one permission on."""
        run = self._run(RunKind.BULK, Source.BULK, self.persons)
        for each in self.persons:
            record_acts(run, each, {MONTHLY: True})
            self._note_ask(each, MONTHLY, lifts=False)
        db.session.commit()
        self._work([run.id], "", 0)
        on = [record.has("permissions", MONTHLY) for record in self.truth.records()]
        assert on == [True, True], "nothing is tried"

    def _person(self, address: str) -> str:
        fields = {"email": address, "first_name": "Noor", "last_name": "Bakker", "phone": "010 1"}
        return self.world.crm.data.contacts.add(fields, silent=True).id

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

    # What happens here.

    @rule()
    def feed(self) -> None:
        follow_feed(self.world.environment.id)
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
                self._note_ask(each, bit, lifts=False)
        db.session.commit()
        self._work([run.id], strike, call)

    @rule(who=people, address=addresses, strike=strikes, call=calls)
    def moves(self, who: int, address: str, strike: str, call: int) -> None:
        self._changes(who, {"email": address}, strike, call)

    @rule(who=people, strike=strikes, call=calls)
    def loses_a_value(self, who: int, strike: str, call: int) -> None:
        """It is emptied in Spotler, by the call that writes everything else again."""
        self._changes(who, {"phone": ""}, strike, call)

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

    @rule(who=people, other=people)
    def are_merged(self, who: int, other: int) -> None:
        kept, merged = self.persons[who], self.persons[other]
        if kept == merged or self.world.crm.data.contacts.find(merged) is None:
            return
        self.world.crm.data.contacts.merge(kept, merged)
        self.truth.kept[merged] = kept
        Inbox(self.world).take("contact.merged", kept_id=kept, merged_id=merged)
        self._events()
        self.persons[other] = kept

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
        read_everybody(self.world.environment.id)

    # How.

    def _record(self, which: int) -> Contact | None:
        records = self.truth.records()
        return records[which] if which < len(records) else None

    def _note_ask(self, person: str, bit: int, *, lifts: bool) -> None:
        self.truth.asks.append(Ask(self.truth.tick(), person, bit, lifts))

    def _asked(self, who: int, bit: int, on: bool, lifts: bool, takes: bool, starts: bool) -> UUID:
        person = self.persons[who]
        if on:
            self._note_ask(person, bit, lifts=lifts)
        return self.world.ask(
            person,
            {bit: on},
            [self.automation] if starts else [],
            grounds={bit: GROUND} if lifts else {},
            take_over=takes,
        )

    def _run(self, kind: RunKind, source: Source, ids: list[str]) -> Run:
        environment_id = self.world.environment.id
        run, _ = create_run(
            environment_id, ids, kind=kind, source=source, actor=ALICE, request_token=uuid4()
        )
        return run

    def _changes(self, who: int, values: dict[str, Any], strike: str, call: int) -> None:
        person = self.persons[who]
        if self.world.crm.data.contacts.find(person) is None:
            return
        self.world.crm.data.contacts.change(person, values, silent=True)
        run = self._run(RunKind.CHANGE, Source.CRM, [person])
        db.session.commit()
        self._work([run.id], strike, call)

    def _events(self) -> None:
        self._time_goes_by()
        Inbox(self.world).handle()
        self.truth.look(mine=True)

    def _time_goes_by(self) -> None:
        """Leases end, and what was put off is due."""
        past = datetime.now(UTC) - timedelta(seconds=1)
        db.session.execute(update(Link).values(leased_until=past))
        db.session.execute(update(Feed).values(leased_until=past))
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
                for _ in range(6):
                    if not advance_run(run_id):
                        break
        except Killed:
            db.session.rollback()
        finally:
            self.wire.end()
        db.session.expire_all()
        self.truth.look(mine=True)
        account = self.world.sandbox.state.account
        for record in self.truth.records():
            started = [run.automation.id for run in account.automations.of(record)]
            assert len(started) == len(set(started)), "an automation was started twice"


@pytest.mark.long
def test_nobody_who_signed_off_is_on_and_no_automation_starts_twice(world: World) -> None:
    wire = Wire(world)
    machine = type("Anything", (Anything,), {"world": world, "wire": wire})
    chosen = settings(
        max_examples=HISTORIES,
        stateful_step_count=6,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        print_blob=False,
        phases=[Phase.generate],
    )
    with wire.wired():
        run_state_machine_as_test(seed(SEED)(machine), settings=chosen)


def test_the_machine_notices(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What would be wrong is not allowed by the model, so it can be found."""
    wire = Wire(world)
    machine = type("Anything", (Anything,), {"world": world, "wire": wire})
    with wire.wired():
        tried = machine()
        first = tried.truth.records()[0]
        tried.truth.sign_off(first, MONTHLY)
        monkeypatch.setattr(consent, "_bar", lambda _act, _offs: None)
        who = tried.persons.index(str(first.external_id))
        with pytest.raises(AssertionError, match="went on"):
            tried.saves(who, MONTHLY, True, False, False, False, "", 1)
