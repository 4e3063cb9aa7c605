"""`make demo`: everything on this machine, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from demo.acquaintance import introduce
from demo.ports import Ports
from demo.processes import StackError
from demo.spotler.state import KEY, SECRET
from demo.stack import ROOT, Stack

STATE = ROOT / ".demo"


def main() -> int:
    """Show the demo; 0 when it was ended on request, 1 when something failed."""
    _end_on_request()
    began = time.monotonic()
    try:
        ports = Ports(
            crm=_number("DEMO_CRM_PORT", 5001, 65_535),
            plugin=_number("DEMO_PLUGIN_PORT", 5000, 65_535),
            spotler=_number("DEMO_SPOTLER_PORT", 5002, 65_535),
        )
        if len({ports.crm, ports.plugin, ports.spotler}) < 3:
            raise StackError("the CRM, the plugin and the sandbox each need a port of their own.")
        stack = Stack(STATE, ports, contacts=_number("DEMO_CONTACTS", 250, 1_000_000))
        is_new = not (STATE / Stack.ACCOUNT).exists()
        print("Starting Redis, the Mail+ sandbox, the plugin and the CRM ...", flush=True)
        with stack:
            if is_new:
                introduce(stack.spotler_url, stack.contacts)
            print(_welcome(stack, time.monotonic() - began), flush=True)
            stack.watch()
    except StackError as error:
        print(f"The demo stops: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nThe demo has ended.", flush=True)
    return 0


def _welcome(stack: Stack, seconds: float) -> str:
    return f"""\
The demo runs (started in {seconds:.1f} seconds).

    CRM, begin here    {stack.crm_url}
    Mail+ sandbox      {stack.spotler_url}
    the plugin itself  {stack.plugin_url} (shown inside the CRM)

In the CRM choose Spotler. It asks for key and secret of the Mail+ account, and leads on from there:

    key     {KEY}
    secret  {SECRET}

Logs are in {_short(stack.logs)}, all data is in {_short(stack.state)}. Ctrl-C ends everything.
"""


def _short(path: Path) -> str:
    return f"{path.relative_to(ROOT)}/"


def _number(variable: str, default: int, highest: int) -> int:
    text = os.environ.get(variable, "").strip() or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= highest:
        raise StackError(f"{variable} must be a number from 1 to {highest}, not {text!r}.")
    return int(text)


def _end_on_request() -> None:
    """Turn the first Ctrl-C, SIGTERM or SIGHUP into a KeyboardInterrupt; ignore any further."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def end(_number: int, _frame: FrameType | None) -> None:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in numbers:
        signal.signal(number, end)
    if "MAKELEVEL" in os.environ:
        threading.Thread(target=_end_with_make, args=(os.getppid(),), daemon=True).start()


def _end_with_make(make: int) -> None:
    """Whoever kills `make` wants the demo gone as well."""
    while os.getppid() == make:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
