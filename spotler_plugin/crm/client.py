"""The CRM's API, as one object."""

from __future__ import annotations

from collections.abc import Callable

from spotler_plugin.crm.contacts import Contacts
from spotler_plugin.crm.fields import Fields
from spotler_plugin.crm.relations import Relations
from spotler_plugin.crm.selections import Selections
from spotler_plugin.crm.transport import Transport
from spotler_plugin.rest.transport import READ_TIMEOUT, Observe, Pace, per_process

_transport = per_process(Transport)


class CrmClient:
    """One environment's CRM: a resource per attribute."""

    def __init__(self, transport: Transport) -> None:
        self.fields = Fields(transport)
        self.contacts = Contacts(transport)
        self.selections = Selections(transport)
        self.relations = Relations(transport)


def connect(
    url: str,
    *tokens: str,
    on_refusal: Callable[[], None] | None = None,
    pace: Pace | None = None,
    observe: Observe | None = None,
    read_timeout: float = READ_TIMEOUT,
    total: float | None = None,
) -> CrmClient:
    """Return a client over the one pooled session that this process keeps for each token.

    Each is presented until it is refused; where the next one is not, `on_refusal` is called. The
    hooks and the time-outs (seconds) belong to the client, not to the session.
    """
    first, *others = (
        _transport(url, token).with_hooks(pace, observe).with_timeout(read_timeout, total)
        for token in tokens
    )
    return CrmClient(first.followed_by(*others, on_refusal=on_refusal))
