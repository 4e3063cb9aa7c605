"""The version that runs here: of the installed package, which has that of its commit."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def _version() -> str:
    try:
        return version("spotler-plugin")
    except PackageNotFoundError:
        # A checkout, from which nothing was built.
        return "checkout"


VERSION = _version()
