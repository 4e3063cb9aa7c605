"""What a call sends and takes: JSON, and on forms XML too (spotler-api.md §1.2)."""

from functools import lru_cache

from werkzeug.exceptions import NotAcceptable, UnsupportedMediaType
from werkzeug.http import parse_accept_header

from demo.spotler.request import Request
from demo.spotler.settings import Settings

JSON = "application/json"
XML = "application/xml"
_ANYTHING = ("*/*", "application/*")


def check_content(request: Request, settings: Settings) -> None:
    """Refuse a body that says that it is no JSON, and who takes no JSON; in words, not JSON [I].

    XML is refused too, but on forms: elsewhere the sandbox does not speak it.
    """
    is_default, said = settings.json_by_default, request.mimetype
    known = said == JSON or (said == XML and _is_on_forms(request))
    if request.get_data() and not known and (said or not is_default):
        raise UnsupportedMediaType(f"A body is {JSON} here")
    if not wants_xml(request) and not _takes_json(request.headers.get("Accept", ""), is_default):
        raise NotAcceptable(f"Answers are {JSON} here")


def wants_xml(request: Request) -> bool:
    """Whether to answer in XML: on forms, to who asks for that, or for nothing ([I] §1.2)."""
    return _is_on_forms(request) and _prefers_xml(request.headers.get("Accept", ""))


def _is_on_forms(request: Request) -> bool:
    return request.path.startswith("/form/")


# Taking such a header apart takes as long as many a call, and few differ.
@lru_cache
def _takes_json(accept: str, is_default: bool) -> bool:
    taken = _weights(accept)
    is_open = is_default and (not taken or any(taken.get(each) for each in _ANYTHING))
    return bool(taken.get(JSON, is_open))


def _prefers_xml(accept: str) -> bool:
    taken = _weights(accept)
    return not taken or taken.get(XML, 0) > taken.get(JSON, 0)


def _weights(accept: str) -> dict[str, float]:
    return {each.lower(): weight for each, weight in parse_accept_header(accept)}
