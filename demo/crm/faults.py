"""Faults that the CRM's API can be told to have, so that tests see how the plugin copes."""

from dataclasses import dataclass
from threading import Lock
from typing import Literal, get_args

Kind = Literal[
    "400", "401", "404", "409", "422", "429", "500", "503",
    "html", "half", "empty", "drop", "slow", "drip",
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)
When = Literal["before", "after"]
WHEN: tuple[When, ...] = get_args(When)


@dataclass
class Fault:
    """What goes wrong, where, and how often (None: until it is removed)."""

    kind: Kind
    calls: int | None = None
    path: str = ""
    method: str = ""
    retry_after: int = 1
    seconds: float = 1.0
    when: When = "before"
    """Before the call is carried out, or after: then it was, and its answer is lost."""

    def fits(self, method: str, path: str) -> bool:
        """Return whether the fault applies to a call; empty means any."""
        return path.startswith(self.path) and self.method in ("", method)


class Faults:
    """The faults that are set."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Set a fault."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._faults.clear()

    def all(self) -> list[Fault]:
        """Return the faults that are set."""
        with self._lock:
            return list(self._faults)

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault for a call, and count it down."""
        with self._lock:
            for fault in self._faults:
                if fault.fits(method, path):
                    if fault.calls is not None:
                        fault.calls -= 1
                        if fault.calls <= 0:
                            self._faults.remove(fault)
                    return fault
        return None
