"""CSV files: read back as they were, and no formula, whoever reads them and however."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from io import StringIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spotler_plugin.blueprints.csv_file import FORMULA, MARK, NUMBER, exact, guarded, written

SIGNS = tuple("=+-@＝＋－＠")
COMMAND = "=cmd|' /C calc'!A0"

CELL = st.text() | st.text(alphabet="=+-@,;|\t\r\n\"' a1é\0＝", max_size=12) | st.from_regex(NUMBER)
ROWS = st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=4)


def text_of(rows: Sequence[Sequence[str]]) -> str:
    return "".join(written(["Nummer", "Naam", "Verschil"], rows)).removeprefix(MARK)


def read(text: str, delimiter: str) -> list[list[str]]:
    return list(csv.reader(StringIO(text, newline=""), delimiter=delimiter))


LITERALS = re.compile(r"""="(?:[^"]|"")*"?(?:;"(?:[^"]|"")*"?)*""")
"""A text in quotes, and what stands behind it in a line that was split by another sign: more texts,
with a semicolon between them."""


def is_formula(cell: str) -> bool:
    # A spreadsheet takes away blanks, and some take away quotes that are left.
    bare = cell.lstrip(' "\t\r\n\0')
    is_harmless = NUMBER.fullmatch(cell) or LITERALS.fullmatch(bare)
    return bare.startswith(SIGNS) and not is_harmless


@given(ROWS)
def test_it_is_read_back_as_it_was(rows: list[list[str]]) -> None:
    assert read(text_of(rows), ";")[1:] == [guarded(row) for row in rows]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@given(ROWS)
@example([['=""', "", ""], ['="0012"', 'a"b', "c\r"], ['=""', "", ""]])
def test_no_reader_meets_a_formula(delimiter: str, rows: list[list[str]]) -> None:
    cells = [cell for row in read(text_of(rows), delimiter) for cell in row]
    assert [cell for cell in cells if is_formula(cell)] == []


@given(CELL)
def test_nothing_but_apostrophes_is_added(cell: str) -> None:
    found = guarded(["", cell])[1]
    assert found.replace("'", "") == cell.replace("'", "")
    assert found == cell or FORMULA.search(cell)


@pytest.mark.parametrize(
    "cell",
    [COMMAND, f"Zoë,{COMMAND}", f"Zoë;{COMMAND}", f'x,"{COMMAND}', f"x\n{COMMAND}", f"\t{COMMAND}",
     f"a, {COMMAND}", f"a|{COMMAND}", "@SUM(1)", "+31 6 1234", "-1+1", "＝1+1", "--1", "-1;=1"],
)  # fmt: skip
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_what_would_be_carried_out_is_a_text(cell: str, delimiter: str) -> None:
    for row in ([cell, "b", "c"], ["a", cell, "c"], ["a", "b,", cell]):
        cells = [each for line in read(text_of([row]), delimiter) for each in line]
        assert not any(map(is_formula, cells))


@pytest.mark.parametrize(
    "cell", ["0", "-5", "-3,25", "1234.5", "", "zoe@example.nl", "a-b", "1 - 2"]
)
def test_numbers_and_plain_texts_stay_as_they_are(cell: str) -> None:
    assert read(text_of([["c-1", cell, ""]]), ";")[1] == ["c-1", cell, ""]


@pytest.mark.parametrize("id_", ["00012345", "1E5", "12345678901234567", "1-2", "mrt-5", "TRUE"])
def test_an_id_survives_a_spreadsheet(id_: str) -> None:
    """Excel made 12345 of the first, and a hundred thousand of the second."""
    assert read(text_of([[exact(id_), exact(id_), ""]]), ";")[1] == [f'="{id_}"'] * 2 + [""]


@pytest.mark.parametrize("id_", ["12345", "c-1", "C81F5D5B-E320", "", '=cmd|"x"', '1";=1'])
def test_an_id_that_stays_by_itself_or_is_none_is_no_formula(id_: str) -> None:
    assert exact(id_) == id_


def test_many_rows_are_sent_in_pieces() -> None:
    pieces = list(written(["a"], (["x"] for _ in range(1201))))
    assert len(pieces) == 3 and "".join(pieces).count("\r\n") == 1202
