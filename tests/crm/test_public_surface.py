"""What others may use."""

from __future__ import annotations

from spotler_plugin import crm


def test_public_names() -> None:
    assert sorted(crm.__all__) == sorted(
        name
        for name, value in vars(crm).items()
        if not name.startswith("_") and type(value).__name__ != "module"
    )
    assert {"CrmClient", "connect", "CrmError", "Decision"} <= set(crm.__all__)
