"""From method and path to the function that answers."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

from demo.spotler.messages import Request, Response
from demo.spotler.state import State

Endpoint = Callable[[State, Request], Response]


class PathUnknown(Exception):
    """No route has this path."""


class MethodUnknown(Exception):
    """The path exists, with other verbs."""


@dataclass
class Routes:
    """A table of routes; fixed paths win from paths with a {value}."""

    fixed: dict[str, dict[str, Endpoint]] = field(default_factory=dict)
    patterns: dict[str, tuple[re.Pattern[str], dict[str, Endpoint]]] = field(default_factory=dict)

    def on(self, method: str, path: str) -> Callable[[Endpoint], Endpoint]:
        """Register the decorated function."""

        def register(endpoint: Endpoint) -> Endpoint:
            if "{" not in path:
                self.fixed.setdefault(path, {})[method] = endpoint
                return endpoint
            expression = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)
            self.patterns.setdefault(path, (re.compile(expression), {}))[1][method] = endpoint
            return endpoint

        return register

    def include(self, other: "Routes") -> None:
        """Add all routes of another table."""
        for path, endpoints in other.fixed.items():
            self.fixed.setdefault(path, {}).update(endpoints)
        for path, (pattern, endpoints) in other.patterns.items():
            self.patterns.setdefault(path, (pattern, {}))[1].update(endpoints)

    def resolve(self, request: Request) -> tuple[str, Endpoint]:
        """The route's template and its endpoint; the path's values are put in the request."""
        found = False
        endpoints = self.fixed.get(request.path)
        if endpoints:
            found = True
            if request.method in endpoints:
                return request.path, endpoints[request.method]
        for path, (pattern, choices) in self.patterns.items():
            match = pattern.fullmatch(request.path)
            if not match:
                continue
            found = True
            if request.method in choices:
                request.values = {key: unquote(text) for key, text in match.groupdict().items()}
                return path, choices[request.method]
        if found:
            raise MethodUnknown
        raise PathUnknown
