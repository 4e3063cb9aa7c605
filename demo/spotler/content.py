"""What a call sends and takes: JSON, though the service knows XML as well (spotler-api.md §1.2)."""

from functools import lru_cache

from werkzeug.exceptions import NotAcceptable, UnsupportedMediaType
from werkzeug.http import parse_accept_header

from demo.spotler.request import Request
from demo.spotler.settings import Settings

JSON = "application/json"
_ANYTHING = ("*/*", "application/*")


def check_content(request: Request, settings: Settings) -> None:
    """Refuse a body that says that it is no JSON, and who takes no JSON; in words, not JSON [I].

    XML is refused too: the sandbox does not speak it.
    """
    is_default = settings.json_by_default
    if request.get_data() and request.mimetype != JSON and (request.mimetype or not is_default):
        raise UnsupportedMediaType(f"A body is {JSON} here")
    if not _takes_json(request.headers.get("Accept", ""), is_default):
        raise NotAcceptable(f"Answers are {JSON} here")


# Taking such a header apart takes as long as many a call, and few differ.
@lru_cache
def _takes_json(accept: str, is_default: bool) -> bool:
    taken = {each.lower(): weight for each, weight in parse_accept_header(accept)}
    is_open = is_default and (not taken or any(taken.get(each) for each in _ANYTHING))
    return bool(taken.get(JSON, is_open))
