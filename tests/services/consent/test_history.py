"""Whose acts are read, and which of them are asked by a run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, AddressHolder, Environment, Link, RunKind, Source
from spotler_plugin.services.consent.digest import digests_of
from spotler_plugin.services.consent.history import read_histories
from spotler_plugin.services.consent.person import same_person
from spotler_plugin.services.consent.setting import choose_again
from spotler_plugin.services.run.create import create_run

NOW = datetime.now(UTC)
ADDRESS = "samen@example.nl"


def act(owner: Environment, contact_id: str, run_id: UUID | None = None, minutes: int = 0) -> Act:
    """One of a run switches on, one of Spotler off."""
    at = NOW + timedelta(minutes=minutes)
    row = Act(environment_id=owner.id, contact_id=contact_id, bit=1, enabled=run_id is not None)
    row.at, row.run_id, row.applied_at = at, run_id, at
    row.source = Source.MODAL if run_id else Source.SPOTLER
    db.session.add(row)
    return row


def a_run(owner: Environment) -> UUID:
    run, _ = create_run(
        owner.id, ["anna"], kind=RunKind.CONTACT, source=Source.MODAL, actor=None,
        request_token=uuid4(),
    )  # fmt: skip
    db.session.flush()
    return run.id


def test_two_of_one_person_in_one_chunk_know_of_each_other(environment: Environment) -> None:
    for contact_id in ("anna", "bram"):
        db.session.add(Link(environment_id=environment.id, contact_id=contact_id, address=ADDRESS))
    db.session.commit()
    off = act(environment, "anna")
    db.session.commit()
    histories = read_histories(environment.id, {"anna": [ADDRESS], "bram": [ADDRESS]})
    assert [each.id for each in histories.of("anna")[0]] == [off.id]
    own, [other] = histories.of("bram")
    assert own == [] and [each.id for each in other.acts] == [off.id]


def test_what_a_run_asks_is_not_what_happened(environment: Environment) -> None:
    first, second = a_run(environment), a_run(environment)
    off = act(environment, "anna")
    on, again = act(environment, "anna", first, 1), act(environment, "anna", second, 2)
    db.session.commit()
    db.session.expire_all()
    histories = read_histories(environment.id, {"anna": ()})
    assert [each.id for each in histories.asked("anna", second)] == [again.id]
    assert [each.id for each in histories.of("anna", but=second)[0]] == [off.id, on.id]
    assert [each.id for each in histories.of("anna")[0]] == [off.id, on.id, again.id]


def test_what_a_source_says_of_an_act(environment: Environment) -> None:
    """A sign-off is what was seen in Spotler; a person looked at the contact in the modal."""
    for source in Source:
        act(environment, "anna").source = source
    db.session.commit()
    own, _ = read_histories(environment.id, {"anna": ()}).of("anna")
    by_source = dict(zip(Source, own, strict=True))
    assert {source for source, each in by_source.items() if each.personal} == {Source.MODAL}
    assert {source for source, each in by_source.items() if each.seen_at} == {Source.SPOTLER}
    taking_back = {source for source, each in by_source.items() if each.takes_back}
    assert taking_back == {Source.UNDO, Source.RESTORE}


def test_only_a_person_with_a_ground_lifts_where_that_is_allowed(environment: Environment) -> None:
    grounds = {source: act(environment, "anna") for source in Source}
    for source, row in grounds.items():
        row.source, row.ground = source, "verzoek"
    act(environment, "anna").source = Source.MODAL
    db.session.commit()
    for allowed in (False, True):
        choose_again(environment.id, allowed=allowed)
        own, _ = read_histories(environment.id, {"anna": ()}).of("anna")
        assert [each.id for each in own if each.lifts] == [grounds[Source.MODAL].id] * allowed


def test_what_did_not_take_effect_yet_is_on_its_way(environment: Environment) -> None:
    run_id = a_run(environment)
    done, asked = act(environment, "anna", run_id), act(environment, "anna", run_id)
    asked.applied_at = None
    db.session.commit()
    own, _ = read_histories(environment.id, {"anna": ()}).of("anna")
    assert [(each.id, each.pending) for each in own] == [(done.id, False), (asked.id, True)]


def test_what_happened_with_an_address_until_it_was_left_counts(environment: Environment) -> None:
    digest = digests_of(environment.id, [ADDRESS])[ADDRESS]
    for contact_id, until in (("anna", None), ("bram", NOW)):
        row = AddressHolder(environment_id=environment.id, contact_id=contact_id, until=until)
        row.address_digest, row.since = digest, NOW - timedelta(days=1)
        db.session.add(row)
    offs = [act(environment, "bram", minutes=minutes) for minutes in (-1, 0, 1)]
    db.session.commit()
    [other] = read_histories(environment.id, {"anna": ()}).of("anna")[1]
    assert [each.id for each in other.acts] == [each.id for each in offs[:2]]


def test_who_was_merged_is_the_same_also_without_an_address(environment: Environment) -> None:
    link = Link(environment_id=environment.id, contact_id="bram", merged_into="anna")
    db.session.add(link)
    off = act(environment, "bram")
    db.session.commit()
    kin = same_person(environment.id, {"anna": (), "zoe": ()})
    assert {id_: [each.contact_id for each in those] for id_, those in kin.items()} == {
        "anna": ["bram"],
        "zoe": [],
    }
    assert read_histories(environment.id, {"anna": ()}).of("anna")[1][0].acts[0].id == off.id
