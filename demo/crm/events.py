"""Events for the plugin: an outbox in the database, and a thread that empties it."""

import json
import sqlite3
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from threading import Event, Thread
from uuid import uuid4

import requests
from standardwebhooks import Webhook

from demo.crm.settings import Settings
from demo.crm.store import Store

# Seconds between the attempts; after the last one the event is given up and stays in the log.
PAUSES = (0.5, 1.0, 2.0, 5.0)
TIMEOUT = 5.0


class Order(StrEnum):
    """When new events are sent, and in what order."""

    AT_ONCE = "at once"
    LATE = "late"
    """Half a minute later."""
    MIXED = "mixed"
    """Collected for ten seconds, the newest first."""


HELD = {Order.AT_ONCE: 0.0, Order.LATE: 30.0, Order.MIXED: 10.0}
"""Seconds that an event is kept before it is sent."""


class Outbox:
    """Events are stored in the transaction of their change, and sent afterwards."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.wake = Event()
        self.order = Order.AT_ONCE

    def add(self, kind: str, data: Mapping[str, object]) -> str:
        """Store one event; the sender thread sends it."""
        event_id = f"evt_{uuid4().hex}"
        now = datetime.now(UTC)
        body = {"type": kind, "timestamp": now.isoformat(), "data": data}
        self._store.run(
            "INSERT INTO events (id, type, body, created_at, state, due_at)"
            " VALUES (?, ?, ?, ?, 'waiting', ?)",
            (event_id, kind, json.dumps(body), now.isoformat(), self._due_at()),
        )
        self.wake.set()
        return event_id

    def again(self, event_id: str) -> bool:
        """Send an event again, with the same id, as a CRM does after a failure."""
        touched = self._store.run(
            "UPDATE events SET state = 'waiting', attempts = 0, due_at = ? WHERE id = ?",
            (time.time(), event_id),
        )
        self.wake.set()
        return touched == 1

    def log(self, limit: int = 200) -> list[sqlite3.Row]:
        """Return the newest events, whatever their outcome."""
        return self._store.rows("SELECT * FROM events ORDER BY seq DESC LIMIT ?", (limit,))

    def due(self) -> list[sqlite3.Row]:
        """Return the events that are due, oldest first unless the order is mixed."""
        rows = self._store.rows(
            "SELECT * FROM events WHERE state = 'waiting' AND due_at <= ? ORDER BY seq LIMIT 100",
            (time.time(),),
        )
        return rows[::-1] if self.order is Order.MIXED else rows

    def _due_at(self) -> float:
        """When an event of now is sent; those of one period together, where they are mixed."""
        now, held = time.time(), HELD[self.order]
        return now + held if self.order is not Order.MIXED else (now // held + 1) * held

    def waiting(self) -> int:
        """Count the events that still have to be sent."""
        return self._store.number("SELECT count(*) FROM events WHERE state = 'waiting'")

    def settle(self, event_id: str, state: str, outcome: str, pause: float = 0.0) -> None:
        """Record how an attempt ended."""
        self._store.run(
            "UPDATE events SET state = ?, outcome = ?, attempts = attempts + 1, due_at = ?"
            " WHERE id = ?",
            (state, outcome, time.time() + pause, event_id),
        )


class Sender(Thread):
    """Posts due events to the plugin until it is stopped."""

    def __init__(self, outbox: Outbox, settings: Settings) -> None:
        super().__init__(name="crm-events", daemon=True)
        self._outbox = outbox
        self._settings = settings
        self._ended = Event()

    def run(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while not self._ended.is_set():
                for event in self._outbox.due():
                    if self._ended.is_set():
                        return
                    self._attempt(session, event)
                # A new event wakes it; otherwise it looks now and then for one to retry.
                self._outbox.wake.wait(0.25 if self._outbox.waiting() else 5.0)
                self._outbox.wake.clear()

    def stop(self) -> None:
        """End the thread; unsent events stay in the outbox for the next start."""
        self._ended.set()
        self._outbox.wake.set()
        if self.is_alive():
            self.join(TIMEOUT + 1)

    def _attempt(self, session: requests.Session, event: sqlite3.Row) -> None:
        url = f"{self._settings.plugin_url.rstrip('/')}/events/{self._settings.environment}"
        try:
            answer = session.post(
                url,
                data=event["body"].encode(),
                headers=self._headers(event),
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            self._later(event, type(error).__name__, None)
            return
        outcome = f"HTTP {answer.status_code}"
        if answer.ok:
            self._outbox.settle(event["id"], "delivered", outcome)
        elif answer.status_code in (429, 500, 502, 503, 504):
            self._later(event, outcome, answer.headers.get("Retry-After"))
        else:
            self._outbox.settle(event["id"], "refused", outcome)

    def _headers(self, event: sqlite3.Row) -> dict[str, str]:
        now = datetime.now(UTC)
        signature = Webhook(self._settings.events_secret).sign(event["id"], now, event["body"])
        return {
            "Content-Type": "application/json",
            "webhook-id": event["id"],
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
        }

    def _later(self, event: sqlite3.Row, outcome: str, retry_after: str | None) -> None:
        attempts = int(event["attempts"])
        if attempts >= len(PAUSES):
            self._outbox.settle(event["id"], "given up", outcome)
            return
        asked = float(retry_after) if retry_after and retry_after.isdigit() else 0.0
        self._outbox.settle(event["id"], "waiting", outcome, max(asked, PAUSES[attempts]))


def as_json(row: sqlite3.Row) -> dict[str, object]:
    """Return an event as the control interface shows it."""
    shown = {name: row[name] for name in ("id", "type", "state", "attempts", "outcome")}
    return shown | {"created_at": row["created_at"], "data": json.loads(row["body"])["data"]}
