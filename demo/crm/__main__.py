"""`python -m demo.crm`: the demo CRM on its own, until it is stopped."""

import argparse
import os
import signal
from pathlib import Path

from demo.crm.server import DemoCrm
from demo.crm.settings import Settings

ENDING = {signal.SIGTERM, signal.SIGINT}


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    options = parser().parse_args()
    settings = Settings(
        environment=options.environment,
        plugin_url=options.plugin_url,
        launch_secret=options.launch_secret,
        events_secret=options.events_secret,
        api_token=options.api_token,
        awaits_plugin=options.await_plugin,
        contacts=options.contacts,
        state=options.state,
    )
    # Awaited, not handled: a handler may interrupt any line, also one that holds a lock it wants.
    # Threads that are started from here on leave them to `sigwait`.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    with DemoCrm(settings, host=options.host, port=options.port) as crm:
        if options.origin:
            settings.origin = options.origin
        print(f"Demo CRM: {settings.origin}  (API: {crm.api_url})", flush=True)
        signal.sigwait(ENDING)


def parser() -> argparse.ArgumentParser:
    """Every option is also an environment variable: --plugin-url is DEMO_PLUGIN_URL."""
    known = Settings()
    options = argparse.ArgumentParser(prog="python -m demo.crm", description=__doc__)

    def add(name: str, default: object, explanation: str, kind: type = str) -> None:
        variable = f"DEMO_{name.upper().replace('-', '_')}"
        options.add_argument(
            f"--{name}",
            default=os.environ.get(variable, default),
            type=kind,
            help=f"{explanation} ({variable}; default: {default})",
        )

    add("host", "localhost", "name or address to listen on")
    add("port", 5100, "port to listen on; 0 takes a free one", int)
    add("origin", None, "how browsers reach the CRM, when that differs from host and port")
    add("plugin-url", known.plugin_url, "where the plugin is")
    add("environment", known.environment, "key of the environment with the plugin")
    add("launch-secret", known.launch_secret, "signs launch tokens")
    add("events-secret", known.events_secret, "signs events: whsec_…")
    add("api-token", known.api_token, "what the plugin presents to the CRM's API")
    options.add_argument(
        "--await-plugin",
        action="store_true",
        help="tell people that the plugin starts, until it answers for the first time",
    )
    add("contacts", known.contacts, "how many contacts to invent at the first start", int)
    add("state", None, "folder that keeps the data over restarts; none: in memory", Path)
    return options


if __name__ == "__main__":
    main()
