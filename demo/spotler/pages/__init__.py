"""Pages for a person: what is in the account, and what was asked of it. Dutch, no scripts."""

from demo.spotler.errors import ApiError
from demo.spotler.messages import Request, Response, text_answer
from demo.spotler.pages import activity, contacts, disturbances
from demo.spotler.pages.rendering import page
from demo.spotler.routing import MethodUnknown, PathUnknown, Routes
from demo.spotler.state import State

_routes = Routes()
for _part in (contacts, activity, disturbances):
    _routes.include(_part.routes)


def handle_page(state: State, request: Request) -> Response:
    """Answer a browser."""
    try:
        _, endpoint = _routes.resolve(request)
        with state.lock:
            return endpoint(state, request)
    except (ApiError, PathUnknown):
        return page("not_found.html", status=404, section="")
    except MethodUnknown:
        return text_answer("", 405)
    except ValueError:
        return text_answer("", 400)
