"""The state of the sandbox: the account, the switches, the faults and the calls."""

import pickle
import random
from pathlib import Path
from threading import Event, RLock

from demo.spotler.account.account import Account
from demo.spotler.auth import Nonces
from demo.spotler.calls import Calls
from demo.spotler.faults import Faults
from demo.spotler.overlaps import Overlaps
from demo.spotler.seed import fill, schema
from demo.spotler.settings import Settings

KEY = "demo-key"
SECRET = "demo-secret"
SEED = 20261123


class State:
    """The state of one sandbox; hold ``lock`` while reading or changing the account."""

    def __init__(self, *, empty: bool = False, latency: float | list[float] = 0.0) -> None:
        self.lock = RLock()
        self.stopping = Event()
        self._empty = empty
        self._latency = latency
        self.reset()

    def reset(self, *, empty: bool | None = None, seed: int = SEED) -> None:
        """Start over, with the usual contacts, or without any."""
        with self.lock:
            rng = random.Random(seed)
            self.credentials = {KEY: SECRET}
            self.settings = Settings(latency=self._latency)
            self.faults = Faults()
            self.calls = Calls()
            self.overlaps = Overlaps()
            self.nonces = Nonces()
            self.account = Account(schema(), rng)
            fill(self.account, contacts=not (self._empty if empty is None else empty))

    def load(self, file: Path) -> None:
        """Continue with the stored account, if there is one.

        What a sandbox did not know yet that stored it is as in a new account.
        """
        if file.exists():
            with self.lock:
                # Written by `save` on this machine, into a folder of the demo's own.
                vars(self.account).update(vars(pickle.loads(file.read_bytes())))

    def save(self, file: Path) -> None:
        """Store the account, without faults and calls, for the next start."""
        with self.lock:
            content = pickle.dumps(self.account)
        unfinished = file.with_suffix(".new")
        unfinished.write_bytes(content)
        unfinished.replace(file)
