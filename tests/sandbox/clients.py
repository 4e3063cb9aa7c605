"""Clients of the sandbox: of the API it stands in for, and of its control interface."""

from typing import Any

import requests
from requests_oauthlib import OAuth1Session

from tests.sandbox.facts import breach


class Api:
    """A client that signs, and holds each answer against the official description."""

    def __init__(self, root: str, key: str = "demo-key", secret: str = "demo-secret") -> None:
        self.root = root
        self.session = OAuth1Session(key, secret)
        self.session.trust_env = False
        self.session.hooks["response"].append(self._check)

    def _check(self, response: requests.Response, *_: Any, **__: Any) -> None:
        try:
            answer = response.json()
        except requests.JSONDecodeError:
            # Nothing, or what a fault makes of it.
            return
        path = response.url.removeprefix(self.root).partition("?")[0]
        method, legacy = str(response.request.method), self.root.endswith("1.1.0")
        assert breach(method, path, response.status_code, answer, legacy=legacy) is None

    def get(self, path: str, **query: Any) -> requests.Response:
        return self.session.get(self.root + path, params=query)

    def post(self, path: str, body: Any = None) -> requests.Response:
        return self.session.post(self.root + path, json=body)

    def put(self, path: str, body: Any = None) -> requests.Response:
        return self.session.put(self.root + path, json=body)

    def delete(self, path: str, body: Any = None) -> requests.Response:
        return self.session.delete(self.root + path, json=body)

    def save(self, external_id: str, **properties: Any) -> requests.Response:
        """Insert or update a contact."""
        contact = {"externalId": external_id, "properties": properties}
        return self.post("/contact", {"update": True, "contact": contact})

    def error(self, response: requests.Response) -> tuple[int, str]:
        """Status and errorType."""
        return response.status_code, response.json()["errorType"]


class Control:
    """The control interface."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.session = requests.Session()
        self.session.trust_env = False

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        response = self.session.request(method, self.root + path, json=body)
        assert response.ok, response.text
        return response.json() if response.content else None

    def set(self, **settings: Any) -> None:
        """Change switches."""
        self("PUT", "/settings", settings)

    def fault(self, kind: str, **more: Any) -> None:
        """Set a fault."""
        self("POST", "/faults", {"kind": kind, **more})
