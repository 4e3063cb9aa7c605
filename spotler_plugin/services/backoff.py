"""The delay before another attempt, and when to give up."""

from __future__ import annotations

import random
from datetime import timedelta

from spotler_plugin.config import settings

LONGEST = 1800.0
ATTEMPTS = 10
"""With five seconds at first, a little over two hours: an outage rarely lasts longer."""


def delay_after(attempts: int, retry_after: float | None) -> timedelta | None:
    """Return the delay after this many failed attempts, or None to give up.

    It is at least `retry_after`, the seconds that the other side asks for. Jitter spreads the
    retries of what failed at the same moment.
    """
    if attempts >= ATTEMPTS:
        return None
    pause = min(settings().retry_seconds * 3 ** (attempts - 1), LONGEST)
    return timedelta(seconds=max(pause * random.uniform(0.8, 1.2), retry_after or 0))
