"""What goes wrong on the way between the plugin, Spotler and the CRM, one call of a rule's work."""

from __future__ import annotations

import json
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

from demo.spotler.request import Request
from demo.spotler.service import handle_call
from tests.world.death import Killed
from tests.world.truth import Out, Truth
from tests.world.world import World


@dataclass
class Wire:
    """What happens at a call to Spotler or the CRM."""

    world: World
    number: int = 0
    """Of the call; 0 for none."""
    what: str = ""
    act: Callable[[], Out | None] | None = None
    """What happens elsewhere right before the call."""
    late: list[Any] = field(default_factory=list)
    """Requests whose sender has given up, and that arrive later."""
    truth: Truth | None = None
    takes_back: bool = False
    """Whether what is at work takes something back."""
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
            if self._is_struck(request):
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

    def _is_struck(self, request: Any) -> bool:
        """Whether it is this call; what arrives late is the first write from there on."""
        if self.what != "late":
            return self._calls == self.number
        is_it = 0 < self.number <= self._calls and request.method != "GET"
        if is_it:
            self.number = 0
        return is_it

    def _struck(self, request: Any) -> requests.Response:
        if self.what == "meanwhile" and self.act is not None:
            self._out = self.act()
            self._watch(request)
        if self.what == "unreachable":
            raise requests.exceptions.ConnectTimeout
        self._note_lost(request)
        if self.what == "late":
            self.late.append(request)
            raise requests.exceptions.ReadTimeout
        if self.what == "killed before":
            raise Killed
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
            "HTTP_ACCEPT": headers.get("Accept", ""),
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

    def arrive(self) -> None:
        """What was late arrives."""
        arriving, self.late = self.late, []
        for request in arriving:
            self._answered(request)

    def _note_lost(self, request: Any) -> None:
        is_write = request.method != "GET" and request.url.startswith(self.world.sandbox.base_url)
        if self.truth is None or self.what == "meanwhile" or not is_write:
            return
        off = _switched_off(json.loads(request.body or "null"))
        self.truth.note_lost(off, takes_back=self.takes_back)

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


def _switched_off(body: Any) -> dict[str, set[int]]:
    """Contact to the permissions that a write is to switch off."""
    contacts = body if isinstance(body, list) else [body]
    if isinstance(body, dict):
        contacts = body.get("contacts") or [body.get("contact") or body]
    found: dict[str, set[int]] = {}
    for each in contacts:
        if isinstance(each, dict) and "externalId" in each:
            bits = each.get("properties", {}).get("permissions", ())
            found[each["externalId"]] = {bit["bit"] for bit in bits if not bit["enabled"]}
    return found
