"""From method and path to the function that answers."""

from collections.abc import Callable
from functools import partial
from urllib.parse import unquote

from werkzeug import Response
from werkzeug.routing import Map, MapAdapter, Rule, UnicodeConverter

from demo.spotler.request import Request
from demo.spotler.state import State

Endpoint = Callable[[State, Request], Response]


class _Segment(UnicodeConverter):
    """A part of a path, decoded after the match, so that %2F in an externalId is no separator."""

    def to_python(self, value: str) -> str:
        return unquote(value)


def routes(table: dict[str, Callable[..., Response]]) -> MapAdapter:
    """A map of ``{"GET /path/<value>": function}``; the function gets the values by name.

    A slash at the end is allowed: the official Magento module writes to "contact/" and it works
    (spotler-api.md §2.1 [C]).
    """
    rules = []
    for route, function in table.items():
        method, path = route.split()
        rules.append(Rule(path, methods=[method], endpoint=function))
    converters = {"default": _Segment}
    found = Map(rules, strict_slashes=False, merge_slashes=False, converters=converters)
    return found.bind("sandbox")


def match(routes: MapAdapter, request: Request) -> tuple[str, Endpoint]:
    """The route's template and its endpoint, or werkzeug's ``NotFound`` or ``MethodNotAllowed``."""
    rule, values = routes.match(request.path, request.method, return_rule=True)
    return rule.rule, partial(rule.endpoint, **values)
