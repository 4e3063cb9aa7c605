"""Ask what taking a run back would do."""

from __future__ import annotations

from uuid import UUID

from spotler_plugin.models import Environment, Preview, RunKind, Whom
from spotler_plugin.planning.undo.order import Undo
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.mapping.store import saved_mapping
from spotler_plugin.services.preview.request import request_preview
from spotler_plugin.services.run.undo import find_undoable


def request_undo(
    environment: Environment,
    run_id: UUID,
    actor: Actor,
    *,
    item_id: int | None = None,
    contact_id: str | None = None,
    overrides: bool = False,
    mapping: bool = True,
) -> Preview | None:
    """Create a preview of taking back a run, or one item or contact of it; None where nothing can.

    `overrides`: what others changed since goes back too. `mapping`: so does the mapping, where it
    was changed with the run.
    """
    part = find_undoable(environment, run_id, item_id=item_id, contact_id=contact_id)
    if part is None:
        return None
    back = part.mapping if mapping else None
    return request_preview(
        environment,
        Whom.RUN,
        RunKind.UNDO,
        saved_mapping(environment.id) if back is None else back,
        actor,
        undoes_id=run_id,
        undo=Undo(
            contact_id=part.contact_id,
            overrides=overrides,
            mapping=back is not None,
            patches=part.patches,
        ),
    )
