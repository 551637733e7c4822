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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count

from qiskit.circuit import QuantumCircuit

from qverify.angles import Angle, add, scale
from qverify.equivalence.crowd import CrowdLayers, Turns
from qverify.equivalence.frame import Frame, Pauli, conjugated, positive, sign
from qverify.equivalence.layers import Layer, Layers, Word  # noqa: F401  # `beside` reads the form by these names
from qverify.errors import Undecidable
from qverify.reduction import quarter_turns
from qverify.semantics.rotations import Clifford, Step, steps

_QUARTER_TURN = math.pi / 2
SNAP = 1e-9  # radians; what is snapped is added to the error bound
FEW = 64  # quarter turns that a word is conjugated by one after the other
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


def pauli_form(circuit: QuantumCircuit, snap: float = SNAP) -> PauliForm:
    """The normal form of a circuit of gates.

    Args:
        snap: radians from a multiple of pi/4 within which a constant becomes exactly that.

    Raises:
        Undecidable: an operation is no gate, or has no rotation form.
    """
    return form_of_steps(steps(circuit), circuit.num_qubits, snap, Layers())


def form_of_steps(
    walk: Iterable[Step], n: int, snap: float = SNAP, layers: Layers | CrowdLayers | None = None
) -> PauliForm:
    """The normal form of Clifford gates and rotations on n wires, built in empty layers."""
    frame, lost, layers = Frame(n), Lost(snap), Layers() if layers is None else layers
    fresh = count(n)
    sites = list(range(n))  # of each wire; a new one whenever its rows mix with another wire's

    def mix(wires: tuple[int, ...]) -> None:
        for k in wires:
            layers.retire(sites[k])
            sites[k] = next(fresh)

    for step in walk:
        wires = step.wires
        if isinstance(step, Clifford):
            apply_clifford(frame, step)
            if step.name == "swap":
                sites[wires[0]], sites[wires[1]] = sites[wires[1]], sites[wires[0]]
            elif len(wires) > 1:
                mix(wires)
            continue
        rest, quarters = reduced_angle(step.angle, lost)
        if quarters:
            frame.rotate(step.letters, wires, quarters)
            if len(wires) > 1:
                mix(wires)
        if rest is not None:
            layers.put(frame.word(step.letters, wires), rest, tuple([sites[k] for k in wires]))
    return PauliForm(tuple(settled(layers, frame, lost)), frame.rows(), lost.constant, lost.slope)


@dataclass
class Lost:
    """What reducing angles gave up: bounds on the operator-norm distance, absolute and per unit of an atom."""

    snap: float
    constant: float = 0.0
    slope: float = 0.0


def apply_clifford(frame: Frame, gate: Clifford) -> None:
    """A Clifford gate after everything so far."""
    if gate.name in ("x", "y", "z"):
        frame.flip(gate.wires[0], gate.name.upper())
    else:
        getattr(frame, gate.name)(*gate.wires)


def reduced_angle(angle: Angle, lost: Lost) -> tuple[Angle | None, int]:
    """(the angle with its constant in (-pi/4, pi/4], or None for zero; how many quarter turns fell out).

    Constants within `lost.snap` of a multiple of pi/4 become exactly that; coefficients below SLOPE become zero.
    """
    rest, quarters = angle.constant, 0
    if rest != 0.0:
        quarters, rest = quarter_turns(rest)
        for special in (-_QUARTER_TURN / 2, 0.0, _QUARTER_TURN / 2):
            if abs(rest - special) < lost.snap:
                lost.constant += abs(rest - special) / 2
                rest = special
        if rest == -_QUARTER_TURN / 2:
            rest, quarters = _QUARTER_TURN / 2, quarters - 1
    small = [abs(c) for _, c in angle.terms if abs(c) < SLOPE]
    if small:
        lost.slope += sum(small) / 2
        angle = Angle(angle.constant, tuple(term for term in angle.terms if abs(term[1]) >= SLOPE))
    if not angle.terms and rest == 0.0:
        return None, quarters % 4
    return angle if rest == angle.constant else Angle(rest, angle.terms), quarters % 4


def settled(layers: Layers | CrowdLayers, frame: Frame, lost: Lost) -> list[Layer]:
    """Move what merged into a Clifford into the frame and layer again, until nothing changes."""
    while True:
        trial = Lost(lost.snap)
        reduced = [reduced_angle(layers.layers[at][word], trial) for at, word in layers.changed]
        if all(rest is not None and not quarters for rest, quarters in reduced):
            lost.constant += trial.constant
            lost.slope += trial.slope
            return layers.layers
        rotations = _without_cliffords(layers.layers, frame, lost)
        layers = Layers()
        for pauli, angle in rotations:
            layers.put(pauli, angle, ())


def _without_cliffords(layers: list[Layer], frame: Frame, lost: Lost) -> list[tuple[Pauli, Angle]]:
    """The rotations in time order with reduced angles, every quarter turn in the frame.

    R_m ... R_2 K = K (K^dagger R_m K) ... (K^dagger R_2 K): a quarter turn K conjugates all that comes later, and
    at the end every row of the frame, C K being the new Clifford.
    """
    out: list[tuple[Pauli, Angle]] = []
    moving: list[tuple[Pauli, int]] = []
    many = Turns()
    for word, angle in (item for layer in layers for item in layer.items()):
        pauli = _conjugated(positive(*word), moving, many)
        rest, quarters = reduced_angle(angle if sign(pauli) > 0 else scale(angle, -1.0), lost)
        plain = positive(pauli[0], pauli[1])
        if quarters:
            moving.append((plain, quarters))
        if rest is not None:
            out.append((plain, rest))
    frame.x = [_conjugated(row, moving, many) for row in frame.x]
    frame.z = [_conjugated(row, moving, many) for row in frame.z]
    return out


def _conjugated(pauli: Pauli, moving: Sequence[tuple[Pauli, int]], many: Turns) -> Pauli:
    """A word conjugated by quarter turns in their order; `many` holds some of them, all where they are many."""
    if len(moving) > FEW:
        for generator, quarters in moving[len(many.quarters) :]:
            many.add(generator, quarters)
        return many.conjugated(pauli)
    for generator, quarters in moving:
        pauli = conjugated(pauli, generator, quarters)
    return pauli


def agreement(a: PauliForm, b: PauliForm, snap: float = SNAP) -> Agreement | None:
    """How closely two circuits agree, if their forms prove it; None proves nothing.

    Args:
        snap: radians between two constants that count as one; the difference is in the bound.
    """
    if a.rows != b.rows or [set(layer) for layer in a.layers] != [set(layer) for layer in b.layers]:
        return None
    absolute, slope = a.snapped + b.snapped, a.slope + b.slope
    for left, right in zip(a.layers, b.layers, strict=True):
        for word, angle in left.items():
            if angle == right[word]:
                continue
            difference = add(angle, right[word], -1.0)
            if any(abs(c) >= SLOPE for _, c in difference.terms) or abs(difference.constant) >= snap:
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
