"""What the CRM's page submits into an iframe, and widget.js for a new session."""

from __future__ import annotations

from wtforms import HiddenField

from spotler_plugin.forms import Form


class LaunchForm(Form):
    token = HiddenField()

    @property
    def given(self) -> str:
        """The launch token; whether it holds, `embedding` says, and none does not."""
        return self.token.data or ""
