"""What people see while the plugin is still starting: that it starts, until it does."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from demo.crm import plugin
from demo.crm.crm import crm

SECONDS = 1
"""After which the page loads itself again."""
FOR_PROGRAMS = ("/api/", "/_demo/", "/static/")


def hold_back() -> ResponseReturnValue | None:
    """Answer a page that loads itself again, until the plugin knows this CRM."""
    settings = crm().settings
    if not settings.awaits_plugin or request.path.startswith(FOR_PROGRAMS):
        return None
    if plugin.automatic_actions(settings) is None:
        return render_template("starting.html"), 503, {"Refresh": str(SECONDS)}
    settings.awaits_plugin = False
    return None
