"""``/form``: the forms, one of them as HTML, and one that was filled in (spotler-api.md §2.10)."""

from collections.abc import Mapping
from typing import Any

from werkzeug import Response

from demo.spotler.account.contacts import Contact
from demo.spotler.account.forms import Form
from demo.spotler.account.writing import read, save
from demo.spotler.answers import json_answer
from demo.spotler.api.contact import subscribed
from demo.spotler.content import XML
from demo.spotler.errors import ApiError, Refusal, invalid_params
from demo.spotler.markup import params_in
from demo.spotler.pages.rendering import render
from demo.spotler.request import Request
from demo.spotler.state import State

_LAYOUTS = {"outputFormat": ("HTML4STRICT", "XHTML1STRICT"), "outputMode": ("TABLES", "DIV")}
"""What the HTML may be asked to look like [D]; here it is the same for all."""
_END = "<p>Bedankt voor het invullen.</p>"


def listing(state: State, request: Request) -> Response:
    """All forms; an array, not paged [D]."""
    return json_answer([each.as_json() for each in state.account.forms.all])


def show(state: State, request: Request, form_id: str) -> Response:
    """A form to fill in."""
    return _page(_form(state, form_id), _post_url(request.args))


def submit(state: State, request: Request, form_id: str) -> Response:
    """Write the contact and show the last page, or the form once more with what is wrong [I]."""
    form = _form(state, form_id)
    body = params_in(request.get_data()) if request.mimetype == XML else request.payload
    post_url, answers = _post_url(body), _answers(form, body.get("formParams"))
    wrong = _wrong(state, form, answers)
    if wrong:
        return _page(form, post_url, answers, wrong)
    state.account.forms.fill_in(form, _written(state, form, answers))
    last = {"url": form.url} if form.url else {"html": _END}
    return json_answer({**last, "isConfirmationPage": True})


def _form(state: State, form_id: str) -> Form:
    found = next((each for each in state.account.forms.all if str(each.id) == form_id), None)
    if found is None:
        raise ApiError(404, "FORM_NOT_FOUND", "Form not found")
    return found


def _post_url(given: Mapping[str, Any]) -> str:
    """Where the form sends what is filled in; the rest of how it is asked for is checked only."""
    for name, known in _LAYOUTS.items():
        if given.get(name) not in (None, *known):
            raise invalid_params(f"{name} is one of {', '.join(known)}")
    post_url = given.get("postUrl")
    if not isinstance(post_url, str) or not post_url:
        raise invalid_params("postUrl is required")
    return post_url


def _answers(form: Form, given: Any) -> dict[int, str]:
    """By question; what the form does not ask is left, as plugins send all that they got [C]."""
    if not isinstance(given, dict) or not all(map(_is_texts, given.values())):
        raise invalid_params("formParams must be lists of texts by name")
    return {each.id: ", ".join(given.get(each.name, [])).strip() for each in form.questions}


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _wrong(state: State, form: Form, answers: dict[int, str]) -> dict[int, str]:
    """What is wrong, by question."""
    wrong = {}
    for question in form.questions:
        answer = answers[question.id]
        try:
            if answer:
                read({"properties": {question.fills: answer}}, state.account, state.settings)
            elif question.required:
                wrong[question.id] = "Vul dit in."
        except Refusal:
            wrong[question.id] = "Dit is ongeldig."
    return wrong


def _written(state: State, form: Form, answers: dict[int, str]) -> Contact:
    """As by subscription/subscribe who fills in a form for that, else as by POST contact [I]."""
    properties = {each.fills: answers[each.id] for each in form.questions if answers[each.id]}
    contact = {"properties": properties}
    try:
        if form.sub_type == "subscribe":
            return subscribed(state, contact)
        return save(contact, state.account, state.settings, update=True, purge=False)
    except Refusal as refusal:
        raise refusal.as_error(state.settings.opted_out_status) from refusal


def _page(
    form: Form,
    post_url: str,
    answers: Mapping[int, str] = {},
    wrong: Mapping[int, str] = {},
) -> Response:
    html = render("form.html", form=form, post_url=post_url, answers=answers, wrong=wrong)
    return json_answer({"html": html, "isConfirmationPage": False})
