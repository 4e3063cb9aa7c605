"""CRM and Spotler of an environment: whether each answers, and takes what we show."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.fernet import InvalidToken

from spotler_plugin.crm import CrmError, TokenRefused
from spotler_plugin.crm import InvalidAnswer as InvalidAnswerOfCrm
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
from spotler_plugin.spotler import CredentialsRefused, InvalidAnswer, SpotlerError

SEALED = "SECRET_KEYS does not open its secrets"


@dataclass(frozen=True, slots=True)
class Answer:
    well: bool
    says: str
    """In a few words, without names; of what is not well also what is to be done."""


def ask_crm(environment: Environment) -> Answer:
    """Ask for its fields. Commits first: no transaction is open meanwhile."""
    try:
        client = crm_of(environment, read_timeout=SCREEN_TIMEOUT, total=SCREEN_TOTAL)
    except InvalidToken:
        return Answer(False, SEALED)
    finally:
        db.session.commit()
    try:
        found = client.fields.list()
    except TokenRefused:
        again = f"environment rotate {environment.key} api"
        return Answer(False, f"refuses the API token; a new one for the CRM: {again}")
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
    except InvalidToken:
        return Answer(False, SEALED)
    finally:
        db.session.commit()
    try:
        found = client.properties.list()
    except CredentialsRefused:
        return Answer(
            False,
            "refuses the key, or the licence lacks the API; an administrator of the CRM enters "
            "the key on the screen",
        )
    except SpotlerError as error:
        return Answer(False, _how(error))
    return Answer(True, f"answers, {len(found)} properties")


def _how(error: CrmError | SpotlerError) -> str:
    if isinstance(error, InvalidAnswer | InvalidAnswerOfCrm):
        return "answers something that is not of this API; is its address right?"
    if error.status is None:
        return "does not answer (in time); is it up, and its address right?"
    return f"cannot be used: it answers with status {error.status}"
