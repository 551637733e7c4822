"""Telling two circuits apart by something that happens more often in one of them: at any width.

    event = values of some bits of the record, and of some outputs measured at the end in X, Y or Z

    |P_A(event) - P_B(event)|  <=  total variation of the outcomes,  <=  1/2 diamond norm of the difference

An event is drawn from one circuit, its probability is computed in both (`records`), and the first bits of it are
kept that tell the two apart best. Inputs are product states: simple ones first, then such that make the drawn
record likely, K^dagger K psi for the operator K of its path.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from qiskit.circuit import QuantumCircuit

from qverify.draws import LETTERS, product_state
from qverify.equivalence.factors import Product, Vector
from qverify.equivalence.narrow import Gate, Measured, Step, steps_of, written
from qverify.equivalence.permutation import bits as ones
from qverify.equivalence.question import Pair, Question
from qverify.equivalence.records import Drawn, Probability, draw, probability
from qverify.errors import Undecidable
from qverify.semantics.binding import bind

DRAWS = 2  # random inputs, and bases of the outputs
NARROW, MANY_DRAWS = 6, 24  # wires, up to which more are drawn
SHARPENED = 2  # times that an input is fitted to a record
RELATIVE = 1e-7  # relative difference of two probabilities that is worth looking at bit by bit
ALONE = 16  # bits, up to which each is looked at by itself
_R = math.sqrt(0.5)
TURNS = {
    "X": np.array([[_R, _R], [_R, -_R]], dtype=np.complex128),
    "Y": np.array([[_R, -1j * _R], [_R, 1j * _R]], dtype=np.complex128),
}
Inputs = tuple[Vector, ...]  # one unit vector a wire


@dataclass(frozen=True)
class Event:
    """Where two circuits differ, and by how much.

    inputs: a letter of `draws.LETTERS` for each wire of A, or the angles (theta, phi) of cos|0> + e^{i phi} sin|1>.
    bits: values of bits of the record. ends: (basis, outcome) of outputs measured at the end, by wire of A.
    """

    inputs: tuple[str | tuple[float, float], ...]
    bits: Mapping[int, int]
    ends: Mapping[int, tuple[str, int]]
    left: Probability
    right: Probability

    @property
    def gap(self) -> float:
        """What |P_A - P_B| is at least."""
        return abs(self.left.value - self.right.value) - self.left.error - self.right.error


def vector(one: str | tuple[float, float]) -> Vector:
    """The state of one wire."""
    if isinstance(one, str):
        return np.asarray(product_state(one)[0])
    theta, phi = one
    return np.array([math.cos(theta / 2), np.exp(1j * phi) * math.sin(theta / 2)])


class Side:
    """One circuit with numbers for angles, and where its inputs and outputs are.

    n_bits: of the longer record; bits that a circuit lacks are 0, as those that it never writes.
    """

    def __init__(
        self, circuit: QuantumCircuit, n_bits: int, question: Question, zero: Sequence[int], gone: Sequence[int]
    ) -> None:
        self.n, self.n_bits = circuit.num_qubits, n_bits
        self.inputs = [] if question.input == "zero" else [k for k in range(self.n) if k not in set(zero)]
        self.outputs = [k for k in range(self.n) if k not in set(gone)]
        self.steps = steps_of(circuit)
        self.reads_ends = question.notion != "outcomes"
        self.reads_bits = question.notion != "channel"

    def measured(self, basis: str) -> list[Step]:
        """The steps, and then every output measured in its basis into a bit behind those of the record."""
        steps = list(self.steps)
        if self.reads_ends:
            for j, (wire, letter) in enumerate(zip(self.outputs, basis, strict=True)):
                if letter in TURNS:
                    steps.append(Gate(TURNS[letter], (wire,), 0))
                steps.append(Measured(wire, self.n_bits + j))
        return steps

    def start(self, inputs: Inputs) -> Product:
        """The product state of all wires."""
        states = [np.array([1.0, 0.0], dtype=np.complex128)] * self.n
        for wire, state in zip(self.inputs, inputs, strict=True):
            states[wire] = state
        return Product(states)


def telling_event(pair: Pair, at: Mapping[str, float], tolerance: float, *, thorough: bool = False) -> Event | None:
    """An event whose probabilities differ by more than the tolerance, at given parameters; None: none was found.

    Args:
        thorough: there is one, and it is worth looking longer on few wires.

    Raises:
        Undecidable: a circuit has no steps that can be run.
    """
    question = pair.question
    circuits = [side.circuit if pair.bound else bind(side.circuit, dict(at)) for side in (pair.a, pair.b)]
    n_bits = max(circuit.num_clbits for circuit in circuits)
    sides = (
        Side(circuits[0], n_bits, question, (), ()),
        Side(circuits[1], n_bits, question, question.ancilla, question.discard),
    )
    rng = pair.generator(f"events {sorted(at.items())}")
    for letters, basis in _tries(sides[0], rng, MANY_DRAWS if thorough and pair.wires <= NARROW else DRAWS):
        try:
            found = _at_input(sides, tuple(letters), basis, tolerance, rng, fit=bool(letters))
        except Undecidable:
            continue  # this input entangles too much
        if found is not None:
            return found
    return None


def _tries(side: Side, rng: Generator, drawn: int) -> Iterator[tuple[str, str]]:
    n_in, n_out = len(side.inputs), len(side.outputs)
    for letter, basis in ("0Z", "0X", "+X", "1Z", "+Z", "0Y"):
        if letter == "0" or n_in:
            yield letter * n_in, basis * n_out
    for _ in range(drawn):
        word = "".join(LETTERS[k] for k in rng.integers(len(LETTERS), size=n_in))
        yield word, "".join("XYZ"[k] for k in rng.integers(3, size=n_out))


Sides = tuple[Side, Side]
Described = tuple[str | tuple[float, float], ...]


def _at_input(
    sides: Sides, inputs: Described, basis: str, tolerance: float, rng: Generator, *, fit: bool
) -> Event | None:
    """An event found by drawing from either circuit at one input, and at inputs fitted to what was drawn."""
    steps = [side.measured(basis) for side in sides]
    for drawn_from in (0, 1):
        for likeliest in (True, False):
            now = inputs
            for turn in range(1 + (SHARPENED if fit else 0)):
                states = tuple(vector(one) for one in now)
                starts = [side.start(states) for side in sides]
                drawn = draw(steps[drawn_from], starts[drawn_from], rng, likeliest=likeliest or turn > 0)
                found = _compared(sides, steps, starts, drawn, now, basis)
                if found is not None and found.gap > tolerance:
                    return found
                if turn < SHARPENED and fit:
                    now = _fitted(sides[drawn_from], drawn)
    return None


def _fitted(side: Side, drawn: Drawn) -> Described:
    """The product state nearest to K^dagger K psi, wire by wire, for K the operators of a path."""
    state = drawn.end.copy()
    for matrix, wires in reversed(drawn.operators):
        state.apply(matrix.conj().T, wires)
    return tuple(_angles(state.wire_state(wire)) for wire in side.inputs)


def _angles(state: Vector) -> str | tuple[float, float]:
    """The letter of a state, or its angles, to six digits."""
    theta = 2 * math.atan2(abs(state[1]), abs(state[0]))
    phi = float(np.angle(state[1]) - np.angle(state[0])) if abs(state[0]) > 0 < abs(state[1]) else 0.0
    told = round(theta, 6), round(math.remainder(phi, 2 * math.pi), 6)
    return next(
        (letter for letter in LETTERS if np.abs(_bloch(vector(letter)) - _bloch(vector(told))).max() < 1e-6), told
    )


def _bloch(state: Vector) -> Vector:
    cross = 2 * np.conj(state[0]) * state[1]
    return np.array([cross.real, cross.imag, abs(state[0]) ** 2 - abs(state[1]) ** 2])


def _compared(
    sides: Sides,
    steps: Sequence[Sequence[Step]],
    starts: Sequence[Product],
    drawn: Drawn,
    inputs: Described,
    basis: str,
) -> Event | None:
    """The first bits of a drawn record that tell the circuits apart best."""
    n_bits = sides[0].n_bits
    order = [bit for bit in drawn.order if sides[0].reads_bits or bit >= n_bits]
    if sides[0].reads_bits:  # a bit that only the other circuit writes is 0 here
        either = 0
        for step in (*steps[0], *steps[1]):
            either |= written(step)
        order += [bit for bit in ones(either) if bit < n_bits and bit not in drawn.values]
    values = {bit: drawn.values.get(bit, 0) for bit in order}

    def event(some: Sequence[int]) -> Event:
        wanted = {bit: values[bit] for bit in some}
        left, right = (probability(s, start, wanted) for s, start in zip(steps, starts, strict=True))
        ends = {bit - n_bits: (basis[bit - n_bits], v) for bit, v in wanted.items() if bit >= n_bits}
        return Event(inputs, {b: v for b, v in wanted.items() if b < n_bits}, ends, left, right)

    if not order:
        return None
    best = event(order)
    differs = abs(best.left.log2 - best.right.log2)
    for some in _parts(order, first=differs >= RELATIVE):
        with suppress(Undecidable):  # what is not asked for leaves more paths
            best = max(best, event(some), key=lambda found: found.gap)
    return best


def _parts(order: Sequence[int], *, first: bool) -> Iterator[Sequence[int]]:
    """The first one, two, three ... in wider and wider steps; and single bits, where they are few."""
    count = 1
    while first and count < len(order):
        yield order[:count]
        count = count + 1 if count < 8 else count + count // 4
    if len(order) <= ALONE:
        yield from ([bit] for bit in order)


def chance(
    circuit: QuantumCircuit,
    inputs: Sequence[str | tuple[float, float]],
    bits: Mapping[int, int],
    ends: Mapping[int, tuple[str, int]] | None = None,
) -> float:
    """The probability that bits of the record, and wires measured at the end, have given values.

    Args:
        circuit: with numbers for angles.
        inputs: the state of every wire: one of `0 1 + - r l`, or (theta, phi).
        bits: classical bit -> value at the end; one that the circuit lacks is 0.
        ends: wire -> (basis X, Y or Z, outcome).

    Raises:
        Undecidable: parameters are left, or the circuit entangles too much.
    """
    steps, wanted = steps_of(circuit), dict(bits)
    n_bits = max([circuit.num_clbits, *(bit + 1 for bit in bits)])
    for j, (wire, (basis, outcome)) in enumerate(sorted((ends or {}).items())):
        if basis in TURNS:
            steps.append(Gate(TURNS[basis], (wire,), 0))
        steps.append(Measured(wire, n_bits + j))
        wanted[n_bits + j] = outcome
    return probability(steps, Product([vector(one) for one in inputs]), wanted).value
