"""A small world in which anything happens, and a model of its own of who may be on.

The model knows what recipients did in Spotler and what was asked here, in the order of a clock, and
nothing of how the plugin decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse
from werkzeug import Response
from werkzeug.exceptions import HTTPException

from demo.spotler.account.contacts import Contact, Standing
from demo.spotler.request import Request
from demo.spotler.service import handle_call
from tests.world.death import Killed
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


@dataclass(eq=False)
class Ask:
    """Somebody asked here for a permission to go on."""

    at: int
    person: str
    bit: int
    lifts: bool
    """Whether a person looked at this contact and said on what ground."""


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
    lifted: set[tuple[Out, str, int]] = field(default_factory=set)
    held: dict[str, list[Held]] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    """Merged contact to the one that was kept."""
    shown: dict[str, Shown] = field(default_factory=dict)

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
        out = Out(self.tick(), record, record.external_id, record.email.lower(), bit)
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
            about = {out for out in self.outs if out.bit in (bit, ALL)}
            self.lifted |= {(out, record.external_id, bit) for out in about}
        self.look(mine=False)

    def look(self, *, mine: bool) -> None:
        """Compare Spotler with how it was; `mine`: what differs is the plugin's doing."""
        new = {
            each.encrypted_id: Shown(
                each.external_id,
                each.email.lower(),
                frozenset(bit for bit in self.bits if each.has("permissions", bit))
                if each.standing is Standing.ACTIVE
                else frozenset(),
            )
            for each in self.records()
        }
        for id_, shown in new.items():
            before = self.shown.get(id_)
            if shown.person is None:
                continue
            if mine:
                self._judge(id_, before, shown)
            self._hold(shown)
        self.shown = new

    def _judge(self, id_: str, before: Shown | None, shown: Shown) -> None:
        person, address = str(shown.person), shown.address
        for bit in shown.on - (before.on if before else frozenset()):
            against = self._against(person, address, bit)
            asks = [each for each in self.asks if (each.person, each.bit) == (person, bit)]
            fine = [
                each
                for each in asks
                if all(out.at < each.at and each.lifts and self.allowed for out in against)
            ]
            assert fine, f"{bit} went on for {person} against {against}, asked: {asks}"
            self.lifted |= {(out, person, bit) for out in self.outs if out.at < fine[-1].at}
        if before is None or before.address == address:
            return
        for bit in shown.on:
            others = [
                out
                for out in self._against(person, address, bit)
                if out.address == address and out.record.encrypted_id != id_
            ]
            assert not others, f"{bit} is on for {person} with {address} against {others}"

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


@dataclass
class Wire:
    """What happens at a call to Spotler or the CRM."""

    world: World
    number: int = 0
    """Of the call; 0 for none."""
    what: str = ""
    act: Callable[[], Out | None] | None = None
    """What happens elsewhere right before the call."""
    late: list[Callable[[], object]] = field(default_factory=list)
    _calls: int = 0
    _out: Out | None = None
    _is_read: bool = False

    @contextmanager
    def wired(self) -> Iterator[None]:
        others = (self.world.crm.api_url, self.world.sandbox.base_url)
        send: Callable[..., requests.Response] = requests.Session.send

        def sent(session: requests.Session, request: Any, **options: Any) -> requests.Response:
            if not request.url.startswith(others):
                return send(session, request, **options)
            self._calls += 1
            if self._calls == self.number:
                return self._struck(request)
            self._watch(request)
            return self._answered(request)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(requests.Session, "send", sent)
            yield

    def begin(self, number: int, what: str, act: Callable[[], Out | None] | None = None) -> None:
        self.number, self.what, self.act = number, what, act
        self._calls, self._out, self._is_read = 0, None, False

    def end(self) -> None:
        self.begin(0, "")

    def _struck(self, request: Any) -> requests.Response:
        if self.what == "meanwhile" and self.act is not None:
            self._out = self.act()
            self._watch(request)
        if self.what == "unreachable":
            raise requests.exceptions.ConnectTimeout
        if self.what == "killed before":
            raise Killed
        if self.what == "late" and request.method != "GET":
            self.late.append(lambda: self._answered(request))
            raise requests.exceptions.ReadTimeout
        answer = self._answered(request)
        if self.what in ("lost", "killed after"):
            answer.close()
            raise Killed if self.what == "killed after" else requests.exceptions.ReadTimeout
        return answer

    def _answered(self, request: Any) -> requests.Response:
        """What both answer, without a connection: that takes half of the time."""
        path, _, query = request.path_url.partition("?")
        body = request.body or b""
        headers = {
            name: value.decode() if isinstance(value, bytes) else value
            for name, value in request.headers.items()
        }
        environ = {
            "REQUEST_METHOD": request.method,
            "QUERY_STRING": query,
            "CONTENT_TYPE": headers.get("Content-Type", ""),
            "HTTP_HOST": request.url.split("/")[2],
            "HTTP_AUTHORIZATION": headers.get("Authorization", ""),
            "HTTP_IDEMPOTENCY_KEY": headers.get("Idempotency-Key", ""),
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body if isinstance(body, bytes) else body.encode()),
            "wsgi.input_terminated": True,
        }
        if request.url.startswith(self.world.sandbox.base_url):
            base = "/" + path[1:].partition("/")[0]
            environ |= {"SCRIPT_NAME": base, "PATH_INFO": path.removeprefix(base)}
            try:
                asked = Request(environ, populate_request=False)
                response = handle_call(self.world.sandbox.state, asked)
            except HTTPException as error:
                response = error.get_response()
        else:
            environ |= {"SCRIPT_NAME": "", "PATH_INFO": unquote(path)}
            response = Response.from_app(self.world.crm.app, environ)
        raw = HTTPResponse(
            BytesIO(response.get_data()),
            headers=dict(response.headers),
            status=response.status_code,
            preload_content=False,
        )
        return HTTPAdapter().build_response(request, raw)

    def _watch(self, request: Any) -> None:
        """An opt-out between the last look at the record and the write cannot be known."""
        if self._out is None or not request.url.startswith(self.world.sandbox.base_url):
            return
        path = request.path_url
        own = self._out.record.external_id
        if request.method == "GET":
            is_own = own is not None and path.partition("?")[0].endswith(f"/contact/{own}")
            if is_own or "/contact/search" in path or "/contact/updates" in path:
                self._is_read = True
        elif not self._is_read:
            self._out.void = True
