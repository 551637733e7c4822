"""Equality for all angles of two small circuits whose constant parts are written in different gates.

    C_m R_m ... C_1 R_1 C_0  =  W exp(-i t_m Q_m / 2) ... exp(-i t_1 Q_1 / 2),    R_j = exp(-i t_j P_j / 2),
    W_j = C_{j-1} ... C_0,   Q_j = W_j^dagger P_j W_j,   W = C_m ... C_0

The t_j are the angles without their constants, which count among the C. W and Q_j are dense and know nothing of how
a constant part was written, as after a compiler has put in its own. With the sequences of two circuits matched,

    ||U - e^{i phi} V|| <= min over phi ||W - e^{i phi} W'|| + sum_j ||Q_j - Q'_j|| + sum ||[Q_j, Q_k]||

for every value of every parameter, since |sin t| <= 1 and Q^2 = 1; the last sum is over the pairs that were
exchanged to match.
A pair of commuting rotations by one angle t is c^2 - 2 i c s H - s^2 (2 H^2 - 1), c = cos(t/2), s = sin(t/2), with
H = (Q_1 + Q_2) / 2, so two of them are at most 5 ||H - H'|| apart, and exchanging two costs 25 ||[H, H']||.
Source: the first line by induction; Litinski, Quantum 3, 128 (2019), arXiv:1808.02892 has it for Clifford C.
Cost: a product of matrices of size 2**n for every rotation and every exchange; n <= 7.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import QuantumCircuit

from qverify.angles import Angle, add, scale
from qverify.equivalence.rotations import Clifford, steps
from qverify.errors import Undecidable
from qverify.semantics.instrument import unitary_distance

MAX_WIRES = 7
MAX_STEPS = 20_000
MAX_ROTATIONS = 400
NEAR = 1e-8  # nearer than this two operators count as one; what is between them is in the bound
PAIRED = 25.0
UNIT = 2.0**-50
Matrix = NDArray[np.complex128]
Turn = tuple[Matrix, Angle]  # generator Q and angle without constant


@dataclass(frozen=True)
class _Form:
    turns: list[Turn]
    whole: Matrix
    lost: float  # by merging, operator norm
    steps: int


def distance_for_all_angles(a: QuantumCircuit, b: QuantumCircuit) -> float | None:
    """An upper bound on the distance of two circuits of gates up to phase, for all angles; None proves nothing."""
    if a.num_qubits != b.num_qubits or a.num_qubits > MAX_WIRES:
        return None
    try:
        left, right = _form(a), _form(b)
    except Undecidable:
        return None
    apart = _matched(left.turns, right.turns)
    if apart is None:
        (ours, lost), (theirs, more) = _paired(left.turns), _paired(right.turns)
        wider = _matched(ours, theirs)
        if wider is None:
            return None
        apart = PAIRED * wider + lost + more
    rounding = UNIT * (left.steps + right.steps + 2**a.num_qubits) * (2 + len(left.turns) + len(right.turns))
    constant = unitary_distance(left.whole, right.whole, rounding)
    return float(constant.hi + apart + left.lost + right.lost + rounding)


def _form(circuit: QuantumCircuit) -> _Form:
    """Generators and constant part.

    Raises:
        Undecidable: too many gates, or one without a rotation form.
    """
    whole = np.eye(2**circuit.num_qubits, dtype=np.complex128)
    turns: list[Turn] = []
    count, lost = 0, 0.0
    for step in steps(circuit):
        count += 1
        if isinstance(step, Clifford):
            whole = _clifford(step, whole)
            continue
        half = step.angle.constant / 2
        if half:
            whole = math.cos(half) * whole - 1j * math.sin(half) * _word(step.letters, step.wires, whole)
        if step.angle.terms:
            generator = whole.conj().T @ _word(step.letters, step.wires, whole)
            lost += _appended(turns, (generator, Angle(0.0, step.angle.terms)))
        if count > MAX_STEPS or len(turns) > MAX_ROTATIONS:
            raise Undecidable("too many gates")
    return _Form(turns, whole, lost, count)


def _appended(turns: list[Turn], turn: Turn) -> float:
    """Add a turn at the end, or to an equal generator that it can be moved to; what that gave up."""
    generator, angle = turn
    passed = 0.0
    for k in range(len(turns) - 1, -1, -1):
        other, before = turns[k]
        for sign in (1.0, -1.0):
            gap = float(np.linalg.norm(generator - sign * other))
            if gap < NEAR:
                both = add(before, angle, sign)
                turns[k : k + 1] = [(other, both)] if both.terms else []
                return gap + passed
        exchanged = _commutator(generator, other)
        if exchanged >= NEAR:
            break
        passed += exchanged
    turns.append(turn)
    return 0.0


def _matched(a: list[Turn], b: list[Turn]) -> float | None:
    """What it costs to match two sequences, turn by turn."""
    if len(a) != len(b):
        return None
    rest, cost = list(b), 0.0
    for turn in a:
        passed = 0.0
        for k, other in enumerate(rest):
            gap = _gap(turn, other)
            if gap < NEAR:
                cost += gap + passed
                del rest[k]
                break
            exchanged = _commutator(turn[0], other[0])
            if exchanged >= NEAR:
                return None
            passed += exchanged
        else:
            return None
    return cost


def _paired(turns: list[Turn]) -> tuple[list[Turn], float]:
    """Neighbours that commute and turn by the same angle as one, with H = (Q_1 +- Q_2) / 2; what that gave up.

    A controlled rotation is such a pair, and where its control is |0> the two may be anything that cancels.
    """
    out: list[Turn] = []
    lost, k = 0.0, 0
    while k < len(turns):
        generator, angle = turns[k]
        k += 1
        if k < len(turns) and turns[k][1] in (angle, scale(angle, -1.0)):
            exchanged = _commutator(generator, turns[k][0])
            if exchanged < NEAR:
                sign = 1.0 if turns[k][1] == angle else -1.0
                generator, angle = (generator + sign * turns[k][0]) / 2, scale(angle, 2.0)
                lost, k = lost + exchanged, k + 1
        out.append((generator, angle))
    return out, lost


def _gap(turn: Turn, other: Turn) -> float:
    """Distance of the generators where the angles are the same up to sign."""
    for sign in (1.0, -1.0):
        if turn[1] == (other[1] if sign > 0 else scale(other[1], -1.0)):
            return float(np.linalg.norm(turn[0] - sign * other[0]))
    return math.inf


def _commutator(a: Matrix, b: Matrix) -> float:
    ab = a @ b  # (b a) = (a b)^dagger, both being Hermitian
    return float(np.linalg.norm(ab - ab.conj().T))


def _clifford(gate: Clifford, v: Matrix) -> Matrix:
    """A Clifford gate on the rows of a matrix."""
    index, k = np.arange(len(v)), gate.wires[0]
    bit = index >> k & 1
    if gate.name in ("x", "y", "z"):
        return _word(gate.name.upper(), gate.wires, v)
    if gate.name == "h":
        return (_word("X", gate.wires, v) + _word("Z", gate.wires, v)) * math.sqrt(0.5)
    if gate.name == "s":
        return np.asarray(np.where(bit, 1j, 1.0)[:, None] * v)
    if gate.name == "cx":
        return np.asarray(v[index ^ bit << gate.wires[1]])
    if gate.name == "swap":
        differ = (index >> gate.wires[0] ^ index >> gate.wires[1]) & 1
        return np.asarray(v[index ^ (differ << gate.wires[0] | differ << gate.wires[1])])
    raise Undecidable(f"no rule for the Clifford gate `{gate.name}`")


def _word(letters: str, wires: tuple[int, ...], v: Matrix) -> Matrix:
    """A Pauli word on the rows: P = i**|x & z| X**x Z**z, so row j is i**|x & z| (-1)**|(j ^ x) & z| v[j ^ x]."""
    x = sum(1 << k for letter, k in zip(letters, wires, strict=True) if letter in "XY")
    z = sum(1 << k for letter, k in zip(letters, wires, strict=True) if letter in "YZ")
    source = np.arange(len(v)) ^ x
    signs = 1.0 - 2.0 * (np.bitwise_count(source & z) & 1)
    return np.asarray((1j ** ((x & z).bit_count() % 4) * signs)[:, None] * v[source])
