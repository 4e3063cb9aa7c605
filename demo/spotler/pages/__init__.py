"""Pages for people: what is in the account, and which calls came. Dutch, no scripts."""

from werkzeug import Response
from werkzeug.exceptions import BadRequest, HTTPException, NotFound

from demo.spotler.errors import ApiError
from demo.spotler.pages import activity, contacts, disturbances
from demo.spotler.pages.rendering import page
from demo.spotler.request import Request
from demo.spotler.routing import match, routes
from demo.spotler.state import State

_ROUTES = routes(
    {
        "GET /": contacts.listing,
        "GET /contacten/<reference>": contacts.show,
        "POST /contacten/<reference>/permissies": contacts.change_permission,
        "POST /contacten/<reference>/status": contacts.change_standing,
        "GET /automations": activity.automations,
        "GET /mailings": activity.mailings,
        "GET /aanroepen": activity.calls,
        "GET /storingen": disturbances.show,
        "POST /storingen": disturbances.add,
        "POST /storingen/wissen": disturbances.clear,
    }
)


def handle_page(state: State, request: Request) -> Response:
    """Answer a browser."""
    try:
        _, endpoint = match(_ROUTES, request)
        with state.lock:
            return endpoint(state, request)
    except (ApiError, NotFound):
        return page("not_found.html", status=404, section="")
    except HTTPException as error:
        return error.get_response()
    except ValueError:
        return BadRequest().get_response()
