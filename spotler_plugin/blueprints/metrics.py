"""`GET /metrics` for Prometheus: numbers, with environments by their key and nobody by name.

Nothing is kept in this process. There are several web processes and many workers, which fork for
each job: prometheus-client's own counters would need a folder shared by all of them, a file for
each job, and would not see other machines. So all is read when it is asked for: what is work from
the database, which is the truth; the calls to Spotler and the signs of life from Redis, where all
processes write them. Whichever web process answers, it says the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hmac import compare_digest
from http import HTTPStatus
from itertools import accumulate

from flask import Blueprint, Response, abort
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from spotler_plugin.config import settings
from spotler_plugin.embedding import bearer
from spotler_plugin.jobs.queue import processes
from spotler_plugin.models import SETTLED, Outcome, RunState
from spotler_plugin.services.calls.count import BOUNDS, Calls, Side, read_calls
from spotler_plugin.services.health.figures import Figures, figures_by_environment
from spotler_plugin.version import VERSION

blueprint = Blueprint("metrics", __name__)

PREFIX = "spotler_plugin"


@blueprint.get("/metrics")
def show() -> Response:
    """For whoever has METRICS_TOKEN; without that setting it does not exist."""
    token = settings().metrics_token
    if not token:
        abort(HTTPStatus.NOT_FOUND)
    if not compare_digest(bearer().encode(), token.encode()):
        return Response(status=HTTPStatus.UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry()
    registry.register(Now())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class Now(Collector):
    """Everything as it is at this moment."""

    def collect(self) -> Iterator[Metric]:
        build = GaugeMetricFamily(f"{PREFIX}_build_info", "What runs.", labels=["version"])
        build.add_metric([VERSION], 1.0)
        yield build
        yield from _of_redis()
        yield from _of_environments(figures_by_environment())


def _of_redis() -> Iterator[Metric]:
    """What cannot be known without Redis is left out, not called zero."""
    seen = processes.seen()
    calls, crm_calls = read_calls(Side.SPOTLER), read_calls(Side.CRM)
    reached = seen is not None and calls is not None
    yield _gauge("redis_up", "Whether Redis can be reached.", float(reached))
    if seen is not None:
        yield _gauge("queue_jobs", "Jobs in the queue that no worker took yet.", seen.jobs)
        yield _gauge("workers_alive", "Workers that gave a sign of life lately.", seen.workers)
        alive = float(seen.scheduler_at is not None)
        yield _gauge("scheduler_alive", "Whether a scheduler gave a sign of life lately.", alive)
    if calls is not None:
        says = "Calls to Spotler and how long they took."
        yield _histogram("spotler_call_seconds", says, calls)
    if crm_calls is not None:
        says = "Calls to the CRMs and how long they took."
        yield _histogram("crm_call_seconds", says, crm_calls)


def _histogram(name: str, says: str, calls: Mapping[tuple[str, str], Calls]) -> Metric:
    family = HistogramMetricFamily(f"{PREFIX}_{name}", says, labels=["endpoint", "status"])
    bounds = [*map(str, BOUNDS), "+Inf"]
    for labels, each in sorted(calls.items()):
        steps = zip(bounds, accumulate(each.buckets), strict=True)
        family.add_metric(labels, buckets=list(steps), sum_value=each.seconds)
    return family


def _of_environments(found: dict[str, Figures]) -> Iterator[Metric]:
    def of_each(
        name: str, says: str, values: Iterable[tuple[list[str], float]], *more: str
    ) -> Metric:
        family = GaugeMetricFamily(f"{PREFIX}_{name}", says, labels=["environment", *more])
        for labels, value in values:
            family.add_metric(labels, value)
        return family

    each = sorted(found.items())
    yield of_each(
        "oldest_waiting_seconds",
        "For how long it is the turn of what waits longest.",
        (([key], of.waiting_seconds) for key, of in each),
    )
    yield of_each(
        "open_items",
        "Contacts of runs that are still to be done.",
        (([key], of.items[Outcome.OPEN]) for key, of in each),
    )
    yield of_each(
        "waiting_events",
        "Events of the CRM that are due and were not handled yet.",
        (([key], of.events) for key, of in each),
    )
    yield of_each(
        "items",
        "Contacts of runs by what became of them; one that is tried again leaves its outcome.",
        (([key, end.value], of.items[end]) for key, of in each for end in SETTLED),
        "outcome",
    )
    yield of_each(
        "runs",
        "Runs by state.",
        (([key, state.value], of.runs[state]) for key, of in each for state in RunState),
        "state",
    )
    yield of_each(
        "feed_age_seconds",
        "How old what we know of the account is.",
        (([key], of.feed_seconds) for key, of in each if of.feed_seconds is not None),
    )
    crm = [(key, of.crm) for key, of in each if of.crm is not None]
    yield of_each(
        "crm_refused",
        "Whether the CRM refuses the API token.",
        (([key], float(signs.is_refused)) for key, signs in crm),
    )
    yield of_each(
        "crm_good_timestamp_seconds",
        "When the CRM last gave an answer that could be used.",
        (([key], at.timestamp()) for key, signs in crm if (at := signs.last_good_at)),
    )
    yield of_each(
        "halted",
        "Whether the environment waits for a person: its key is refused, or runs of it halted.",
        (([key], float(of.refused or of.runs[RunState.HALTED] > 0)) for key, of in each),
    )


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{PREFIX}_{name}", says, value=value)
