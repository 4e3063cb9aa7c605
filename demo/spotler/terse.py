"""Take out of an answer what Mail+ may not say: nothing in spotler-api.md §12 promises it."""

import json
import re
from typing import Any

from werkzeug import Response

from demo.spotler.answers import json_answer
from demo.spotler.settings import Settings

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?)[+-]\d\d:\d\d")
_WHOLE = "properties"
"""What a contact's properties hold is what was sent, not what the service makes of it."""
_OPTIONAL = {"archiveLink", "automationResults", "encryptedActId"}
"""Keys that the description requires of no answer, and that carry nothing else (§2 [D])."""


def shortened(response: Response, settings: Settings) -> Response:
    """The answer as these switches want it: without empty lists, offsets, messages and the like."""
    if settings.empty_lists and settings.offsets and settings.messages and settings.optional_keys:
        return response
    if response.mimetype != "application/json":
        return response
    answer = json.loads(response.get_data())
    if not settings.empty_lists and isinstance(answer, dict) and "paging" in answer:
        answer = {name: value for name, value in answer.items() if value != []}
    if not settings.messages:
        answer = _without_messages(answer)
    if not settings.optional_keys:
        answer = _bare(answer)
    if not settings.offsets:
        answer = _naive(answer)
    return json_answer(answer, response.status_code)


def _without_messages(answer: Any) -> Any:
    """Of an error, and of each item of contact/list."""
    if isinstance(answer, list):
        return [_without_messages(each) for each in answer]
    if isinstance(answer, dict) and ("errorType" in answer or "code" in answer):
        return {name: value for name, value in answer.items() if name != "message"}
    return answer


def _bare(answer: Any) -> Any:
    if isinstance(answer, list):
        return [_bare(each) for each in answer]
    if isinstance(answer, dict):
        return {
            name: value if name == _WHOLE else _bare(value)
            for name, value in answer.items()
            if name not in _OPTIONAL
        }
    return answer


def _naive(answer: Any) -> Any:
    if isinstance(answer, list):
        return [_naive(each) for each in answer]
    if isinstance(answer, dict):
        return {name: value if name == _WHOLE else _naive(value) for name, value in answer.items()}
    found = _MOMENT.fullmatch(answer) if isinstance(answer, str) else None
    return found[1] if found else answer
