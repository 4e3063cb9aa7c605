"""Errors in the format of Spotler: ``{"errorType": …, "message": …}`` (spotler-api.md §2 [D])."""

from typing import Any, ClassVar

from werkzeug.exceptions import HTTPException

from demo.spotler.answers import json_answer


class ApiError(HTTPException):
    """A call that is answered with an error."""

    def __init__(self, status: int, error_type: str, message: str, **extra: Any) -> None:
        body = {"errorType": error_type, "message": message, **extra}
        super().__init__(message, json_answer(body, status))


def invalid_params(message: str) -> ApiError:
    """400 INVALID_PARAMS."""
    return ApiError(400, "INVALID_PARAMS", message)


def backend_exception() -> ApiError:
    """500 BACKEND_EXCEPTION: something went wrong inside."""
    return ApiError(500, "BACKEND_EXCEPTION", "Internal error")


def contact_not_found(external_id: str) -> ApiError:
    """404 CONTACT_NOT_FOUND, for a contact that is the resource of the path."""
    return ApiError(404, "CONTACT_NOT_FOUND", f"Contact with externalId {external_id} not found")


class Refusal(Exception):
    """A contact that is not written; a code in the list call, an errorType in the others.

    The two spellings (INVALID_PROPERTY, PROPERTY_INVALID) are real: spotler-api.md §9.5.
    The errorType that goes with each code is inferred [I].
    """

    _SINGLE: ClassVar[dict[str, tuple[int, str]]] = {
        "PROPERTY_INVALID": (400, "INVALID_PROPERTY"),
        "CONTACT_ALREADY_EXISTS": (400, "CONTACT_ALREADY_EXISTS"),
        "CONTACT_UNKNOWN": (404, "CONTACT_NOT_FOUND"),
        "CONTACT_OPTOUT": (400, "CONTACT_OPTOUT"),
        "NO_ACTIVE_CHANNEL": (400, "INVALID_STATE"),
        "ERROR": (500, "BACKEND_EXCEPTION"),
    }

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def as_error(self, opted_out: int) -> ApiError:
        """Return the refusal as the answer to a call about one contact.

        `opted_out` is the status of that for a contact that opted out.
        """
        status, error_type = self._SINGLE.get(self.code, (400, "INVALID_PARAMS"))
        if self.code == "CONTACT_OPTOUT":
            status = opted_out
        return ApiError(status, error_type, self.message)
