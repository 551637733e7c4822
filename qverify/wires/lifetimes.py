"""The life of each qubit as a line of text, layers from left to right.

    q0 ██─█M│       █ gate   ─ waits   M measured   R reset   ? branch or loop   · before, after or without any life
Where a column is several layers, it shows the last of these in the order `─ █ ? R M`.
"""

from __future__ import annotations

import numpy as np

from qverify.wires.flat import Flat
from qverify.wires.kernels import fast, marked
from qverify.wires.schedule import Plan

COLUMNS, ROWS = 72, 48
_SIGNS = np.array(list("·─█?RM"))


def lifetimes(flat: Flat, plan: Plan, columns: int = COLUMNS, rows: int = ROWS) -> tuple[str, ...]:
    """One line a qubit, for the first ones.

    Args:
        plan: of the circuit, ASAP, in layers.
    """
    width = max(1, min(columns, round(plan.total) or 1))
    scale = width / plan.total if plan.total > 0 else 0.0
    cells = np.zeros((min(flat.n, rows), width), dtype=np.int64)
    fast(marked, len(flat))(flat.rows, plan.begins * scale, plan.lengths * scale, cells)
    for line in cells:
        used = np.flatnonzero(line)
        if len(used):
            line[used[0] : used[-1]] = np.maximum(line[used[0] : used[-1]], 1)
    return tuple("".join(_SIGNS[line]) for line in cells)
