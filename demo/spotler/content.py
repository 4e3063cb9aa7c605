"""What a call sends and takes: JSON, though the service knows XML as well (spotler-api.md §1.2)."""

from werkzeug.exceptions import NotAcceptable, UnsupportedMediaType

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
    taken = {each.lower(): weight for each, weight in request.accept_mimetypes}
    is_open = is_default and (not taken or any(taken.get(each) for each in _ANYTHING))
    if not taken.get(JSON, is_open):
        raise NotAcceptable(f"Answers are {JSON} here")
