"""Fixtures for all tests; those of one folder stand in that folder.

The application is made in `application`, who uses it in `cast`, what it talks to in `world`.
"""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.tenancy import Watch

pytest_plugins = [
    "tests.application",
    "tests.cast",
    "tests.everything",
    "tests.chromium",
    "tests.two",
    "tests.world.fixtures",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that wait for long, such as for a lease to end, begin first: others work meanwhile."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is loaded for the tests stays: it is not looked over when garbage is looked for."""
    gc.disable()
    result = yield
    gc.freeze()
    gc.enable()
    return result


@pytest.fixture(autouse=True)
def within_one_environment() -> Iterator[None]:
    """No statement of the plugin strays from one environment into another."""
    watch = Watch()
    event.listen(Engine, "before_cursor_execute", watch.see)
    yield
    event.remove(Engine, "before_cursor_execute", watch.see)
    assert watch.strayed == []
