"""Odd texts and values, and the budget of examples."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st


def budget(examples: int) -> settings:
    """A fixed number of examples, the same ones each time."""
    return settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


ODD = ["\x00", "a\x00b", "\ud83d", "..", "a,b", "9" * 20, "9" * 5000, "-1", "1e999", "NaN", "é",
       "'", "%00", "{}", "[" * 3000, '["\\ud83d","\\u0000",""]', "1:0",
       "\ufeff", "2026-11-25", "x" * 10_000]  # fmt: skip
texts = st.sampled_from(ODD) | st.text(st.characters(), max_size=20)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def shaped(names: list[str], each: st.SearchStrategy[Any] = values) -> st.SearchStrategy[Any]:
    """Objects with these names, some missing."""
    return st.dictionaries(st.sampled_from(names) | texts, each, max_size=len(names))


wire_texts = texts.map(lambda text: text.encode(errors="replace").decode())
"""As they arrive over HTTP."""
