"""Parameterised circuits with any numbers between their rotations: equal for all angles, within a computed bound.

    U = V exp(-i t_m Q_m / 2) ... exp(-i t_1 Q_1 / 2),     Q_j = V_j^dagger P_j V_j

V_j is the product of all gates with numbers before the j-th rotation by a parameter, so the Q_j are fixed matrices
with Q_j^2 = 1, whatever a compiler made of the numbers. The rotations of A are taken back out of B one after the
other: each slides along what it commutes with until it meets its own axis, and angles of one axis add. If nothing
is left, U and U' agree for all angles up to

    sum |Q - Q'| (axes taken for one) + sum |[Q, Q']| (slid past) + distance(V, V') + rounding

since |exp(-i t Q / 2) - exp(-i t Q' / 2)| <= |Q - Q'| for all t, and two rotations commute up to |[Q, Q']|.
What is left proves nothing. Where axes are not met one by one, two that commute and turn by the same angle are
taken together, since of a controlled turn only their sum 2 H is fixed: with c, s = cos(t/2), sin(t/2)

    exp(-i t Q_1 / 2) exp(-i t Q_2 / 2) = c^2 - 2 i c s H - s^2 (2 H^2 - 1) - s^2 [Q_1, Q_2] / 2

so two such pairs are at most 5 |H - H'| apart, and exchanging two costs at most 25 |[H, H']|.
Source: Litinski, Quantum 3, 128 (2019), arXiv:1808.02892, with axes that need be no Pauli words.
Cost: O(4**n) a gate and O(8**n) a rotation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import QuantumCircuit

from qverify.angles import Angle, add, scale
from qverify.equivalence.programs import FIXED
from qverify.errors import Undecidable
from qverify.semantics.gates import pauli, rotation
from qverify.semantics.instrument import unitary_distance
from qverify.semantics.rotations import Clifford, Fixed, Rotation, Step, steps_and_matrices

MAX_WIRES = 8
MAX_WORK = 2**34  # multiplications: some ten seconds
UNIT = 2.0**-52
PAIR = 5.0
SLOPE = 1e-12  # coefficients of parameters below it count as zero, and add to the slope of the bound
Matrix = NDArray[np.complex128]


@dataclass(frozen=True)
class AxesAgreement:
    """||U - e^{i phi} V|| <= constant + slope * max |atom|, for every value of the parameters."""

    constant: float
    slope: float


@dataclass
class _Turn:
    """exp(-i angle axis / 2), the angle without a constant; cost: PAIR for two taken together, whose axis is H."""

    axis: Matrix
    angle: Angle
    cost: float = 1.0


@dataclass
class _Read:
    """A circuit as rotations about axes, and the product of all its numbers."""

    turns: list[_Turn]
    fixed: Matrix
    rounding: float


def axes_agreement(a: QuantumCircuit, b: QuantumCircuit, closeness: float) -> AxesAgreement | None:
    """How closely two circuits of gates agree for all angles; None where this does not show it.

    Args:
        closeness: axes further apart than this are two.

    Raises:
        Undecidable: too many wires or gates, or a gate without a rotation form.
    """
    n = a.num_qubits
    programs = [list(steps_and_matrices(circuit)) for circuit in (a, b)]
    turns = sum(isinstance(s, Rotation) and bool(s.angle.terms) for program in programs for s in program)
    if n > MAX_WIRES or sum(map(len, programs)) * 4**n + turns * 8**n + turns**2 * 4**n > MAX_WORK:
        raise Undecidable(f"{n} wires and {turns} rotations by parameters are too many for dense axes")
    left, right = (_read(program, n) for program in programs)
    # Q = V^dagger (P V): both factors are off by their own rounding, the product by N gamma_N
    axis = 2 * max(left.rounding, right.rounding) + 2 * UNIT * 4**n
    lost = _taken_out(left.turns, right.turns, Lost(), closeness)
    if lost is None:
        paired = Lost()
        first, second = (_in_pairs(side.turns, paired, closeness) for side in (left, right))
        lost, axis = _taken_out(first, second, paired, closeness), PAIR**2 * axis
    if lost is None:
        return None
    rest = unitary_distance(left.fixed, right.fixed, left.rounding + right.rounding).hi
    return AxesAgreement(lost.constant + (2 * lost.met + 5 * lost.slid) * axis + rest, lost.slope)


def _read(program: list[Step | Fixed], n: int) -> _Read:
    V, turns = np.eye(2**n, dtype=np.complex128), []
    for step in program:
        if isinstance(step, Fixed):
            V = _applied(step.matrix, step.wires, V, n)
            continue
        if isinstance(step, Clifford):
            V = _applied(FIXED[step.name], step.wires, V, n)
            continue
        if step.angle.constant != 0.0:
            V = _applied(rotation(step.letters, np.array([step.angle.constant]))[0], step.wires, V, n)
        if step.angle.terms:
            Q = V.conj().T @ _applied(pauli(step.letters), step.wires, V, n)
            turns.append(_Turn(Q, Angle(0.0, step.angle.terms)))
    # a column of the product is off by at most about 6 units of 2**-53 a gate; permutations and signs are exact
    inexact = sum(4 if isinstance(s, Fixed) else isinstance(s, Rotation) or s.name == "h" for s in program)
    return _Read(turns, V, 4 * UNIT * inexact * 2.0 ** (n / 2))


def _applied(matrix: Matrix, wires: tuple[int, ...], V: Matrix, n: int) -> Matrix:
    """The matrix on some wires (the first is its least significant bit), times V."""
    k = len(wires)
    axes = [n - 1 - wire for wire in reversed(wires)]
    moved = np.tensordot(matrix.reshape((2,) * (2 * k)), V.reshape((2,) * n + (-1,)), (range(k, 2 * k), axes))
    return np.ascontiguousarray(np.moveaxis(moved, range(k), axes)).reshape(2**n, -1)


class Lost:
    """What was given up on the way, and how often axes were taken for one, or slid past each other."""

    constant = 0.0
    slope = 0.0
    met = 0
    slid = 0


def _taken_out(a: list[_Turn], b: list[_Turn], lost: Lost, closeness: float) -> Lost | None:
    """Take every rotation of A out of B; None where something is left."""
    left, most = list(b), len(a) + len(b)
    for turn in a:
        _take(turn, left, lost, closeness)
        if len(left) > most or lost.constant > closeness:
            return None
    while left:  # what is left may cancel in itself
        first = left.pop(0)
        if not _take(_Turn(first.axis, scale(first.angle, -1.0), first.cost), left, lost, closeness):
            return None
    return lost


def _take(turn: _Turn, left: list[_Turn], lost: Lost, closeness: float) -> bool:
    """Put the inverse of a rotation before all that is left, and let it slide to its own axis, if it gets there."""
    slid = 0.0
    for k, other in enumerate(left):
        sign, apart = _same_axis(turn.axis, other.axis, closeness)
        if sign and turn.cost == other.cost:
            lost.constant += turn.cost * apart + slid
            lost.met, lost.slid = lost.met + 1, lost.slid + k
            angle = add(other.angle, scale(turn.angle, float(sign)), -1.0)
            lost.slope += sum(abs(c) for _, c in angle.terms if abs(c) < SLOPE) / 2
            terms = tuple(term for term in angle.terms if abs(term[1]) >= SLOPE)
            if terms and turn.cost == PAIR:  # pairs are compared whole
                break
            if terms:
                left[k] = _Turn(other.axis, Angle(0.0, terms), other.cost)
            else:
                del left[k]
            return True
        past = _commutator(turn.axis, other.axis, closeness)
        if past is None:
            break
        slid += turn.cost * other.cost * past
    left.insert(0, _Turn(turn.axis, scale(turn.angle, -1.0), turn.cost))
    return False


def _in_pairs(turns: list[_Turn], lost: Lost, closeness: float) -> list[_Turn]:
    """Two turns by one angle that can slide to each other as one, about half the sum of their axes."""
    left, out = list(turns), list[_Turn]()
    while left:
        first = left.pop(0)
        for k, other in enumerate(left):
            sign = 1 if other.angle == first.angle else -1 if other.angle == scale(first.angle, -1.0) else 0
            if not sign:
                continue
            past = [_commutator(other.axis, earlier.axis, closeness) for earlier in (first, *left[:k])]
            if None not in past:
                lost.constant += sum(each for each in past if each is not None)
                lost.slid += len(past)
                first = _Turn((first.axis + sign * other.axis) / 2, scale(first.angle, 2.0), PAIR)
                del left[k]
                break
        out.append(first)
    return out


def _same_axis(P: Matrix, Q: Matrix, closeness: float) -> tuple[int, float]:
    """(1 or -1, the operator norm of P - sign Q), or (0, 0) for different axes."""
    overlap, norms = float(np.vdot(P, Q).real), float(np.linalg.norm(P) * np.linalg.norm(Q))
    sign = 1 if overlap > 0 else -1
    if abs(overlap) < (1.0 - 1e-6) * norms:  # for unit vectors the overlap is 1 - |P - Q|^2 / 2
        return 0, 0.0
    apart = _norm(P - sign * Q)
    return (sign, apart) if apart <= closeness else (0, 0.0)


def _commutator(P: Matrix, Q: Matrix, closeness: float) -> float | None:
    """The operator norm of [P, Q], or None where that is no rounding."""
    v = np.cos(np.arange(len(P)))  # any vector: a cheap look before the product of matrices
    if np.linalg.norm(P @ (Q @ v) - Q @ (P @ v)) > 2 * closeness * np.linalg.norm(v):
        return None
    PQ = P @ Q
    found = _norm(1j * (PQ - PQ.conj().T))
    return found if found <= closeness else None


def _norm(H: Matrix) -> float:
    """The operator norm of a Hermitian matrix, from above."""
    coarse = float(np.linalg.norm(H))
    return coarse if coarse < 1e-12 else float(np.abs(np.linalg.eigvalsh(H)).max())
