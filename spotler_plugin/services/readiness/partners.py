"""CRM and Spotler of an environment: whether each answers, and takes what we show."""

from __future__ import annotations

from dataclasses import dataclass

from spotler_plugin.crm import CrmError, TokenRefused
from spotler_plugin.extensions import db
from spotler_plugin.models import Environment
from spotler_plugin.services.account.client import (
    SCREEN_TIMEOUT,
    SCREEN_TOTAL,
    NotConnected,
    Unconfirmed,
    client_of,
)
from spotler_plugin.services.environment import crm_of
from spotler_plugin.spotler import CredentialsRefused, SpotlerError


@dataclass(frozen=True, slots=True)
class Answer:
    well: bool
    says: str
    """In a few words, without names."""


def ask_crm(environment: Environment) -> Answer:
    """Ask for its fields. Commits first: no transaction is open meanwhile."""
    client = crm_of(environment, read_timeout=SCREEN_TIMEOUT, total=SCREEN_TOTAL)
    db.session.commit()
    try:
        found = client.fields.list()
    except TokenRefused:
        return Answer(False, "refuses the API token")
    except CrmError as error:
        return Answer(False, _how(error))
    return Answer(True, f"answers, {len(found)} fields")


def ask_spotler(environment: Environment) -> Answer:
    """Ask for its properties. Commits first: no transaction is open meanwhile."""
    try:
        client = client_of(environment, read_timeout=SCREEN_TIMEOUT)
    except Unconfirmed:
        return Answer(False, "the key is another account's, and waits for an administrator")
    except NotConnected:
        return Answer(True, "no key was entered yet")
    finally:
        db.session.commit()
    try:
        found = client.properties.list()
    except CredentialsRefused:
        return Answer(False, "refuses the key, or the licence lacks the API")
    except SpotlerError as error:
        return Answer(False, _how(error))
    return Answer(True, f"answers, {len(found)} properties")


def _how(error: CrmError | SpotlerError) -> str:
    status = "no answer" if error.status is None else f"status {error.status}"
    return f"cannot be used: {type(error).__name__}, {status}"
