"""The operator's commands: `flask --app wsgi environment …`, `check`, `restored`, `version`,
`worker`, `scheduler`."""

from __future__ import annotations

from flask import Flask

from spotler_plugin.commands.check import check
from spotler_plugin.commands.environment import environment
from spotler_plugin.commands.restored import restored
from spotler_plugin.commands.version import version
from spotler_plugin.commands.work import scheduler, worker


def init_app(app: Flask) -> None:
    for command in (check, environment, restored, version, worker, scheduler):
        app.cli.add_command(command)
