"""What a restore adds to "Wat gaat er gebeuren": which backup, and what of it has no place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from spotler_plugin.embedding import Session
from spotler_plugin.models import Preview, PreviewState
from spotler_plugin.services.preview.restore import find_restorable, legend_for


def restore_variables(session: Session, row: Preview) -> dict[str, Any]:
    """What its templates know: the backup, None of another preview or where it was deleted; and by
    what it is read, once that is worked out."""
    found = find_restorable(session.environment, row.restores_id) if row.restores_id else None
    if found is None or row.restore is None or row.state is not PreviewState.READY:
        return {"backup": found, "legend": None}
    legend = legend_for(found)
    lost = legend.lost_permissions if row.restore.switches else ()
    return {"backup": found, "legend": replace(legend, lost_permissions=lost)}
