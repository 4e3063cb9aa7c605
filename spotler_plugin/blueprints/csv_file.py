"""A table as a file for a spreadsheet; every CSV of the plugin is written here.

Names and addresses come from others, and a spreadsheet carries out what looks like a formula. It
may split by another character than we do: then quotes help nobody, since a cell that begins in the
middle of ours is not quoted. So an apostrophe, which makes a text of it, stands before whatever
could be a formula at the beginning of a cell, and after each character that might separate cells.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from flask import Response, stream_with_context

from spotler_plugin.planning.backup import cells

MARK = "\ufeff"
"""By this Excel knows that it is UTF-8."""
DELIMITER = ";"
"""What a Dutch Excel expects."""
FORMULA = re.compile(r"""((?:^|[,;|\t\r\n])["\s\0]*)(?=[=+\-@＝＋－＠])|^(?=[\t\r\n])""")
"""Where an apostrophe goes: before a sign by which a formula begins, also in its wide form."""
NUMBER = re.compile(r"-?\d{1,15}(?:[.,]\d{1,15})?", re.ASCII)
"""A cell that stays as it is, so that people can calculate with it."""
TEXT = re.compile(r'="[A-Za-z0-9_:.-]*"')
"""A formula that gives a text: the zeros of ="00012345" stay. It carries nothing out, and there is
nothing in it to split it by."""
AT_ONCE = 500
"""Rows that are sent together."""


def csv_response(
    name: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, is_safe: bool = False
) -> Response:
    """Return the file as a download, sent while the rows are read: many take no memory.

    `is_safe`: the cells are already such that none is carried out, in a way of their own.
    """
    text = stream_with_context(written(head, rows, is_safe=is_safe))
    response = Response(text, mimetype="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def written(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, is_safe: bool = False
) -> Iterator[str]:
    """Yield the text of the file, some rows at a time."""
    buffer = StringIO()
    buffer.write(MARK)
    writer = csv.writer(buffer, delimiter=DELIMITER, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(guarded(head))
    for number, row in enumerate(rows, start=1):
        writer.writerow(row if is_safe else guarded(row))
        if number % AT_ONCE == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def guarded(row: Sequence[str]) -> list[str]:
    """Return the cells so that none is carried out, however the line is split."""
    # A number is left alone, but not where a line begins: the rest of the line may follow it.
    return [
        cell
        if TEXT.fullmatch(cell) or (at and NUMBER.fullmatch(cell))
        else FORMULA.sub(r"\1'", cell)
        for at, cell in enumerate(row)
    ]


def exact(text: str) -> str:
    """Return an id as a cell in which no spreadsheet makes a number, or a day, of it."""
    cell = cells.written(text) if text else ""
    return cell if TEXT.fullmatch(cell) else text
