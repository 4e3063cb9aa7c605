"""What the account holds at the start; the same every time."""

from demo.spotler.account.account import Account
from demo.spotler.seed.fields import schema
from demo.spotler.seed.flows import add_flows
from demo.spotler.seed.people import add_people

__all__ = ["fill", "schema"]


def fill(account: Account, *, contacts: bool = True) -> None:
    """Automations, campaigns, forms and mailings, and unless told otherwise the contacts."""
    add_flows(account)
    if contacts:
        add_people(account)
