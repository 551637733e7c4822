"""Gates that undo the gate before them, and rotations that could be one, on neighbouring places of the same wires.

    U_j then U_i on the same wires with nothing between:  U_i U_j = exp(i phi) 1  -> both can go
                                                          one axis, R(s) R(t) = R(s + t) -> one can go

A pair that goes makes neighbours of what stood around it. Barriers, delays, measurements, resets and control flow
stand between, as for a compiler. Sound: all pairs can go together, and each merging is one. Not complete: gates
that commute are not exchanged. Source: Qiskit's `InverseCancellation` and `Optimize1qGatesSimpleCommutation`.
Cost: O(rows).
"""

from __future__ import annotations

import numpy as np

from qverify.wires.flat import Flat, Ints
from qverify.wires.kernels import MOST_WIRES, fast, partners
from qverify.wires.kinds import is_symmetric, undoes


def partners_of(flat: Flat) -> Ints:
    """For each row: j where it undoes row j, -2 - j where it merges with row j, else -1."""
    out = np.full(len(flat), -1, dtype=np.int64)
    kinds = flat.kinds
    pairs = np.array([[bool(a and b and undoes(a, b)) for b in kinds] for a in kinds], dtype=np.bool_)
    axes = sorted({kind.axis for kind in kinds if kind and kind.axis})
    axis = np.array([axes.index(kind.axis) if kind and kind.axis else -1 for kind in kinds], dtype=np.int64)
    same = np.array([bool(kind and is_symmetric(kind)) for kind in kinds], dtype=np.bool_)
    last = np.full(flat.n, -1, dtype=np.int64)
    previous = np.full((len(flat), MOST_WIRES), -1, dtype=np.int64)
    if kinds:
        loop = fast(partners, len(flat))
        loop(flat.rows, last, previous, pairs, axis, same, out)
    return out
