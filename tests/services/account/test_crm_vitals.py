"""How the calls to the CRM go is remembered: the last good one, refusals, failures in a row."""

from __future__ import annotations

import pytest
from flask import Flask

from spotler_plugin.crm import TokenRefused
from spotler_plugin.extensions import redis_server
from spotler_plugin.services.calls.count import Side, read_calls
from spotler_plugin.services.calls.crm import observing, read_crm_vitals
from spotler_plugin.services.environment import crm_of
from spotler_plugin.services.health.findings import Finding, Live, Mark, Topic
from spotler_plugin.services.health.live import check_live
from tests.world.world import World


def crm_check(environment_id: int) -> tuple[Mark, Finding]:
    live = Live(None, None, read_crm_vitals(environment_id))
    [found] = [each for each in check_live(live) if each.topic is Topic.CRM]
    return found.mark, found.finding


def test_a_refused_token_is_known_until_it_is_taken_again(world: World) -> None:
    owner, right = world.environment.id, world.crm.data.settings.api_token
    crm_of(world.environment).fields.list()
    assert crm_check(owner) == (Mark.OK, Finding.WELL)
    world.crm.data.settings.api_token = "another-token-of-the-crm"
    with pytest.raises(TokenRefused):
        crm_of(world.environment).fields.list()
    assert crm_check(owner) == (Mark.BROKEN, Finding.REFUSED)
    world.crm.data.settings.api_token = right
    crm_of(world.environment).fields.list()
    assert crm_check(owner) == (Mark.OK, Finding.WELL)
    counted = read_calls(Side.CRM)
    assert counted is not None
    assert sum(counted["GET fields", "2xx"].buckets) >= 2
    assert sum(counted["GET fields", "4xx"].buckets) == 1


def test_away_after_some_failures_in_a_row(app: Flask) -> None:
    ended = observing(1)
    for status in (503, None):
        ended("GET fields", 0.1, status, None)
    assert crm_check(1) == (Mark.UNKNOWN, Finding.NOTHING)
    ended("GET fields", 0.1, 500, None)
    assert crm_check(1) == (Mark.BROKEN, Finding.BROKEN_OFF)
    ended("GET fields", 0.1, 404, None)
    assert crm_check(1) == (Mark.OK, Finding.WELL)


def test_answer_times_are_those_of_this_environment(app: Flask) -> None:
    for seconds in (0.1, 0.2, 6.0):
        observing(1)("GET fields", seconds, 200, None)
    seen, other = read_crm_vitals(1), read_crm_vitals(2)
    assert seen is not None and (seen.p50, seen.p95) == (0.2, 6.0)
    assert other is not None and other.calls == 0


def test_without_redis_a_call_goes_on(app: Flask) -> None:
    redis_server.connect("unix:///nowhere")
    observing(1)("GET fields", 0.1, 200, None)
    assert read_crm_vitals(1) is None
