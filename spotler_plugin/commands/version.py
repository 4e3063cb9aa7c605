"""`flask version`: what is installed here."""

from __future__ import annotations

import click

from spotler_plugin.version import VERSION


@click.command("version")
def version() -> None:
    """Print the version of the plugin."""
    click.echo(VERSION)
