"""One HTTP request as the sandbox sees it, and one answer."""

import json
from dataclasses import dataclass, field
from email.message import Message
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode

from demo.spotler.errors import invalid_params

LEGACY_BASE = "/integrationservice-1.1.0"
CURRENT_BASE = "/integrationservice"


@dataclass
class Request:
    """A request; ``path`` is what follows the base, still percent-encoded."""

    method: str
    target: str
    headers: Message
    body: bytes
    base: str = field(init=False)
    path: str = field(init=False)
    raw_path: str = field(init=False)
    raw_query: str = field(init=False)
    values: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Split the target into base, path and query."""
        self.raw_path, _, self.raw_query = self.target.partition("?")
        self.base, path = "", self.raw_path
        for base in (LEGACY_BASE, CURRENT_BASE):
            if path == base or path.startswith(base + "/"):
                self.base, path = base, path[len(base) :]
                break
        # The official Magento module writes to "contact/" and it works: spotler-api.md §2.1 [C].
        self.path = path.rstrip("/") or "/"

    @property
    def legacy(self) -> bool:
        """Whether the pinned version 1.1.0 is asked: bare arrays and numeric dates (§1.1 [C])."""
        return self.base == LEGACY_BASE

    @property
    def url(self) -> str:
        """The absolute URL without the query."""
        return f"http://{self.headers.get('Host', 'localhost')}{self.raw_path}"

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """The query as it was sent, decoded."""
        return parse_qsl(self.raw_query, keep_blank_values=True)

    @cached_property
    def query(self) -> dict[str, str]:
        """The query; the last of equal names counts."""
        return dict(self.pairs)

    @cached_property
    def json(self) -> Any:
        """The body as JSON, or a 400."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise invalid_params("The body is not valid JSON") from error

    @property
    def payload(self) -> dict[str, Any]:
        """The body as a JSON object, or a 400."""
        if not isinstance(self.json, dict):
            raise invalid_params("The body must be a JSON object")
        return self.json

    def url_with(self, **changes: object) -> str:
        """This request's absolute URL, with some query parameters replaced; unsigned."""
        kept = [
            (name, value)
            for name, value in self.pairs
            if name not in changes and not name.startswith("oauth_")
        ]
        return f"{self.url}?{urlencode([*kept, *changes.items()])}"


@dataclass(slots=True)
class Response:
    """An answer; ``drop`` means that the connection is cut instead."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False


def json_answer(payload: Any, status: int = 200) -> Response:
    """Answer with JSON; no charset in the content type, as in spotler-api.md §1.2 [C]."""
    return Response(status, json.dumps(payload, ensure_ascii=False).encode())


def no_content() -> Response:
    """Answer 204 with an empty body."""
    return Response(204)


def text_answer(text: str, status: int, content_type: str = "text/html") -> Response:
    """Answer with something that is not JSON."""
    return Response(status, text.encode(), f"{content_type};charset=utf-8")
