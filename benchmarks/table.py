"""Numbers for a person: a small table."""

from __future__ import annotations

from collections.abc import Sequence

Cell = str | int | float


def show(title: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Print a table in Markdown, which a terminal shows well enough."""
    cells = [list(head), *([_text(cell) for cell in row] for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(head))]
    print(f"\n{title}\n")
    for number, row in enumerate(cells):
        print(_line(row, widths))
        if number == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")
    print(flush=True)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
    return "| " + " | ".join(padded) + " |"


def _text(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:,.0f}" if cell >= 100 else f"{cell:.2f}" if cell < 10 else f"{cell:.1f}"
    return f"{cell:,}" if isinstance(cell, int) else cell
