"""The functions that may be called through the queue, and jobs that call no others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from rq.job import Job

JOBS: dict[str, Callable[..., None]] = {}
"""The functions that a worker runs, by the name under which they stand in Redis."""

Function = TypeVar("Function", bound=Callable[..., None])


def job(function: Function) -> Function:
    """Let workers run this function; its arguments are numbers and texts, as JSON has them."""
    JOBS[f"{function.__module__}.{function.__qualname__}"] = function
    return function


class NotOurs(Exception):
    """A job names a function that is none of `JOBS`."""


class AppJob(Job):
    """A job as it is read from Redis, where others may write too: data, and never code.

    RQ's own calls whatever function and callbacks the job names, and the addresses of its webhooks.
    """

    @property
    def func(self) -> Callable[..., None]:
        """Raises NotOurs, and DeserializationError for what is no job at all."""
        if self.func_name not in JOBS:
            raise NotOurs
        return JOBS[self.func_name]

    @property
    def success_callback(self) -> None:
        return None

    @property
    def failure_callback(self) -> None:
        return None

    @property
    def stopped_callback(self) -> None:
        return None

    def send_webhooks(self, status: Any, *, exc_string: str | None = None) -> None:
        """Send none."""
