"""The whole of the CRM's API, as one object."""

from __future__ import annotations

import os
from functools import lru_cache

from spotler_plugin.crm.contacts import Contacts
from spotler_plugin.crm.fields import Fields
from spotler_plugin.crm.relations import Relations
from spotler_plugin.crm.selections import Selections
from spotler_plugin.crm.transport import Observe, Pace, Transport


class CrmClient:
    """One environment's CRM: a resource per attribute."""

    def __init__(self, transport: Transport) -> None:
        self.fields = Fields(transport)
        self.contacts = Contacts(transport)
        self.selections = Selections(transport)
        self.relations = Relations(transport)


def connect(
    url: str,
    token: str,
    *,
    pace: Pace | None = None,
    observe: Observe | None = None,
    read_timeout: float = 20.0,
) -> CrmClient:
    """Return a client over the one pooled session that this process keeps for the token.

    The hooks and the time-out (seconds) belong to the client, not to the session.
    """
    transport = _transport(os.getpid(), url, token)
    return CrmClient(transport.with_hooks(pace, observe).with_timeout(read_timeout))


@lru_cache(maxsize=256)
def _transport(pid: int, url: str, token: str) -> Transport:
    """One per process and token. A forked worker must not use its parent's connections."""
    return Transport(url, token)
