"""Other settings for an application under test."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Flask

from spotler_plugin.config import settings_of


def configure(app: Flask, **changed: Any) -> None:
    """Change some of its settings."""
    replace(settings_of(app), **changed).init_app(app)
