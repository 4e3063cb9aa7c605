"""What others may use."""

from __future__ import annotations

from spotler_plugin import spotler


def test_public_names() -> None:
    assert sorted(spotler.__all__) == sorted(
        name
        for name, value in vars(spotler).items()
        if not name.startswith("_") and type(value).__name__ != "module"
    )
    assert {"SpotlerClient", "connect", "SpotlerError", "Decision"} <= set(spotler.__all__)
