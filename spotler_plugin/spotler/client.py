"""The calls of Mail+ that we use, as one object."""

from __future__ import annotations

from spotler_plugin.rest.transport import READ_TIMEOUT, Observe, Pace, per_process
from spotler_plugin.spotler.automations import LIST_PATH, Automations
from spotler_plugin.spotler.campaigns import Campaigns
from spotler_plugin.spotler.contacts import Contacts
from spotler_plugin.spotler.mailings import Mailings
from spotler_plugin.spotler.properties import Properties
from spotler_plugin.spotler.transport import Transport

_transport = per_process(Transport)


class SpotlerClient:
    """One account: a resource per attribute."""

    def __init__(self, transport: Transport, *, automation_list_path: str = LIST_PATH) -> None:
        self.contacts = Contacts(transport)
        self.properties = Properties(transport)
        self.automations = Automations(transport, automation_list_path)
        self.campaigns = Campaigns(transport)
        self.mailings = Mailings(transport)


def connect(
    url: str,
    key: str,
    secret: str,
    *,
    pace: Pace | None = None,
    observe: Observe | None = None,
    read_timeout: float = READ_TIMEOUT,
    total: float | None = None,
    automation_list_path: str = LIST_PATH,
) -> SpotlerClient:
    """Return a client over the one pooled session that this process keeps for the account.

    The hooks and the time-outs (seconds) belong to the client, not to the session: two
    environments with the same account share connections and nothing else.
    """
    transport = _transport(url, key, secret)
    transport = transport.with_hooks(pace, observe).with_timeout(read_timeout, total)
    return SpotlerClient(transport, automation_list_path=automation_list_path)
