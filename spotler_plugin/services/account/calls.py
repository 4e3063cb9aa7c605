"""Report each call to Spotler to the throttle of its account, and count it."""

from __future__ import annotations

from collections.abc import Callable

from spotler_plugin.services.account.throttle import Throttle
from spotler_plugin.services.calls.count import Side, count_call

Observe = Callable[[str, float, int | None, float | None], None]


def counting(pace: Throttle) -> Observe:
    """Return the transport hook that reports each ended call to the throttle, and counts it."""

    def leave(endpoint: str, seconds: float, status: int | None, wait: float | None) -> None:
        pace.leave(endpoint, seconds, status, wait)
        # Without Redis nothing is counted, and no call waits for it.
        if not pace.is_local:
            count_call(Side.SPOTLER, endpoint, seconds, status)

    return leave
