"""Why a row of an uploaded file is not taken over."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    NOBODY = "nobody"
    """Neither an external id nor an address: nobody can be found by it."""
    DOUBLED = "doubled"
    """A row before it is of the same contact."""
    NO_ADDRESS = "no_address"
    """What stands in the column of addresses is none."""
    SHORT = "short"
    """The row has fewer cells than there are headings, or more."""
    TOO_LONG = "too_long"

    # What a spreadsheet made of a value.
    ZEROS = "zeros"
    """Zeros at the beginning are lost, or another id reads as the same number."""
    EXPONENT = "exponent"
    """A number such as 1,23457E+19: digits are lost."""
    DAY = "day"
    """A day such as 1-feb, which was something else before."""
    APOSTROPHE = "apostrophe"
    """An apostrophe before a number, by which a spreadsheet was told to leave it alone."""
    ERROR = "error"
    """An error such as #NAAM? stands in its place."""

    # What does not fit the property.
    NOT_A_DATE = "not_a_date"
    """Also one that can be read in two ways, such as 1/2/2024."""
    NOT_A_NUMBER = "not_a_number"
    NOT_A_SWITCH = "not_a_switch"
    """Of a permission or an entry of a set: neither on nor off."""
    NOT_JSON = "not_json"


class Refused(Exception):
    """A row cannot be taken over: what is wrong, in which column, and what stands there."""

    def __init__(self, fault: Fault, column: int | None = None, value: str = "") -> None:
        super().__init__(fault)
        self.fault, self.column, self.value = fault, column, value
