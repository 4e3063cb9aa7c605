"""Values in the cells of a CSV that people open in a spreadsheet, and that comes back.

A spreadsheet turns what looks like a number or a day into one: the zeros of 00012345 and the plus
of +31612345678 are gone, 1E5 is a hundred thousand, 1-2 a day in February. So such a text is
written as a formula that gives it, ="00012345": it shows as the text itself, is saved as that, and
carries nothing out. What is too long for that, and could be carried out, gets an apostrophe before
it, and so does what follows whatever might separate cells under other settings. Both are taken
away again.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from spotler_plugin.cleaning import clean
from spotler_plugin.storable import storable

LONGEST_FORMULA = 255
"""Characters of a text within a formula, in Excel."""

_SIGN = r"(?='*[=+\-@＝＋－＠])"
_SEPARATOR = r"[,;|\t\r\n][\"\s\0]*"
_BEGINNING = r"(?:^|[,;|\t\r\n])[\"\s\0]*"
_BREAK = r"^(?='*[\t\r\n])"
_ESCAPED = re.compile(f"({_BEGINNING}){_SIGN}|{_BREAK}")
_ESCAPED_WITHIN = re.compile(f"({_SEPARATOR}){_SIGN}")
_UNESCAPED = re.compile(rf"({_BEGINNING})'{_SIGN}|^'(?='*[\t\r\n])")
_MONTH = "jan|feb|mrt|maart|mar|apr|mei|may|jun|jul|aug|sep|okt|oct|nov|dec"
_CHANGED = re.compile(
    rf"\s*(?:[0-9+\-=@＝＋－＠.,(#€$£%]|(?:{_MONTH})[a-z]*[-./ ]*[0-9]"
    r"|(?:waar|onwaar|true|false)\s*$)",
    re.IGNORECASE,
)
"""What a spreadsheet may take for a number, a day, a formula, an error or a truth."""
_LEFT_ALONE = re.compile("0|-?[1-9][0-9]{0,10}")
"""Numbers that it shows and saves as they are, so that people can calculate with them."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_FORMULA = re.compile('="((?:[^"]|"")*)"')


class Cell(NamedTuple):
    """What was read from a cell."""

    text: str
    exact: bool
    """Whether it stood there so that no spreadsheet could change it."""


def written(text: str) -> str:
    """Return a text as a cell holds it; an empty one is not an empty cell."""
    if not text:
        return '=""'
    if _LEFT_ALONE.fullmatch(text):
        return text
    if _CHANGED.match(text) and not _CONTROL.search(text):
        quoted = _ESCAPED_WITHIN.sub(r"\1'", text).replace('"', '""')
        if len(quoted) <= LONGEST_FORMULA:
            return f'="{quoted}"'
    return _ESCAPED.sub(r"\1'", text)


def may_change(text: str) -> bool:
    """Return whether a spreadsheet may take a text for something else."""
    return bool(_CHANGED.match(text)) and not _LEFT_ALONE.fullmatch(text)


def read(cell: str, *, ours: bool) -> Cell:
    """Return the text of a cell; `ours`: of a file that was written here, to the letter. From a
    file of others what nobody sees is left out."""
    formula = _FORMULA.fullmatch(cell)
    text = storable(formula[1].replace('""', '"') if formula else cell)
    text = _UNESCAPED.sub(r"\1", text) if ours else clean(text)
    return Cell(text, exact=formula is not None)
