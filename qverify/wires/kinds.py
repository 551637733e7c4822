"""What a gate does to wires whose state is known, and which gates undo or extend each other.

A wire is in a *letter*: one of the six eigenstates of Z, X, Y (then it is disentangled from everything), `MIXED`
(block diagonal in Z, as a measurement leaves it) or `ANY`. For a gate U and the letters of its wires,

    V_b = U (|b> x 1)     b: the known wires, for every value of the mixed ones;  1: the wires in `ANY`

an output wire is in letter v when <v'| V_b = 0 for v' orthogonal to v and every b, mixed when that is 0 or 1 in
every V_b, and the gate does nothing when V_b = exp(i phi_b) (|b> x 1) for every b. Computed from Qiskit's matrices
when first asked. An angle within 1e-12 of k pi/2 is that; any other is as good as a drawn one, since all of this is
analytic in it.
Source: Gottesman, arXiv:quant-ph/9807006 (stabilisers of single wires); abstract interpretation, Cousot (1977).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import ControlledGate, Operation, ParameterExpression
from qiskit.circuit.library import get_standard_gate_name_mapping

from qverify.structure import standard_class

Array = NDArray[np.complex128]
ANY, MIXED, ZERO, ONE, PLUS, MINUS, RIGHT, LEFT = range(8)
LETTERS = ("any", "mixed", "|0>", "|1>", "|+>", "|->", "|+i>", "|-i>")
NOTHING = 1 << 9  # flag of an entry: the gate does nothing there
MOST_WIRES = 3  # of gates on more, nothing is known afterwards
NEAR = 1e-12  # radians
_KETS = np.array([[1, 0], [0, 1], [1, 1], [1, -1], [1, 1j], [1, -1j]]) / np.sqrt([[1], [1], [2], [2], [2], [2]])
_ORTHOGONAL = _KETS[[1, 0, 3, 2, 5, 4]].conj()
_DRAWN = ((0.7371, 1.9143, -0.4517, 2.6719), (2.2171, -1.3361, 0.9023, -0.5519))
_AXES = {
    "Z": frozenset({"z", "s", "sdg", "t", "tdg", "rz", "p", "u1"}),
    "X": frozenset({"x", "sx", "sxdg", "rx"}),
    "Y": frozenset({"y", "ry"}),
}
_MERGING = frozenset({"rxx", "ryy", "rzz", "rzx", "crx", "cry", "crz", "cp", "cu1"})


@dataclass(frozen=True)
class Kind:
    """A standard gate up to the value of its angles.

    quarters: its angles in units of pi/2, modulo 8, where each is a whole number of them. control: the state of the
    controls where that is not all ones.
    """

    name: str
    wires: int
    angles: int = 0
    quarters: tuple[int, ...] | None = None
    control: int | None = None

    @property
    def axis(self) -> str:
        """What gates of one axis on the same wires merge into: one rotation. Empty where nothing merges."""
        if self.control is not None:
            return ""
        return next((a for a, names in _AXES.items() if self.name in names), self.name * (self.name in _MERGING))

    @property
    def is_virtual(self) -> bool:
        """Whether it turns one wire about Z, which hardware does by relabelling, in no time."""
        return self.name in _AXES["Z"] or self.name == "id"


@cache
def standard_names() -> dict[str, str]:
    """Class name -> the name of a standard gate."""
    gates = {n: g for n, g in get_standard_gate_name_mapping().items() if n not in ("delay", "reset", "measure")}
    return {gate.base_class.__name__: name for name, gate in gates.items()}


def kind_of(operation: Operation) -> Kind | None:
    """The kind of a standard gate; None for anything else."""
    name = standard_names().get(standard_class(operation))
    if name is None:
        return None
    control = None
    if isinstance(operation, ControlledGate) and operation.ctrl_state != 2**operation.num_ctrl_qubits - 1:
        control = int(operation.ctrl_state)
    values = [math.nan if _is_open(p) else float(p) for p in operation.params]
    return Kind(name, operation.num_qubits, len(values), quarters_of(values), control)


def _is_open(angle: object) -> bool:
    return isinstance(angle, ParameterExpression) and bool(angle.parameters)


def quarters_of(angles: Sequence[float]) -> tuple[int, ...] | None:
    """The angles in quarter turns modulo 8, if each is within NEAR of one; () without angles."""
    if not all(abs(a) < 1e6 for a in angles):
        return None
    turns = [round(a / (math.pi / 2)) for a in angles]
    exact = all(abs(a - k * (math.pi / 2)) <= NEAR for a, k in zip(angles, turns, strict=True))
    return tuple(k % 8 for k in turns) if exact else None


def matrices(kind: Kind) -> Iterator[Array]:
    """Its matrix, shape (2**wires, 2**wires); at two drawn values where an angle is open."""
    like = get_standard_gate_name_mapping()[kind.name]
    fixed = kind.quarters is not None
    for drawn in (tuple(k * math.pi / 2 for k in kind.quarters or ()),) if fixed else _DRAWN:
        options = {} if kind.control is None else {"ctrl_state": kind.control}
        yield np.asarray(like.base_class(*drawn[: kind.angles], **options).to_matrix(), dtype=np.complex128)


@cache
def entry(kind: Kind, code: int) -> int:
    """Letters after the gate for letters before it, wire j at bits 3j of both; `NOTHING` may be set."""
    letters = [code >> 3 * j & 7 for j in range(kind.wires)]
    return _agreed([_entry(matrix, letters) for matrix in _kept(kind)])


@cache
def _kept(kind: Kind) -> tuple[Array, ...]:
    return tuple(matrices(kind))


def _agreed(entries: Sequence[int]) -> int:
    """What holds at every drawn angle."""
    first = entries[0]
    if all(entry == first for entry in entries):
        return first
    out = NOTHING if all(entry & NOTHING for entry in entries) else 0
    for j in range(MOST_WIRES):
        letters = {entry >> 3 * j & 7 for entry in entries}
        out |= letters.pop() << 3 * j if len(letters) == 1 else ANY
    return out


def _entry(matrix: Array, letters: Sequence[int]) -> int:
    k = len(letters)
    seen: list[set[int]] = [set() for _ in letters]
    nothing = True
    for values in itertools.product(*((ZERO, ONE) if x == MIXED else (x,) for x in letters)):
        start = _start(values)
        V = matrix @ start
        nothing &= bool(np.abs(V - start * _phase(V, start)).max() < 1e-10)
        for j in range(k):
            seen[j].add(_letter(V.reshape((2,) * k + (-1,)), k - 1 - j))
    return sum(_joined(found) << 3 * j for j, found in enumerate(seen)) | (NOTHING if nothing else 0)


def _start(values: Sequence[int]) -> Array:
    """|known> x 1 on the others, shape (2**k, 2**open)."""
    out: Array = np.eye(1, dtype=np.complex128)
    for x in values:  # wire 0 is the least significant
        out = np.asarray(np.kron(np.eye(2) if x == ANY else _KETS[x - ZERO][:, None], out), dtype=np.complex128)
    return out


def _phase(V: Array, start: Array) -> complex:
    overlap = complex(np.vdot(start, V))
    return overlap / abs(overlap) if abs(overlap) > 1e-9 else 1.0


def _letter(V: Array, axis: int) -> int:
    halves = np.moveaxis(V, axis, 0).reshape(2, -1)
    zero = np.abs(_ORTHOGONAL @ halves).max(axis=1) < 1e-10
    return ZERO + int(np.argmax(zero)) if zero.any() else ANY


def _joined(letters: set[int]) -> int:
    """The letter of a mixture of states in these letters."""
    if len(letters) == 1:
        return next(iter(letters))
    return MIXED if letters <= {MIXED, ZERO, ONE} else ANY


def joined(a: int, b: int) -> int:
    """The letter of a wire that is in one of two letters, by the classical record."""
    return _joined({a, b})


@cache
def undoes(first: Kind, second: Kind) -> bool:
    """Whether the second gate, on the same wires in the same order, undoes the first up to a phase."""
    if first.quarters is None or second.quarters is None or first.wires != second.wires:
        return False
    product = next(matrices(second)) @ next(matrices(first))
    return bool(abs(abs(np.trace(product)) - len(product)) < 1e-10)


@cache
def is_symmetric(kind: Kind) -> bool:
    """Whether a gate on two wires is the same with them exchanged."""
    if kind.wires != 2:
        return False
    return all(np.allclose(m, m.reshape(2, 2, 2, 2).transpose(1, 0, 3, 2).reshape(4, 4)) for m in matrices(kind))
