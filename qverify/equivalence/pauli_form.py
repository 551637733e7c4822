"""The Pauli-rotation normal form: a proof of equality for all angles, without any 2**n.

A circuit of gates is  U = C R_m ... R_1  with a Clifford C and rotations R_j = exp(-i t_j P_j / 2), up to phase.
The rotations are put into layers (Foata normal form: each as early as commutation lets it go), equal words in reach
of each other are merged, angles are reduced to a constant in (-pi/4, pi/4] plus parameters, and the multiples of
pi/2 that fall out are Cliffords and move into C. Repeated until nothing changes.

Equal forms prove equal unitaries up to phase. Different forms prove nothing.
Where constants differ by rounding, ||U - e^{i phi} V|| <= sum |difference of angles| / 2 + everything snapped.
Source: Litinski, Quantum 3, 128 (2019), arXiv:1808.02892 (Pauli rotations); Cartier and Foata (1969) for the
layers; Zhang and Chen, arXiv:1903.12456 (merging). Cost: polynomial; a few microseconds a gate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from qiskit.circuit import QuantumCircuit

from qverify.angles import Angle, add, scale
from qverify.equivalence.frame import Frame, Pauli, conjugated, positive, sign
from qverify.equivalence.rotations import Clifford, steps
from qverify.errors import Undecidable

Word = tuple[int, int]  # x and z masks of a positive Hermitian Pauli
Layer = dict[Word, Angle]
_QUARTER_TURN = math.pi / 2
SNAP = 1e-9  # radians; what is snapped is added to the error bound
SLOPE = 1e-12  # coefficients of parameters closer than this count as equal, and add to the slope of the bound


@dataclass(frozen=True)
class PauliForm:
    """layers of rotations, first in time first, and the rows of the Clifford that follows them.

    snapped, slope: ||U - e^{i phi} form|| <= snapped + slope * max |atom|.
    """

    layers: tuple[Layer, ...]
    rows: tuple[Pauli, ...]
    snapped: float
    slope: float


@dataclass(frozen=True)
class Agreement:
    """Two forms agree: ||U - e^{i phi} V|| <= constant + slope * max |atom|, for every value of the parameters.

    The slope is zero unless coefficients of parameters differ by rounding.
    """

    constant: float
    slope: float


def pauli_form(circuit: QuantumCircuit) -> PauliForm:
    """The normal form of a circuit of gates.

    Raises:
        Undecidable: an operation is no gate, or has no rotation form.
    """
    frame, lost = Frame(circuit.num_qubits), _Lost()
    rotations: list[tuple[Pauli, Angle]] = []
    for step in steps(circuit):
        if isinstance(step, Clifford):
            _apply(frame, step)
            continue
        rest, quarters = _reduced(step.angle, lost)
        if quarters:
            frame.rotate(step.letters, step.wires, quarters)
        if rest is not None:
            rotations.append((frame.word(step.letters, step.wires), rest))
    layers = _settled(rotations, frame, lost)
    return PauliForm(tuple(layers), frame.rows(), lost.constant, lost.slope)


class _Lost:
    """What reducing angles gave up: bounds on the operator-norm distance, absolute and per unit of an atom."""

    constant = 0.0
    slope = 0.0


def _apply(frame: Frame, gate: Clifford) -> None:
    if gate.name in ("x", "y", "z"):
        frame.flip(gate.wires[0], gate.name.upper())
    else:
        getattr(frame, gate.name)(*gate.wires)


def _reduced(angle: Angle, lost: _Lost) -> tuple[Angle | None, int]:
    """(the angle with its constant in (-pi/4, pi/4], or None for zero; how many quarter turns fell out).

    Constants within SNAP of a multiple of pi/4 become exactly that; coefficients below SLOPE become zero.
    """
    quarters = math.ceil(angle.constant / _QUARTER_TURN - 0.5)
    rest = angle.constant - quarters * _QUARTER_TURN
    for special in (-_QUARTER_TURN / 2, 0.0, _QUARTER_TURN / 2):
        if abs(rest - special) < SNAP:
            lost.constant += abs(rest - special) / 2
            rest = special
    if rest == -_QUARTER_TURN / 2:
        rest, quarters = _QUARTER_TURN / 2, quarters - 1
    small = [c for _, c in angle.terms if abs(c) < SLOPE]
    lost.slope += sum(abs(c) for c in small) / 2
    terms = tuple(term for term in angle.terms if abs(term[1]) >= SLOPE) if small else angle.terms
    return (Angle(rest, terms) if terms or rest != 0.0 else None), quarters % 4


def _settled(rotations: list[tuple[Pauli, Angle]], frame: Frame, lost: _Lost) -> list[Layer]:
    """Layer, merge, and move what merged into a Clifford into the frame, until nothing changes."""
    while True:
        layers = _layered(rotations)
        rotations, changed = _without_cliffords(layers, frame, lost)
        if not changed:
            return layers


def _layered(rotations: list[tuple[Pauli, Angle]]) -> list[Layer]:
    """Each rotation in the earliest layer that commutation lets it reach; equal words that meet are added."""
    layers: list[Layer] = []
    for pauli, angle in rotations:
        word = pauli[0], pauli[1]
        if word == (0, 0):
            continue  # a phase
        turned = angle if sign(pauli) > 0 else scale(angle, -1.0)
        at = len(layers)
        while at > 0 and word not in layers[at - 1] and not _blocked(word, layers[at - 1]):
            at -= 1
        if at > 0 and word in layers[at - 1]:
            layers[at - 1][word] = add(layers[at - 1][word], turned)
        elif at == len(layers):
            layers.append({word: turned})
        else:
            layers[at][word] = turned
    return layers


def _blocked(word: Word, layer: Layer) -> bool:
    """Whether a word anticommutes with any word of a layer; the innermost loop of the whole form."""
    x, z = word
    for other_x, other_z in layer:  # noqa: SIM110  # a generator would take twice as long
        if (x & other_z ^ z & other_x).bit_count() & 1:
            return True
    return False


def _without_cliffords(layers: list[Layer], frame: Frame, lost: _Lost) -> tuple[list[tuple[Pauli, Angle]], bool]:
    """The rotations in time order with reduced angles, and whether any quarter turn or zero fell out.

    R_m ... R_2 K = K (K^dagger R_m K) ... (K^dagger R_2 K): a quarter turn K conjugates all that comes later, and
    at the end every row of the frame, C K being the new Clifford.
    """
    out: list[tuple[Pauli, Angle]] = []
    moving: list[tuple[Pauli, int]] = []
    changed = False
    for word, angle in (item for layer in layers for item in layer.items()):
        pauli = positive(*word)
        for generator, quarters in moving:
            pauli = conjugated(pauli, generator, quarters)
        rest, quarters = _reduced(angle if sign(pauli) > 0 else scale(angle, -1.0), lost)
        plain = positive(pauli[0], pauli[1])
        if quarters:
            moving.append((plain, quarters))
        changed |= bool(quarters) or rest is None
        if rest is not None:
            out.append((plain, rest))
    for generator, quarters in moving:
        frame.conjugate(generator, quarters)
    return out, changed


def agreement(a: PauliForm, b: PauliForm) -> Agreement | None:
    """How closely two circuits agree, if their forms prove it; None proves nothing."""
    if a.rows != b.rows or [set(layer) for layer in a.layers] != [set(layer) for layer in b.layers]:
        return None
    absolute, slope = a.snapped + b.snapped, a.slope + b.slope
    for left, right in zip(a.layers, b.layers, strict=True):
        for word, angle in left.items():
            difference = add(angle, right[word], -1.0)
            if any(abs(c) >= SLOPE for _, c in difference.terms) or abs(difference.constant) >= SNAP:
                return None
            absolute += abs(difference.constant) / 2
            slope += sum(abs(c) for _, c in difference.terms) / 2
    return Agreement(absolute, slope)


def proved_equal(a: QuantumCircuit, b: QuantumCircuit) -> Agreement | None:
    """A proof that two circuits of gates are the same unitary up to phase for all angles; None proves nothing.

    Parameters are matched by name. Circuits that measure, or matrices on several wires, give None.
    """
    if a.num_qubits != b.num_qubits:
        return None
    try:
        return agreement(pauli_form(a), pauli_form(b))
    except Undecidable:
        return None
