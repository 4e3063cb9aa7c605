"""Agreeing with a preview: where the brake applies, the number is typed in."""

from __future__ import annotations

import re
from typing import Any

from wtforms import Form, StringField

from spotler_plugin.translation import gettext as _


class ConfirmForm(Form):
    number = StringField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.number.label.text = _("Aantal dat wordt leeggemaakt")

    @property
    def typed(self) -> int | None:
        """ "1.234" and "1 234" are typed as they are read; anything else is no number."""
        bare = re.sub(r"[.,\s\u00a0\u202f]", "", self.number.data or "")
        return int(bare) if bare.isascii() and bare.isdecimal() and len(bare) < 10 else None
