"""Who calls the API: the environment whose API token it is (crm-developer.md §5)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, NoReturn, ParamSpec, TypeVar

from flask import abort, jsonify
from flask.typing import ResponseReturnValue
from structlog.contextvars import bind_contextvars

from spotler_plugin.blueprints.api.limit import seconds_to_wait
from spotler_plugin.embedding import bearer
from spotler_plugin.models import Environment
from spotler_plugin.services.connection.secrets import find_by_api_token

Result = TypeVar("Result", bound=ResponseReturnValue)
Arguments = ParamSpec("Arguments")


def for_crm(
    view: Callable[Concatenate[int, Arguments], Result],
) -> Callable[Arguments, Result]:
    """Give the view its caller's environment, by id; whoever has no valid token is refused."""

    @wraps(view)
    def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        return view(_caller().id, *args, **kwargs)

    return guarded


def refuse(status: HTTPStatus, error: str, detail: str, **headers: str) -> NoReturn:
    """Answer a refusal in the API's form."""
    answer = jsonify(error=error, detail=detail)
    answer.status_code = status
    answer.headers.update(headers)
    abort(answer)


def _caller() -> Environment:
    owner = find_by_api_token(bearer())
    if owner is None:
        refuse(
            HTTPStatus.UNAUTHORIZED,
            "unauthorized",
            "Send the environment's API token: Authorization: Bearer …",
            **{"WWW-Authenticate": "Bearer"},
        )
    bind_contextvars(environment=owner.id)
    if owner.disabled_at is not None:
        refuse(HTTPStatus.GONE, "disabled", "The environment is disabled.")
    seconds = seconds_to_wait(owner.id)
    if seconds:
        refuse(
            HTTPStatus.TOO_MANY_REQUESTS,
            "too_many_requests",
            "Ask many contacts at once, and a little later.",
            **{"Retry-After": str(seconds)},
        )
    return owner
