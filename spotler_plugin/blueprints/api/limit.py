"""How many calls an environment may make: enough for any list, too few to keep us from others."""

from __future__ import annotations

import time

from redis.exceptions import RedisError
from structlog import get_logger

from spotler_plugin.extensions import REDIS_PREFIX, redis_server

CALLS, SECONDS = 600, 60

log = get_logger()


def seconds_to_wait(environment_id: int) -> int:
    """Count a call; return how long to wait with the next, or 0 while there is room.

    Without Redis nothing is counted: the answers come from our tables all the same.
    """
    now = time.time()
    key = f"{REDIS_PREFIX}api:{environment_id}:{int(now // SECONDS)}"
    try:
        with redis_server.quick.pipeline() as pipe:
            pipe.incr(key)
            pipe.expire(key, SECONDS)
            number = int(pipe.execute()[0])
    except RedisError as error:
        log.warning("api.uncounted", error=type(error).__name__)
        return 0
    return SECONDS - int(now % SECONDS) if number > CALLS else 0
