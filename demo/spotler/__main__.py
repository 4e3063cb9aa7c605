"""``python -m demo.spotler``: the sandbox on its own."""

import argparse
import signal
from pathlib import Path

from demo.spotler.server import Sandbox

ENDING = {signal.SIGTERM, signal.SIGINT}


def parse_latency(text: str) -> float | list[float]:
    """0.05, or a range such as 0.4-1.6."""
    least, dash, most = text.partition("-")
    return [float(least), float(most)] if dash else float(least)


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m demo.spotler", description=__doc__)
    parser.add_argument("--port", type=int, default=5010)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument(
        "--latency", type=parse_latency, default=0.0, help="seconds per call, or a range: 0.4-1.6"
    )
    parser.add_argument("--empty", action="store_true", help="start without contacts")
    parser.add_argument("--state", type=Path, help="file that keeps the account between starts")
    options = parser.parse_args()
    # Awaited, not handled: a handler may interrupt any line, also one that holds a lock it wants.
    # Threads that are started from here on leave them to `sigwait`.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    with Sandbox(
        host=options.host, port=options.port, empty=options.empty, latency=options.latency
    ) as sandbox:
        if options.state:
            sandbox.state.load(options.state)
        print(f"Mail+ sandbox: {sandbox.url} (API: {sandbox.base_url})", flush=True)
        print(f"key {sandbox.key}, secret {sandbox.secret}", flush=True)
        signal.sigwait(ENDING)
        if options.state:
            sandbox.state.save(options.state)


if __name__ == "__main__":
    main()
