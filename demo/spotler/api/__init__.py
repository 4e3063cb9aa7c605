"""The calls of Mail+, one module per resource."""

from demo.spotler.api import (
    audience,
    automation,
    campaign,
    contact,
    contact_list,
    history,
    interaction,
    mailing,
    templist,
    updates,
)
from demo.spotler.routing import Routes

routes = Routes()
for _resource in (
    contact,
    contact_list,
    updates,
    history,
    campaign,
    automation,
    mailing,
    interaction,
    audience,
    templist,
):
    routes.include(_resource.routes)
