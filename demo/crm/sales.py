"""Sales, their phases, and the automatic actions that a phase triggers."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from demo.crm.events import Outbox
from demo.crm.fields import InvalidValue
from demo.crm.store import Store

PHASES = ("Lead", "Kennismaking", "Offerte", "Onderhandeling", "Gewonnen", "Verloren")


@dataclass(frozen=True)
class Sale:
    """A sale to a contact."""

    id: str
    title: str
    contact_id: str
    phase: str
    value: int


@dataclass(frozen=True)
class PhaseAction:
    """An automatic action of the plugin, attached to a phase."""

    phase: str
    action_id: str
    name: str


class Sales:
    """All sales and the sales scheme (verkoopschema) of the environment."""

    def __init__(self, store: Store, outbox: Outbox) -> None:
        self._store = store
        self._outbox = outbox

    def find(self, sale_id: str) -> Sale | None:
        """Return one sale, or None."""
        row = self._store.row(
            "SELECT id, title, contact_id, phase, value FROM sales WHERE id = ?", (sale_id,)
        )
        return Sale(**dict(row)) if row else None

    def newest(self, limit: int = 50) -> list[Sale]:
        """Return the newest sales."""
        rows = self._store.rows(
            "SELECT id, title, contact_id, phase, value FROM sales ORDER BY seq LIMIT ?", (limit,)
        )
        return [Sale(**dict(row)) for row in rows]

    def of_contact(self, contact_id: str) -> list[Sale]:
        """The sales of one contact."""
        rows = self._store.rows(
            "SELECT id, title, contact_id, phase, value FROM sales WHERE contact_id = ?"
            " ORDER BY seq",
            (contact_id,),
        )
        return [Sale(**dict(row)) for row in rows]

    def add(self, title: str, contact_id: str) -> Sale:
        """A new sale in the first phase."""
        sale = Sale(f"sale-{uuid4().hex[:12]}", title, contact_id, PHASES[0], 0)
        self._store.run(
            "INSERT INTO sales (id, title, contact_id, phase, value) VALUES (?, ?, ?, ?, ?)",
            (sale.id, sale.title, sale.contact_id, sale.phase, sale.value),
        )
        return sale

    def move(self, sale_id: str, phase: str) -> int:
        """Move a sale to a phase; return how many automatic actions that triggered."""
        if phase not in PHASES:
            raise InvalidValue(f"De fase „{phase}” bestaat niet.")
        with self._store.transaction():
            sale = self.find(sale_id)
            if sale is None:
                raise KeyError(sale_id)
            if sale.phase == phase:
                return 0
            self._store.run("UPDATE sales SET phase = ? WHERE id = ?", (phase, sale_id))
            transition = {
                "id": f"trn_{uuid4().hex}",
                "sale_id": sale.id,
                "from_phase": sale.phase,
                "to_phase": phase,
                "at": datetime.now(UTC).isoformat(),
            }
            actions = [action for action in self.actions() if action.phase == phase]
            for action in actions:
                data = {
                    "action_id": action.action_id,
                    "contact_id": sale.contact_id,
                    "transition": transition,
                }
                self._outbox.add("automatic_action.triggered", data)
        return len(actions)

    def actions(self) -> list[PhaseAction]:
        """Return which actions are attached to which phases."""
        rows = self._store.rows("SELECT phase, action_id, name FROM phase_actions ORDER BY name")
        return [PhaseAction(**dict(row)) for row in rows]

    def attach(self, action: PhaseAction) -> None:
        """Attach an action to a phase, once."""
        self._store.run(
            "INSERT OR REPLACE INTO phase_actions (phase, action_id, name) VALUES (?, ?, ?)",
            (action.phase, action.action_id, action.name),
        )

    def detach(self, phase: str, action_id: str) -> None:
        """Detach an action from a phase."""
        self._store.run(
            "DELETE FROM phase_actions WHERE phase = ? AND action_id = ?", (phase, action_id)
        )
