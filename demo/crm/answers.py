"""Answers by idempotency key: a repeated write gets the same answer and has no effect."""

import hashlib
import json
from collections.abc import Callable

from demo.crm.store import Store

Answer = tuple[int, dict[str, object]]


class KeyReused(Exception):
    """The key was sent again with another request."""


class Answers:
    """The answers given, by idempotency key."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def once(self, key: str, request: str, work: Callable[[], Answer]) -> Answer:
        """Do the work the first time; give its answer every time."""
        print_of_request = hashlib.sha256(request.encode()).hexdigest()
        with self._store.transaction():
            kept = self._store.row("SELECT * FROM answers WHERE idempotency_key = ?", (key,))
            if kept is not None:
                if kept["request"] != print_of_request:
                    raise KeyReused(key)
                return int(kept["status"]), json.loads(kept["answer"])
            status, answer = work()
            self._store.run(
                "INSERT INTO answers (idempotency_key, request, status, answer)"
                " VALUES (?, ?, ?, ?)",
                (key, print_of_request, status, json.dumps(answer)),
            )
        return status, answer
