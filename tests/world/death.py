"""A process that ends at a chosen step, as with kill -9: nothing of ours catches it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from sqlalchemy import event
from sqlalchemy.orm import Session

from spotler_plugin.extensions import db
from tests.world.world import World


class Killed(BaseException):
    """The process ends here: nothing of ours catches it."""


@contextmanager
def killed_at_call(world: World, number: int, *, after: bool) -> Iterator[None]:
    """Die right before the call with this number leaves, or right after it was carried out."""
    others = (world.crm.api_url, world.sandbox.base_url)
    send: Callable[..., requests.Response] = requests.Session.send
    calls = 0

    def deadly(self: requests.Session, request: Any, **options: Any) -> requests.Response:
        nonlocal calls
        is_ours = request.url.startswith(others)
        calls += is_ours
        is_last = is_ours and calls == number
        if is_last and not after:
            raise Killed
        answer = send(self, request, **options)
        if is_last:
            # The system closes what a process leaves open.
            answer.close()
            raise Killed
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests.Session, "send", deadly)
        yield


@contextmanager
def killed_at_commit(number: int) -> Iterator[None]:
    """Die right before this commit of something that was written."""
    commits = 0

    def before_commit(_session: Session) -> None:
        nonlocal commits
        commits += 1
        if commits == number:
            raise Killed

    event.listen(db.session, "before_commit", before_commit)
    yield
    event.remove(db.session, "before_commit", before_commit)
