"""XML, which of all calls only those on forms speak here: a published client knows nothing else."""

import json
import re
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring, tostring

from werkzeug import Response

from demo.spotler.content import JSON, XML
from demo.spotler.errors import invalid_params

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What JSON may hold and XML may not."""


def params_in(body: bytes) -> dict[str, Any]:
    """A form that was filled in, as published clients send it, in the shape of JSON [C]."""
    try:
        root = fromstring(body)
    except (ParseError, LookupError, ValueError) as error:
        raise invalid_params("The body is not valid XML") from error
    found: dict[str, Any] = {each.tag: each.text or "" for each in root}
    if "formParams" in found:
        found["formParams"] = {
            entry.findtext("key", ""): [item.text or "" for item in entry.iterfind("value/item")]
            for entry in root.iterfind("formParams/entry")
        }
    return found


def in_xml(response: Response) -> Response:
    """An answer in XML instead of JSON; what the outermost element is called is inferred [I]."""
    if response.mimetype != JSON:
        return response
    answer = json.loads(response.get_data())
    name = "forms" if isinstance(answer, list) else "formResponse"
    is_error = isinstance(answer, dict) and "errorType" in answer
    element = _element("errorResponse" if is_error else name, answer)
    text = tostring(element, "utf-8", xml_declaration=True)
    return Response(text, response.status_code, content_type=XML)


def _element(name: str, value: Any) -> Element:
    element = Element(name)
    if isinstance(value, dict):
        element.extend(_element(key, each) for key, each in value.items())
    elif isinstance(value, list):
        element.extend(_element("form", each) for each in value)
    else:
        text = value if isinstance(value, str) else json.dumps(value)
        element.text = _UNWRITABLE.sub("\ufffd", text)
    return element
