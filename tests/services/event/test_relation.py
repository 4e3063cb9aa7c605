"""relation.changed: a module field synchronises the relation's primary contact."""

from __future__ import annotations

import pytest

from spotler_plugin.services.event.relation import is_module


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("Urenmodule", True),
        ("uren_module", True),
        ("Facturatie MODULE", True),
        ("Uren (module)", True),
        ("Urenmodule:", True),
        ("Urenmodule *", True),
        ("Urenmodule.", True),
        ("module", True),
        ("Modules", False),
        ("Module uren", False),
        ("module_2", False),
        ("", False),
    ],
)
def test_what_a_module_field_is_called(name: str, is_one: bool) -> None:
    assert is_module(name) is is_one
