"""The steps that a circuit is lowered to, before anything is known about its parameters, and how they are made.

    a turn by q pi/2        the Clifford map P -> P or Q P, or nothing for even q
    a fixed gate            its Clifford map, where it is a Clifford gate on few wires

Source: as `clifford_maps`; for the angles `qverify.reduction`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from qiskit.circuit import ControlledGate

from qverify.angles import Angle
from qverify.reduction import quarter_turns
from qverify.semantics.gates import MATRICES, Matrix, open_controls, rotation
from qverify.trainability.chain import Dephase, Linear, Reset
from qverify.trainability.clifford_maps import Rows, bloch, quarter_turn, rows_of

_NAMED = {"h": "HGate", "s": "SGate", "x": "XGate", "y": "YGate", "z": "ZGate", "cx": "CXGate", "swap": "SwapGate"}
SNAP = 1e-12  # radians from a multiple of pi/2 within which a fixed angle is that multiple


@dataclass(frozen=True, slots=True)
class Rotate:
    """exp(-i t Q / 2) with Q the word on the wires and t the angle; `top` is its operation in `circuit.data`."""

    wires: tuple[int, ...]
    word: str
    angle: Angle
    top: int


@dataclass(frozen=True, slots=True)
class Local:
    """A Clifford gate on one wire, as `Linear` and with signs: its 3 x 3 matrix on Bloch vectors, row by row."""

    wires: tuple[int, ...]
    rows: Rows
    turn: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something without a form here: any channel on these wires that may depend on these parameters."""

    wires: tuple[int, ...]
    names: frozenset[str]
    reason: str
    top: int


Raw = Rotate | Local | Linear | Dephase | Reset | Unknown


def turned(wires: tuple[int, ...], word: str, angle: Angle, top: int) -> Iterator[Raw]:
    """A rotation; one by a fixed multiple of pi/2 is a Clifford gate."""
    if not angle.terms:
        quarters, rest = quarter_turns(angle.constant)
        if abs(rest) <= SNAP:
            if quarters % 4:
                yield from _quarters(wires, word, quarters % 4)
            return
    yield Rotate(wires, word, angle, top)


def _quarters(wires: tuple[int, ...], word: str, quarters: int) -> Iterator[Raw]:
    rows = quarter_turn(word) if quarters % 2 else tuple(1 << k for k in range(2 * len(word)))
    turn = turn_of(rotation(word, np.array([quarters * np.pi / 2]))[0]) if len(wires) == 1 else ()
    yield from placed(wires, rows, turn)


def placed(wires: tuple[int, ...], rows: Rows, turn: tuple[float, ...]) -> Iterator[Raw]:
    """A fixed Clifford gate; also where only signs are left of it, which matter to what prepares a wire."""
    yield Local(wires, rows, turn) if len(wires) == 1 else Linear(wires, rows)


def turn_of(matrix: Matrix) -> tuple[float, ...]:
    """What `Local.turn` says of a matrix; empty for several wires."""
    return tuple(float(v) for v in bloch(matrix).ravel()) if len(matrix) == 2 else ()


@lru_cache(maxsize=4096)
def clifford(
    kind: str, controls: int, state: int, params: tuple[float, ...]
) -> tuple[Rows, tuple[float, ...]] | None:
    """A standard gate with fixed angles, if it is a Clifford gate on few wires."""
    formula = MATRICES.get(kind)
    if formula is None:
        return None
    matrix: Matrix = formula(*(np.array([float(p)]) for p in params))
    if controls and state != 2**controls - 1:
        matrix = open_controls(matrix, controls, state)
    rows = rows_of(matrix[0])
    return None if rows is None else (rows, turn_of(matrix[0]))


def _standard(kind: str) -> tuple[Rows, tuple[float, ...]]:
    found = clifford(kind, int(issubclass(_class(kind), ControlledGate)), 1, ())
    if found is None:
        raise ValueError(f"`{kind}` is no Clifford gate")
    return found


def _class(kind: str) -> type:
    from qiskit.circuit import library

    return getattr(library, kind)  # type: ignore[no-any-return]


def named(name: str) -> tuple[Rows, tuple[float, ...]]:
    """The map and the turn of a Clifford gate by the name that `semantics.rotations` gives it."""
    return _standard(_NAMED[name])


def rows_of_gate(kind: str) -> Rows:
    """The map of a standard Clifford gate without angles, by its class."""
    return _standard(kind)[0]
