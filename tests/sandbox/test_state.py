"""The account is kept between two starts of the demo."""

from pathlib import Path

from demo.spotler.state import State


def test_what_was_written_is_there_again(tmp_path: Path) -> None:
    file = tmp_path / "account"
    first, second = State(empty=True), State(empty=True)
    first.account.automations.all.clear()
    first.save(file)
    second.load(file)
    assert second.account.automations.all == []


def test_without_a_file_it_begins_as_always(tmp_path: Path) -> None:
    state = State()
    state.load(tmp_path / "none")
    assert state.account.automations.all


def test_what_an_earlier_sandbox_did_not_know_is_as_at_the_start(tmp_path: Path) -> None:
    file = tmp_path / "account"
    first, second = State(empty=True), State(empty=True)
    del first.account.forms
    first.save(file)
    second.load(file)
    assert [each.id for each in second.account.forms.all] == [1, 2]
