"""A model of who may be on: what recipients did in Spotler and what was asked here, in the order of
a clock, and nothing of how the plugin decides."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from demo.spotler.account.contacts import Contact, Standing
from tests.world.world import World

ALL = 0
"""The bit of an opt-out from everything."""


@dataclass(eq=False)
class Out:
    """An opt-out in Spotler."""

    at: int
    record: Contact
    person: str | None
    address: str
    bit: int
    void: bool = False
    """Nobody could know: the write that overtook it had left, or was about to."""
    is_unsure: bool = False
    """A lost write of ours may have done the same before: it may be a colleague's."""


@dataclass(eq=False)
class Ask:
    """Somebody asked here for a permission to go on."""

    at: int
    person: str
    bit: int
    lifts: bool
    """Whether a person looked at this contact and said on what ground."""
    is_personal: bool = False
    """Whether a person looked at this contact."""


@dataclass(frozen=True)
class Shown:
    """A record of Spotler, as it is at one moment."""

    person: str | None
    address: str
    on: frozenset[int]


@dataclass
class Held:
    """An address that a person had in Spotler."""

    address: str
    until: int | None = None


@dataclass
class Truth:
    """What happened, and what is wrong with it."""

    world: World
    bits: tuple[int, ...]
    clock: int = 0
    allowed: bool = False
    outs: list[Out] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    """Those that are not done yet."""
    lifted: set[tuple[Out, str, int]] = field(default_factory=set)
    held: dict[str, list[Held]] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    """Merged contact to the one that was kept."""
    shown: dict[str, Shown] = field(default_factory=dict)
    lost: dict[tuple[str, int], bool] = field(default_factory=dict)
    """What writes of ours were to switch off whose answer was lost, and whether that takes back."""
    read_at: int = 0
    """When the feed was last read."""
    owners: dict[str, set[str]] = field(default_factory=dict)
    """Contacts of the CRM that each record was, one after the other."""
    erased: dict[str, set[str]] = field(default_factory=dict)
    """Whose data were erased, with the addresses that nobody else has."""

    def tick(self) -> int:
        self.clock += 1
        return self.clock

    def records(self) -> list[Contact]:
        return sorted(self.world.sandbox.state.account.directory, key=lambda each: each.created)

    def sign_off(self, record: Contact, bit: int) -> Out | None:
        """The recipient unticks a permission, or all mail; None where it was off already."""
        account = self.world.sandbox.state.account
        if bit == ALL:
            if record.standing is not Standing.ACTIVE:
                return None
            account.set_standing(record, Standing.OPTED_OUT)
        elif not record.has("permissions", bit):
            return None
        else:
            record.sets["permissions"] &= ~bit
            account.directory.touch(record)
        takes_back = self.lost.get((record.external_id or "", bit))
        out = Out(
            self.tick(),
            record,
            record.external_id,
            record.email.lower(),
            bit,
            void=takes_back is True,
            is_unsure=takes_back is not None,
        )
        self.outs.append(out)
        self.look(mine=False)
        return out

    def sign_on(self, record: Contact, bit: int) -> None:
        """The recipient ticks it, or is mailed again."""
        account = self.world.sandbox.state.account
        if bit == ALL:
            account.set_standing(record, Standing.ACTIVE)
        else:
            record.sets["permissions"] = record.sets.get("permissions", 0) | bit
            account.directory.touch(record)
        self.tick()
        self.outs = [each for each in self.outs if (each.record, each.bit) != (record, bit)]
        if bit != ALL and record.external_id is not None:
            about = self._against(record.external_id, record.email.lower(), bit)
            self.lifted |= {(out, record.external_id, bit) for out in about}
        self.look(mine=False)

    def note_lost(self, off: Mapping[str, Collection[int]], *, takes_back: bool) -> None:
        """A write left whose end the plugin does not know, or it died right before."""
        for record in self.records():
            person = record.external_id or ""
            for bit in off.get(person, ()):
                if record.has("permissions", bit):
                    self.lost[person, bit] = takes_back

    def note_late(self, before: Mapping[str, frozenset[int]]) -> None:
        """A lost write arrived now: what it switched on after a sign-off that the plugin has not
        seen hides that."""
        for record in self.records():
            new = self._on(record) - before.get(record.encrypted_id, frozenset())
            for out in self.outs:
                if out.record is record and out.bit in new | {ALL} and out.at > self.read_at:
                    out.void = True
        self.tick()
        self.look(mine=False)

    def erase(self, person: str, addresses: Collection[str]) -> None:
        self.erased[person] = set(addresses)

    def lift(self, person: str) -> None:
        self.erased.pop(person, None)

    def ons(self) -> dict[str, frozenset[int]]:
        return {each.encrypted_id: self._on(each) for each in self.records()}

    def look(self, *, mine: bool, takes_back: bool = False) -> None:
        """Compare Spotler with how it was; `mine`: what differs is the plugin's doing, by a run
        that `takes_back` what others did."""
        new = {
            each.encrypted_id: Shown(each.external_id, each.email.lower(), self._on(each))
            for each in self.records()
        }
        for id_, shown in new.items():
            before = self.shown.get(id_)
            if shown.person is None:
                continue
            self.owners.setdefault(id_, set()).add(shown.person)
            if mine:
                self._judge(id_, before, shown)
            if mine and takes_back and before is not None:
                self._stand_again(shown.person, before.on - shown.on)
            self._hold(shown)
        self.shown = new

    def _on(self, record: Contact) -> frozenset[int]:
        if record.standing is not Standing.ACTIVE:
            return frozenset()
        return frozenset(bit for bit in self.bits if record.has("permissions", bit))

    def _stand_again(self, person: str, off: frozenset[int]) -> None:
        """What was signed off before something is taken back, is so again."""
        self.lifted = {each for each in self.lifted if each[1] != person or each[2] not in off}

    def _judge(self, id_: str, before: Shown | None, shown: Shown) -> None:
        person, address = str(shown.person), shown.address
        is_new = before is None or before.person != person
        assert not (is_new and person in self.erased), f"{person} was erased, and is there again"
        if is_new or (before and before.address != address):
            others = {each for those in self.erased.values() for each in those}
            assert address not in others, f"{address} was erased, and is there again"
        for bit in shown.on - (before.on if before else frozenset()):
            against = self._against(person, address, bit)
            asks = [each for each in self.asks if (each.person, each.bit) == (person, bit)]
            fine = [each for each in asks if all(self._may(each, out) for out in against)]
            if not fine and self._was_overtaken(id_, bit):
                continue
            assert fine, f"{bit} went on for {person} against {against}, asked: {asks}"
            self.lifted |= {(out, person, bit) for out in against}
        if before is None or before.address == address:
            return
        for bit in shown.on:
            others_off = [
                out
                for out in self._against(person, address, bit)
                if out.address == address and out.record.encrypted_id != id_
            ]
            assert not others_off, f"{bit} is on for {person} with {address} against {others_off}"

    def _was_overtaken(self, id_: str, bit: int) -> bool:
        """Whether a write that had left brings back what went off meanwhile; once each."""
        for out in self.outs:
            if out.void and (out.record.encrypted_id, out.bit) == (id_, bit):
                self.outs.remove(out)
                return True
        return False

    def _may(self, ask: Ask, out: Out) -> bool:
        knows = ask.lifts and self.allowed
        return out.at < ask.at and (knows or (ask.is_personal and out.is_unsure))

    def _against(self, person: str, address: str, bit: int) -> list[Out]:
        """The opt-outs of this person, as far as nobody lifted them."""
        return [
            out
            for out in self.outs
            if not out.void
            and out.bit in (bit, ALL)
            and (out, person, bit) not in self.lifted
            and self._is_about(out, person, address)
        ]

    def _is_about(self, out: Out, person: str, address: str) -> bool:
        own = [Held(address), *self.held.get(person, ())]
        theirs = self.held.get(out.person, ()) if out.person is not None else ()
        return (
            (out.person is not None and self._root(out.person) == person)
            or out.person == person
            or any(
                each.address == out.address and (each.until is None or out.at <= each.until)
                for each in own
            )
            or any(
                each.address == address and (each.until is None or each.until >= out.at)
                for each in theirs
            )
        )

    def _root(self, person: str) -> str:
        while person in self.kept:
            person = self.kept[person]
        return person

    def _hold(self, shown: Shown) -> None:
        held = self.held.setdefault(str(shown.person), [])
        for each in held:
            if each.address != shown.address and each.until is None:
                each.until = self.clock
        same = next((each for each in held if each.address == shown.address), None)
        if same is None:
            held.append(Held(shown.address))
        else:
            same.until = None
