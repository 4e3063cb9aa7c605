"""A new API token: the CRM is not cut off, whenever it takes the new one over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from spotler_plugin.crm import TokenRefused
from spotler_plugin.extensions import db
from spotler_plugin.models import Outcome, SecretKind
from spotler_plugin.services import environment as environments
from tests.world.world import World


def refusals(world: World) -> int:
    """Calls that the CRM refused so far."""
    return sum(call.status == 401 for call in world.crm.data.calls.all())


def test_until_the_crm_has_the_new_one_the_former_is_presented(world: World) -> None:
    """It was presented at once, and the CRM cut off until its developer had typed it in."""
    zoe, noor = world.person("zoe@example.nl"), world.person("noor@example.nl")
    new = environments.rotate(world.environment, SecretKind.API)
    db.session.commit()
    assert world.save(zoe).outcome is Outcome.LINKED
    assert refusals(world) == 0

    world.crm.settings.api_token = new
    assert world.save(noor).outcome is Outcome.LINKED
    assert world.save(zoe).outcome is Outcome.UNCHANGED
    assert refusals(world) == 1, "from then on it is known"


def test_a_crm_that_knows_neither_is_told_so(world: World) -> None:
    environments.rotate(world.environment, SecretKind.API)
    db.session.commit()
    world.crm.settings.api_token = "a third one"
    with pytest.raises(TokenRefused):
        environments.crm_of(world.environment).fields.list()
    world.crm.settings.api_token = environments.valid_secrets(world.environment, SecretKind.API)[1]
    assert environments.crm_of(world.environment).fields.list(), "the former one is not given up"


def test_after_a_day_the_new_one_alone_is_presented(world: World) -> None:
    new = environments.rotate(world.environment, SecretKind.API)
    for secret in world.environment.secrets:
        if secret.valid_until is not None:
            secret.valid_until = datetime.now(UTC) - timedelta(seconds=1)
    db.session.commit()
    with pytest.raises(TokenRefused):
        environments.crm_of(world.environment).fields.list()
    world.crm.settings.api_token = new
    assert environments.crm_of(world.environment).fields.list()
