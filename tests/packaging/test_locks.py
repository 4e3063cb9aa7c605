"""The locks agree with each other, so that one environment serves the demo and the tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

LOCKS = Path(__file__).resolve().parents[2] / "requirements"
PIN = re.compile(r"^(\w\S*==.*?) \\\n    --hash=sha256:", re.MULTILINE)


def _pins(name: str) -> set[str]:
    """Every requirement with its version, its marker and at least one hash behind it."""
    return set(PIN.findall((LOCKS / name).read_text()))


@pytest.mark.parametrize(("less", "more"), [("prod.txt", "demo.txt"), ("demo.txt", "dev.txt")])
def test_each_lock_holds_all_of_the_one_before(less: str, more: str) -> None:
    assert _pins(less)
    assert _pins(less) - _pins(more) == set()


@pytest.mark.parametrize("name", ["prod.txt", "demo.txt", "dev.txt"])
def test_every_requirement_has_hashes_and_no_index_is_named(name: str) -> None:
    text = (LOCKS / name).read_text()
    requirements = [line for line in text.splitlines() if line[:1].isalnum()]
    assert len(requirements) == len(_pins(name))
    assert "://" not in text and "index-url" not in text
