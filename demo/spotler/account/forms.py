"""Web forms, and who filled them in (spotler-api.md §2.10)."""

from dataclasses import dataclass, field
from typing import Any

from demo.spotler import dates
from demo.spotler.account.contacts import Contact


@dataclass
class Question:
    """A question; its answer is kept in the property of the contact that it ``fills``."""

    id: int
    text: str
    fills: str
    required: bool = False

    @property
    def name(self) -> str:
        """What its answer is called in the HTML, and when it is sent [I]."""
        return f"field{self.id}"


@dataclass
class Form:
    """A form; its last page is a text, or a page elsewhere at ``url``."""

    id: int
    name: str
    sub_type: str
    questions: tuple[Question, ...]
    url: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The form in the list and in histories [D]; each is published."""
        shown = {"id": self.id, "name": self.name, "formSubType": self.sub_type}
        return {**shown, "formState": "final"}


@dataclass
class Result:
    """One form, filled in by one contact."""

    id: int
    form: Form
    contact: Contact
    at: int

    def as_history(self) -> dict[str, Any]:
        """The item of the contact's history [D]."""
        shown = {"form": self.form.as_json(), "formResultId": self.id, "completed": True}
        return {**shown, "submitDate": dates.to_iso(self.at)}


@dataclass
class Forms:
    """The account's forms and all results."""

    all: list[Form] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)

    def fill_in(self, form: Form, contact: Contact) -> None:
        """Record that a contact filled in a form."""
        self.results.append(Result(len(self.results) + 1, form, contact, dates.now()))
