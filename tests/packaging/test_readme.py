"""The README names every setting."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from spotler_plugin.config import Config

README = Path(__file__).resolve().parents[2] / "README.md"


def test_each_setting_has_its_line_in_the_table() -> None:
    text = README.read_text()
    variables = [field.name.upper() for field in fields(Config)]
    assert [name for name in variables if f"| `{name}` |" not in text] == []
