"""Keep a chunk's contacts leased while they are processed."""

from __future__ import annotations

import time

from spotler_plugin.extensions import db
from spotler_plugin.services.link.lease import renew_leases
from spotler_plugin.services.sync.chunk import Chunk


def renew_chunk(chunk: Chunk) -> None:
    """Renew the leases, and note the contacts that were lost. Commits."""
    # Taken before the query: waiting for the database must not make the lease seem longer.
    renewed_at = time.monotonic()
    kept = renew_leases(chunk.environment_id, chunk.items, chunk.lease)
    db.session.commit()
    chunk.lost |= chunk.items.keys() - kept
    chunk.renewed_at = renewed_at
