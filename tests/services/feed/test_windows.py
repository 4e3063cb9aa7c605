"""Windows of time: everybody is seen, whatever crowds together, and changes while we read."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from spotler_plugin.services.feed import windows
from spotler_plugin.services.feed.windows import Page, read_windows

START = datetime(2000, 1, 1, tzinfo=UTC)
PAGE = 50
END = datetime(2026, 11, 23, tzinfo=UTC)


class Service:
    """Contacts by the moment of their change; counts the calls, and moves one after each."""

    def __init__(
        self, moments: list[datetime], *, moves: bool = False, ordered: bool = True
    ) -> None:
        self.moments = dict(enumerate(moments))
        self.calls = 0
        self.moves = moves
        self.ordered = ordered

    def read(self, since: datetime, until: datetime, *, page_size: int) -> Iterator[list[int]]:
        after = 0
        while True:
            self.calls += 1
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
