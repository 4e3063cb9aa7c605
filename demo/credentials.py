"""The demo's secrets: made once, kept in its folder."""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar, Self

from cryptography.fernet import Fernet


@dataclass(frozen=True)
class Credentials:
    """What plugin and CRM share, and the key with which the plugin encrypts."""

    FILE: ClassVar = "secrets.json"

    keys: str
    launch: str
    events: str
    api: str

    @classmethod
    def kept_in(cls, folder: Path) -> Self:
        """Those of last time, or new ones."""
        file = folder / cls.FILE
        if file.exists():
            return cls(**json.loads(file.read_text()))
        made = cls(
            keys=Fernet.generate_key().decode(),
            launch=secrets.token_urlsafe(32),
            events="whsec_" + base64.b64encode(secrets.token_bytes(32)).decode(),
            api=secrets.token_urlsafe(32),
        )
        # Written aside and renamed, so that a start cut short leaves no half a file.
        aside = file.with_suffix(".new")
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as lines:
            json.dump(asdict(made), lines)
        aside.rename(file)
        return made
