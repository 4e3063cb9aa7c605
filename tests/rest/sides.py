"""The two clients by what they have in common: each reads something, and writes to one contact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from spotler_plugin import crm, spotler
from spotler_plugin.crm import CrmClient
from spotler_plugin.rest.errors import RestError
from spotler_plugin.rest.transport import Transport
from spotler_plugin.spotler import SpotlerClient


@dataclass(frozen=True, slots=True)
class Side:
    """One client, with its own errors."""

    transport: Callable[[str], Transport]
    """For a base URL; the secret in it is `the-secret`."""
    client: Callable[[Any], Any]
    connect: Callable[..., Any]
    """As `connect` of the client, for a base URL and a secret."""
    session: Callable[[Any], object]
    """Of a client."""
    read: Callable[[Any], object]
    read_path: str
    answer: str
    """To `read`, in good order."""
    write: Callable[[Any, str], object]
    """To one contact; any 2xx is success."""
    write_method: str
    write_path: str
    search: Callable[[Any, str], object]
    """Sends an address in the query."""
    error: type[RestError]
    unavailable: type[RestError]
    unknown: type[RestError]
    invalid: type[RestError]
    limited: type[RestError]

    def at(self, url: str) -> Any:
        """A client that waits a tenth of a second."""
        return self.client(self.transport(url).with_timeout(0.1))

    def path_to(self, contact_id: str) -> str:
        """Where `write` goes, for an id as it stands in a path."""
        return self.write_path.format(contact_id)


def _opt_out(client: CrmClient, contact_id: str) -> bool:
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    return client.contacts.record_opt_out(
        contact_id, permission="Nieuws", at=at, source="spotler", idempotency_key="k"
    )


SPOTLER = Side(
    transport=lambda url: spotler.Transport(url, "the-key", "the-secret"),
    client=SpotlerClient,
    connect=lambda url, secret, **more: spotler.connect(url, "the-key", secret, **more),
    session=lambda client: client.contacts._transport._session,
    read=lambda client: client.campaigns.list(),
    read_path="campaign/list",
    answer="[]",
    write=lambda client, contact_id: client.contacts.inactivate(contact_id),
    write_method="PUT",
    write_path="contact/inactivate/{}",
    search=lambda client, address: client.contacts.search("email", address),
    error=spotler.SpotlerError,
    unavailable=spotler.Unavailable,
    unknown=spotler.UnknownOutcome,
    invalid=spotler.InvalidAnswer,
    limited=spotler.RateLimited,
)

CRM = Side(
    transport=lambda url: crm.Transport(url, "the-secret"),
    client=CrmClient,
    connect=crm.connect,
    session=lambda client: client.contacts._transport._session,
    read=lambda client: client.fields.list(),
    read_path="fields",
    answer='{"fields": []}',
    write=_opt_out,
    write_method="POST",
    write_path="contacts/{}/opt-outs",
    search=lambda client, address: client.contacts.get_many([address]),
    error=crm.CrmError,
    unavailable=crm.Unavailable,
    unknown=crm.UnknownOutcome,
    invalid=crm.InvalidAnswer,
    limited=crm.RateLimited,
)
