"""Lives of wires drawn as text: one row a wire, one bar a life, the steps of the circuit from left to right.

3 ├0────┤├4──────┤        wire 3 was wire 0 of the original, and then wire 4
"""

from __future__ import annotations

from collections.abc import Sequence

from qverify.wires.rewrite import Span

ROWS = 40  # wires that are drawn; the others are counted


def chart(spans: Sequence[Span], wires: int, columns: int = 80, rows: int = ROWS) -> list[str]:
    """The lines of a chart.

    Args:
        spans: lives, in any order.
        wires: of the circuit; a wire without a life is drawn as dots.
        columns: characters for the bars.
        rows: wires that are drawn at most.
    """
    steps = 1 + max((span.last for span in spans), default=0)
    columns, margin = min(columns, max(steps, 2)), len(str(max(wires - 1, 0)))
    lines = []
    for wire in range(min(wires, rows)):
        row = ["·"] * columns
        for span in sorted((s for s in spans if s.wire == wire), key=lambda s: s.first):
            first, last = (step * columns // steps for step in (span.first, span.last))
            row[first : last + 1] = _bar(str(span.original), last + 1 - first)
        lines.append(f"{wire:>{margin}} {''.join(row)}")
    if wires > rows:
        lines.append(f"{'':{margin}} and {wires - rows} more")
    return lines


def _bar(label: str, size: int) -> str:
    """A life of some characters, with the wire that it was where there is room."""
    if size <= 1:
        return "│"
    return "├" + (label if len(label) <= size - 2 else "").ljust(size - 2, "─") + "┤"
