"""Are two circuits that measure equal for all angles? Their Kraus operators, compared in exact arithmetic.

    sum_k (w K_k u) (z conj(K_k) v)  for every classical record, at random u, v, w, z modulo a random prime

A record's map rho -> sum_k K_k rho K_k^dagger is this form in (u, v) and (w, z), so two records have the same map
exactly when the sums are equal as polynomials. conj(K_k) is K_k with every variable e^{i atom / d} inverted and i
replaced by -i, a polynomial again, so it is carried along as a second vector. Paths are enumerated as by the
reference semantics: measurements project, resets have two Kraus operators, stores write, the memory chooses. Equal
circuits agree always; different ones by chance with the probability given, as in `field_identity`.
Source: Schwartz, J. ACM 27, 701 (1980); Zippel (1979). Cost: O(paths 2**n) products of 256-bit integers a gate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import (
    Barrier,
    ControlFlowOp,
    Delay,
    ForLoopOp,
    Measure,
    Operation,
    QuantumCircuit,
    Reset,
    Store,
    WhileLoopOp,
)

from qverify.angles import Angle, substitute
from qverify.equivalence.field_identity import Identity, Point
from qverify.equivalence.primes import ORDER, field_for, stream
from qverify.equivalence.rotations import Clifford, Rotation, Step, steps_of
from qverify.errors import Undecidable
from qverify.semantics.loops import around
from qverify.semantics.memory import Scope, given, left, outermost, stored, within
from qverify.semantics.run import Turn, bodies, turns_of, while_loop
from qverify.structure import is_leaf
from qverify.subject.claims import Notion

MAX_WORK = 2**24  # products of integers: about half a minute
OVERHEAD = 128  # an operation takes as long as so many products, however few there are
MAX_PATHS = 2**14
MAX_WIRES = 14
Vectors = NDArray[np.object_]  # (paths, 2, 2**n): K u and conj(K) v of each path, modulo p
State = dict[int, Vectors]


@dataclass(frozen=True)
class Ends:
    """A circuit, and its wires that start in |0> or are traced out."""

    circuit: QuantumCircuit
    zero: Sequence[int] = ()
    discard: Sequence[int] = ()


def same_maps(a: Ends, b: Ends, notion: Notion, seed: str) -> Identity | None:
    """Test two circuits for equal maps, record by record, for all values of their parameters.

    Args:
        notion: `instrument`, `channel` (records summed) or `outcomes` (wires traced out).
        seed: text that names the pair and the run.

    Returns:
        None where they disagree, which is a hint and no proof.

    Raises:
        Undecidable: too many paths or gates, something that is not understood, or widths that do not fit.
    """
    if max(a.circuit.num_qubits, b.circuit.num_qubits) > MAX_WIRES:
        raise Undecidable(f"too many wires for exact arithmetic on every path (at most {MAX_WIRES})")
    programs = [list(_all_steps(side.circuit, {})) for side in (a, b)]
    point = Point(field_for(seed), programs, seed)
    sums = [_Walk(side, point, seed).sums(notion) for side in (a, b)]
    if sums[0] != sums[1]:
        return None
    return Identity(2 * point.chance([p + p for p in programs], a.circuit.num_qubits + 16), point.snapped)


def _all_steps(circuit: QuantumCircuit, turn: Mapping[str, float]) -> Iterator[Step]:
    """Every step that any path may take, for the denominators of the angles and the degree."""
    for item in circuit.data:
        op = item.operation
        if isinstance(op, ForLoopOp):
            for once in turns_of(op):
                yield from _all_steps(once.body, {**turn, **once.parameter})
        elif isinstance(op, ControlFlowOp):
            for body in op.blocks:
                yield from _all_steps(body, turn)
        elif not isinstance(op, Measure | Reset | Store | Barrier | Delay):
            if is_leaf(op):
                yield from _turned(op, tuple(range(len(item.qubits))), turn)
            else:
                yield from _all_steps(op.definition, turn)


def _turned(op: Operation, wires: tuple[int, ...], turn: Mapping[str, float]) -> Iterator[Step]:
    """The steps of a gate, with the numbers of loop variables."""
    for step in steps_of(op, wires):
        yield Rotation(step.letters, step.wires, _at(step.angle, turn)) if isinstance(step, Rotation) else step


def _at(angle: Angle, turn: Mapping[str, float]) -> Angle:
    for name, value in turn.items():
        angle = substitute(angle, name, value)
    return angle


def _merged(parts: Iterable[tuple[int, Vectors]]) -> State:
    out: dict[int, list[Vectors]] = {}
    for memory, vectors in parts:
        out.setdefault(memory, []).append(vectors)
    return {memory: np.concatenate(found) for memory, found in out.items()}


class _Walk:
    """One circuit's paths, at one point of the field."""

    def __init__(self, side: Ends, point: Point, seed: str) -> None:
        self.side, self.point, self.p = side, point, point.field.p
        self.n = side.circuit.num_qubits
        self.index = np.arange(2**self.n)
        self.i = pow(point.field.zeta, ORDER // 4, self.p)
        eighth = pow(point.field.zeta, ORDER // 8, self.p)
        self.half = pow(2, -1, self.p)
        self.root_half = (eighth + pow(eighth, -1, self.p)) * self.half % self.p  # 1 / sqrt 2
        self.seed, self.work = seed, 0
        self.turned: dict[str, float] = {}

    def random(self, name: str, kept: Sequence[int]) -> NDArray[np.object_]:
        """Random values on some wires: the same ones for both circuits, in the order of the wires."""
        numbers = stream(f"{name}|{self.seed}")
        return np.array([next(numbers) % self.p for _ in range(2 ** len(kept))], dtype=object)

    def spread(self, kept: Sequence[int]) -> NDArray[np.int64]:
        """For each basis state of all wires, the index of its part on the kept ones."""
        return np.asarray(sum((self.index >> wire & 1) << k for k, wire in enumerate(kept)) + 0 * self.index)

    def start(self) -> Vectors:
        inputs = [k for k in range(self.n) if k not in set(self.side.zero)]
        at = self.spread(inputs)
        on_zero = np.all([(self.index >> k & 1) == 0 for k in self.side.zero], axis=0) | (self.index < 0)
        rows = [np.where(on_zero, self.random(name, inputs)[at], 0) for name in ("u", "v")]
        return np.array([rows], dtype=object)

    def sums(self, notion: Notion) -> dict[int, int]:
        """The sum over paths for every record; records whose sum is zero are left out."""
        wires = {q: k for k, q in enumerate(self.side.circuit.qubits)}
        whole = self.side.circuit
        end = self.circuit(whole, {0: self.start()}, wires, outermost(whole))
        records = _merged((memory & ((1 << whole.num_clbits) - 1), vectors) for memory, vectors in end.items())
        found = {record: self.contracted(vectors, notion) for record, vectors in records.items()}
        if notion == "channel":
            found = {0: sum(found.values()) % self.p}
        return {record: value for record, value in found.items() if value}

    def contracted(self, vectors: Vectors, notion: Notion) -> int:
        outputs = [k for k in range(self.n) if k not in set(self.side.discard)]
        if notion == "outcomes":
            return int((vectors[:, 0] * vectors[:, 1]).sum() % self.p)
        lost = [k for k in range(self.n) if k in set(self.side.discard)]
        at, order = self.spread(outputs), np.argsort(self.spread(lost), kind="stable")
        # one row for each state of the wires that are traced out, which both vectors share
        sums = [
            (vectors[:, row] * self.random(name, outputs)[at] % self.p)[:, order]
            .reshape(len(vectors), 2 ** len(lost), -1)
            .sum(axis=2)
            % self.p
            for row, name in ((0, "w"), (1, "z"))
        ]
        return int((sums[0] * sums[1]).sum() % self.p)

    def circuit(self, circuit: QuantumCircuit, state: State, wires: Mapping[Any, int], scope: Scope) -> State:
        for item in circuit.data:
            where, into = tuple(wires[q] for q in item.qubits), [scope.places[c] for c in item.clbits]
            state = self.operation(item.operation, state, where, into, scope)
            self.spend(state)
        return state

    def spend(self, state: State) -> None:
        paths = sum(map(len, state.values()))
        self.work += paths * 2**self.n + OVERHEAD
        if paths > MAX_PATHS or self.work > MAX_WORK:
            raise Undecidable("it has too many paths for exact arithmetic")

    def operation(
        self, op: Operation, state: State, where: tuple[int, ...], into: list[int], scope: Scope
    ) -> State:
        if isinstance(op, Barrier | Delay):
            return state
        if isinstance(op, Measure):
            return self.measure(state, where[0], into[0])
        if isinstance(op, Reset):
            return {record: self.reset(vectors, where[0]) for record, vectors in state.items()}
        if isinstance(op, ControlFlowOp):
            return self.control_flow(op, state, where, into, scope)
        if isinstance(op, Store):
            return _merged((stored(op, memory, scope), vectors) for memory, vectors in state.items())
        if is_leaf(op):
            program = list(_turned(op, where, self.turned))
            return {record: self.gate(program, vectors) for record, vectors in state.items()}
        return self.turn(Turn(op.definition), state, where, into, scope)

    def half_of(self, vectors: Vectors, wire: int, value: int) -> Vectors:
        """|value><value| on a wire; paths that end are left out."""
        out = np.where((self.index >> wire & 1) == value, vectors, 0)
        alive = np.any(out != 0, axis=(1, 2))
        return np.asarray(out[alive], dtype=object)

    def measure(self, state: State, wire: int, bit: int) -> State:
        out: dict[int, list[Vectors]] = {}
        for record, vectors in state.items():
            for outcome in (0, 1):
                part = self.half_of(vectors, wire, outcome)
                if len(part):
                    out.setdefault(record & ~(1 << bit) | outcome << bit, []).append(part)
        return {record: np.concatenate(parts) for record, parts in out.items()}

    def reset(self, vectors: Vectors, wire: int) -> Vectors:
        ones = self.half_of(vectors, wire, 1)[..., self.index ^ (1 << wire)]
        return np.concatenate([self.half_of(vectors, wire, 0), ones])

    def turn(self, turn: Turn, state: State, where: tuple[int, ...], into: list[int], scope: Scope) -> State:
        """One execution of a body or a definition."""
        inner, outer = within(scope, turn.body, into, turn.variable), self.turned
        if turn.variable is not None:
            state = {given(turn.variable, turn.value, memory, inner): v for memory, v in state.items()}
        self.turned = {**outer, **turn.parameter}
        end = self.circuit(turn.body, state, dict(zip(turn.body.qubits, where, strict=True)), inner)
        self.turned = outer
        return _merged((left(memory, scope), vectors) for memory, vectors in end.items())

    def control_flow(
        self, op: ControlFlowOp, state: State, where: tuple[int, ...], into: list[int], scope: Scope
    ) -> State:
        if isinstance(op, WhileLoopOp):
            goes_on, once = while_loop(op, scope.places)

            def again(memory: int, parts: list[Vectors]) -> dict[int, list[Vectors]]:
                end = self.turn(once, {memory: np.concatenate(parts)}, where, into, scope)
                return {reached: [vectors] for reached, vectors in end.items()}

            ends = around({memory: [vectors] for memory, vectors in state.items()}, goes_on, again)[0]
            return {memory: np.concatenate(parts) for memory, parts in ends.items()}
        found: list[tuple[int, Vectors]] = []
        for memory, vectors in state.items():
            part: State = {memory: vectors}
            for turn in bodies(op, memory, scope.places):
                part = self.turn(turn, part, where, into, scope)
            found += part.items()
        return _merged(found)

    def gate(self, program: Sequence[Step], vectors: Vectors) -> Vectors:
        for step in program:
            vectors = self.clifford(step, vectors) if isinstance(step, Clifford) else self.rotate(step, vectors)
        return vectors

    def clifford(self, gate: Clifford, v: Vectors) -> Vectors:
        p, k = self.p, gate.wires[0]
        bit = (self.index >> k & 1).astype(bool)
        if gate.name in ("x", "y"):
            v = v[..., self.index ^ (1 << k)]  # Y = i X Z: a phase is no matter in a Kraus operator
        if gate.name in ("z", "y"):
            v = np.where(bit if gate.name == "z" else ~bit, -v % p, v)
        if gate.name == "s":
            phases = np.array([[self.i], [-self.i % p]], dtype=object)
            return np.asarray(np.where(bit, v * phases % p, v))
        if gate.name == "h":
            other = v[..., self.index ^ (1 << k)]
            return np.asarray(np.where(bit, other - v, v + other) * self.root_half % p)
        if gate.name == "cx":
            return np.asarray(v[..., self.index ^ (bit.astype(np.int64) << gate.wires[1])])
        if gate.name == "swap":
            a, b = gate.wires
            differ = (self.index >> a ^ self.index >> b) & 1
            return np.asarray(v[..., self.index ^ (differ << a | differ << b)])
        if gate.name not in ("x", "y", "z"):
            raise AssertionError(f"an unknown Clifford gate `{gate.name}`")
        return v

    def rotate(self, step: Rotation, v: Vectors) -> Vectors:
        """(1 + w) v / 2 + (1 - w) P v / 2 with w = e^{it}, in the second row e^{-it} and the conjugate of P."""
        p = self.p
        forward = self.point.phase(step.angle)
        w = np.array([[forward], [pow(forward, -1, p)]], dtype=object)
        x = sum(1 << k for letter, k in zip(step.letters, step.wires, strict=True) if letter in "XY")
        z = sum(1 << k for letter, k in zip(step.letters, step.wires, strict=True) if letter in "YZ")
        odd = (np.bitwise_count(self.index & z) & 1).astype(bool)
        if x == 0:
            return np.asarray(np.where(odd, v * w % p, v))
        turns = (x & z).bit_count()
        phases = np.array([[pow(self.i, turns, p)], [pow(self.i, -turns, p)]], dtype=object)
        moved = np.where(odd, -v % p, v)[..., self.index ^ x] * phases
        return np.asarray(((1 + w) * v + (1 - w) * moved) * self.half % p)
