"""Windows of time: everybody is seen, whatever crowds together, and changes while we read."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from spotler_plugin.services.feed import windows
from spotler_plugin.services.feed.windows import Page, read_windows
from spotler_plugin.spotler import Refused

START = datetime(2000, 1, 1, tzinfo=UTC)
PAGE = 50
END = datetime(2026, 11, 23, tzinfo=UTC)


class Service:
    """Contacts by the moment of their change; counts the calls, and moves one after each."""

    def __init__(
        self,
        moments: list[datetime],
        *,
        moves: bool = False,
        ordered: bool = True,
        in_days: bool = False,
        widest: timedelta | None = None,
    ) -> None:
        self.moments = dict(enumerate(moments))
        self.calls = 0
        self.moves = moves
        self.ordered = ordered
        self.in_days = in_days
        self.widest = widest

    def read(self, since: datetime, until: datetime, *, page_size: int) -> Iterator[list[int]]:
        after = 0
        while True:
            self.calls += 1
            if self.widest and until - since > self.widest:
                raise Refused("too wide")
            if self.in_days:
                since = since.replace(hour=0, minute=0, second=0)
                until = until.replace(hour=23, minute=59, second=59)
            fitting = [who for who, at in self.moments.items() if since <= at <= until]
            if self.ordered:
                fitting.sort(key=lambda who: self.moments[who])
            else:
                random.Random(7).shuffle(fitting)
            page = fitting[after : after + page_size]
            if self.moves and fitting:
                self.moments[fitting[0]] = END + timedelta(hours=1)
            if not page:
                return
            yield page
            after += len(page)
            if len(page) < page_size:
                return

    def pages(self) -> Iterator[Page[int]]:
        return read_windows(self.read, START, END, self.moments.get)

    def everybody(self) -> set[int]:
        return {who for page in self.pages() for who in page.rows}


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "PAGE", PAGE)


def test_few_contacts_take_one_call() -> None:
    service = Service([END - timedelta(days=day) for day in range(49)])
    assert len(service.everybody()) == 49
    assert service.calls == 1


@pytest.mark.parametrize("apart", [timedelta(days=10), timedelta(hours=1), timedelta(seconds=7)])
@pytest.mark.parametrize(("ordered", "most"), [(True, 1.5), (False, 6)])
def test_many_take_a_few_calls_a_page(apart: timedelta, ordered: bool, most: float) -> None:
    service = Service([END - apart * number for number in range(15 * PAGE)], ordered=ordered)
    assert len(service.everybody()) == 15 * PAGE
    assert service.calls <= 15 * most


def test_rows_that_do_not_tell_their_moment_are_found_all_the_same() -> None:
    service = Service([END - timedelta(hours=number) for number in range(300)])
    found = read_windows(service.read, START, END, lambda _: None)
    assert {who for page in found for who in page.rows} == set(service.moments)


def test_a_crowd_in_one_moment_is_read_in_pages() -> None:
    service = Service([END - timedelta(days=700)] * 180)
    assert len(service.everybody()) == 180


def test_who_does_not_change_is_not_missed_when_others_do() -> None:
    service = Service([END - timedelta(days=number) for number in range(400)], moves=True)
    seen = service.everybody()
    missed = {who for who, at in service.moments.items() if at <= END} - seen
    assert missed == set()


def test_the_bookmark_never_runs_ahead_of_what_was_given() -> None:
    service = Service([END - timedelta(days=number) for number in range(300)])
    given: set[int] = set()
    for page in service.pages():
        given |= set(page.rows)
        behind = {who for who, at in service.moments.items() if at < page.covered}
        assert behind <= given
    assert page.covered == END


@pytest.mark.parametrize("ordered", [True, False])
def test_a_service_that_looks_at_whole_days_is_not_asked_the_same_day_on_and_on(
    ordered: bool,
) -> None:
    busy = datetime(2026, 3, 5, 10, tzinfo=UTC)
    moments = [busy + timedelta(seconds=number) for number in range(20 * PAGE)]
    moments += [busy + timedelta(days=number % 300) for number in range(5 * PAGE)]
    service = Service(moments, in_days=True, ordered=ordered)
    assert len(service.everybody()) == 25 * PAGE
    assert service.calls < 250

    service.calls = 0
    recent = read_windows(service.read, busy, busy + timedelta(minutes=11), service.moments.get)
    assert len({who for page in recent for who in page.rows}) > 20 * PAGE
    assert service.calls < 60


def test_a_service_that_refuses_wide_windows_is_asked_for_narrower_ones() -> None:
    service = Service(
        [END - timedelta(days=number) for number in range(400)], widest=timedelta(days=31)
    )
    assert len(service.everybody()) == 400
    assert service.calls < 800


def test_what_is_refused_whatever_the_window_is_told() -> None:
    service = Service([], widest=timedelta(seconds=1))
    with pytest.raises(Refused):
        service.everybody()
    assert service.calls < 20
