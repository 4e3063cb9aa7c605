"""A form as a browser sends it, without an application around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from spotler_plugin.forms import Form

Sent = TypeVar("Sent", bound=Form)

BARE = Flask(__name__)


def sent(form: type[Sent], **fields: str | list[str]) -> Sent:
    """Of these fields, validated."""
    with BARE.app_context():
        made = form(MultiDict(fields))
        made.validate()
    return made


def errors(form: Form) -> dict[str, list[str]]:
    """What is said at each field, in words."""
    return {name: [str(each) for each in said] for name, said in form.errors.items()}


def posted(accept: Callable[[], Sent], fields: Mapping[str, str | list[str]]) -> Sent | None:
    """What is made of a whole request; None if it is answered 400."""
    with BARE.test_request_context(method="POST", data=fields):
        try:
            return accept()
        except BadRequest:
            return None


def accepts(form: type[Form], **fields: str | list[str]) -> bool:
    """Whether our own page may have sent them."""
    return posted(form.accept, fields) is not None
