"""Strings from the browser into values of the domain; what is wrong is said at its field.

One noun a file. A form that a person fills in is validated, and shown again with its errors (422);
one that our own page makes is accepted, or is not of our page (400).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Self

from flask import abort, request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, SelectField

from spotler_plugin.cleaning import clean
from spotler_plugin.storable import storable


class Form(FlaskForm):  # type: ignore[misc] # flask-wtf ships no types.
    """What this request sent, in its body or with a GET in its query; `formdata=None` is empty."""

    class Meta:
        # No cookie tells who asks: each request carries the session token in its Authorization
        # header, which no other site's page can send (crm-developer.md §2).
        csrf = False

        def wrap_formdata(self, form: Form, formdata: Any) -> MultiDict[str, str] | None:
            """A form's own strings only, clean and storable; flask-wtf would take any JSON too.

            What our page offered, or sends along, is no text of people: it stays as it was given.
            """
            if formdata is None or isinstance(formdata, MultiDict):
                return formdata
            sent = request.args if request.method == "GET" else request.form
            ours = {each.name for each in form if isinstance(each, SelectField | HiddenField)}
            stored = ((name, storable(value)) for name, value in sent.items(multi=True))
            return MultiDict(
                (name, value if name in ours else clean(value)) for name, value in stored
            )

    @classmethod
    def accept(cls) -> Self:
        """This request's form, validated; what our own page cannot have made is answered 400."""
        form = cls()
        if not form.validate():
            abort(HTTPStatus.BAD_REQUEST)
        return form
