"""Tell the CRM what was signed off in Spotler; the reading of the feed begins it."""

from __future__ import annotations

from spotler_plugin.jobs.queue.enqueue import enqueue
from spotler_plugin.jobs.queue.registry import job
from spotler_plugin.jobs.queue.share import in_its_share
from spotler_plugin.services.consent.tell import tell_crm


@job
@in_its_share
def tell(environment_id: int) -> None:
    """Tell a batch; the rest goes to the back of the queue."""
    if tell_crm(environment_id):
        enqueue(tell, environment_id)
