"""Are two circuits that measure equal for all angles? Their Kraus operators, compared in exact arithmetic.

    sum_k (w K_k u) (z conj(K_k) v)  for every classical record, at random u, v, w, z modulo random primes

A record's map rho -> sum_k K_k rho K_k^dagger is this form in (u, v) and (w, z), so two records have the same map
exactly when the sums are equal as polynomials. conj(K_k) is K_k with every variable e^{i atom / d} inverted and i
replaced by -i, a polynomial again, so it is carried along as a second vector. Paths are enumerated as by the
reference semantics: measurements project, resets have two Kraus operators, stores write, the memory chooses; all
paths that run the same body are one array. Equal circuits agree always; different ones by chance with the
probability given (`branch_chances`).
Source: Schwartz, J. ACM 27, 701 (1980); Zippel (1979). Cost: O(paths 2**n) products of integers a gate.
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
from qverify.equivalence.branch_chances import Run, places
from qverify.equivalence.field_identity import Identity
from qverify.equivalence.residues import Residues
from qverify.errors import Undecidable
from qverify.semantics.loops import around
from qverify.semantics.memory import Scope, given, left, outermost, stored, within
from qverify.semantics.rotations import Rotation, Step, steps_of
from qverify.semantics.run import Turn, bodies, turns_of, while_loop
from qverify.structure import is_leaf
from qverify.subject.claims import Notion

MAX_WORK = 2**24  # products of integers
OVERHEAD = 128  # an operation takes as long as so many products, however few there are
MAX_PATHS = 2**14
MAX_WIRES = 14


@dataclass(frozen=True)
class Paths:
    """The classical memory of every path, and K u and conj(K) v: shape (primes, paths, 2, 2**n)."""

    memory: tuple[int, ...]
    vectors: Residues


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
    for place in places(programs, a.circuit.num_qubits, seed):
        runs = Run(place), Run(place)
        sums = [_Walk(side, run, seed).sums(notion) for side, run in zip((a, b), runs, strict=True)]
        if sums[0] != sums[1]:
            return None
        found = place.identity(runs)
        if found is not None:
            return found
    raise Undecidable("its exact arithmetic has too large a chance to be wrong")


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


def _merged(parts: Sequence[Paths]) -> Paths:
    if len(parts) == 1:
        return parts[0]
    memory = tuple(m for part in parts for m in part.memory)
    return Paths(memory, np.concatenate([part.vectors for part in parts], axis=1))


def _groups(keys: Iterable[Any]) -> dict[Any, list[int]]:
    """The places of each key."""
    found: dict[Any, list[int]] = {}
    for k, key in enumerate(keys):
        found.setdefault(key, []).append(k)
    return found


def _some(paths: Paths, chosen: Sequence[int]) -> Paths:
    if len(chosen) == len(paths.memory):
        return paths
    return Paths(tuple(paths.memory[k] for k in chosen), paths.vectors[:, list(chosen)])


class _Walk:
    """One circuit's paths, at one place."""

    def __init__(self, side: Ends, run: Run, seed: str) -> None:
        self.side, self.run, self.seed = side, run, seed
        self.n = side.circuit.num_qubits
        self.index = np.arange(2**self.n)
        self.work = 0
        self.turned: dict[str, float] = {}

    def random(self, name: str, kept: Sequence[int]) -> Residues:
        """Random values on some wires: the same ones for both circuits, in the order of the wires."""
        return self.run.place.drawn(f"{name}|{self.seed}", 2 ** len(kept))

    def spread(self, kept: Sequence[int]) -> NDArray[np.int64]:
        """For each basis state of all wires, the index of its part on the kept ones."""
        return np.asarray(sum((self.index >> wire & 1) << k for k, wire in enumerate(kept)) + 0 * self.index)

    def start(self) -> Paths:
        inputs = [k for k in range(self.n) if k not in set(self.side.zero)]
        at = self.spread(inputs)
        on_zero = np.all([(self.index >> k & 1) == 0 for k in self.side.zero], axis=0) | (self.index < 0)
        rows = [np.where(on_zero, self.random(name, inputs)[..., at], 0) for name in ("u", "v")]
        return Paths((0,), np.concatenate(rows, axis=2))

    def sums(self, notion: Notion) -> dict[int, tuple[int, ...]]:
        """The sum over paths for every record, modulo each prime; records whose sum is zero are left out."""
        wires = {q: k for k, q in enumerate(self.side.circuit.qubits)}
        whole = self.side.circuit
        end = self.circuit(whole, self.start(), wires, outermost(whole))
        mask = 0 if notion == "channel" else (1 << whole.num_clbits) - 1
        primes = self.run.place.modulus.primes
        values = self.contracted(end.vectors, notion)  # (primes, paths)
        found = {
            record: tuple(int(row[chosen].sum() % p) for row, p in zip(values, primes, strict=True))
            for record, chosen in _groups(memory & mask for memory in end.memory).items()
        }
        return {record: value for record, value in found.items() if any(value)}

    def contracted(self, vectors: Residues, notion: Notion) -> NDArray[np.object_]:
        modulus = self.run.place.modulus
        outputs = [k for k in range(self.n) if k not in set(self.side.discard)]
        lost = [k for k in range(self.n) if k in set(self.side.discard)]
        rows = [vectors[:, :, [row]] for row in (0, 1)]
        if notion != "outcomes":
            at, order = self.spread(outputs), np.argsort(self.spread(lost), kind="stable")
            # one row for each state of the wires that are traced out, which both vectors share
            for row, name in ((0, "w"), (1, "z")):
                weighed = modulus.scaled(rows[row], modulus.factor(self.random(name, outputs)[..., at]))
                shape = *vectors.shape[:2], 2 ** len(lost), -1
                rows[row] = modulus.total(weighed[..., order].reshape(shape)).transpose(0, 1, 3, 2)
        return modulus.total(modulus.scaled(rows[0], modulus.factor(rows[1])))[:, :, 0, 0].astype(object)

    def circuit(self, circuit: QuantumCircuit, paths: Paths, wires: Mapping[Any, int], scope: Scope) -> Paths:
        for item in circuit.data:
            where, into = tuple(wires[q] for q in item.qubits), [scope.places[c] for c in item.clbits]
            paths = self.operation(item.operation, paths, where, into, scope)
            self.work += len(paths.memory) * 2**self.n + OVERHEAD
            if len(paths.memory) > MAX_PATHS or self.work > MAX_WORK:
                raise Undecidable("it has too many paths for exact arithmetic")
        return paths

    def operation(
        self, op: Operation, paths: Paths, where: tuple[int, ...], into: list[int], scope: Scope
    ) -> Paths:
        if isinstance(op, Barrier | Delay) or not paths.memory:
            return paths
        if isinstance(op, Measure):
            return self.measure(paths, where[0], into[0])
        if isinstance(op, Reset):
            return self.forked(paths, where[0], paths.memory * 2, back=True)
        if isinstance(op, WhileLoopOp):
            return self.while_loop(op, paths, where, into, scope)
        if isinstance(op, ControlFlowOp):
            return self.control_flow(op, paths, where, into, scope)
        if isinstance(op, Store):
            after = {memory: stored(op, memory, scope) for memory in set(paths.memory)}
            return Paths(tuple(after[memory] for memory in paths.memory), paths.vectors)
        if is_leaf(op):
            vectors = paths.vectors
            for step in _turned(op, where, self.turned):
                vectors = self.step(step, vectors)
            return Paths(paths.memory, vectors)
        return self.turn(Turn(op.definition), paths, where, into, scope)

    def measure(self, paths: Paths, wire: int, bit: int) -> Paths:
        zeros = [memory & ~(1 << bit) for memory in paths.memory]
        return self.forked(paths, wire, (*zeros, *(memory | 1 << bit for memory in zeros)), back=False)

    def forked(self, paths: Paths, wire: int, memory: tuple[int, ...], *, back: bool) -> Paths:
        """|0><0| on a wire of every path, then |1><1| or, back to zero, |0><1|; paths that end are left out."""
        old = paths.vectors
        primes, count, _, _ = old.shape
        halves = old.reshape(primes, count, 2, -1, 2, 2**wire)
        new = np.zeros((primes, 2 * count, *halves.shape[2:]), dtype=old.dtype)
        new[:, :count, ..., 0, :] = halves[..., 0, :]
        new[:, count:, ..., 0 if back else 1, :] = halves[..., 1, :]
        out = Paths(memory, new.reshape(primes, 2 * count, 2, -1))
        return _some(out, np.flatnonzero(np.any(out.vectors != 0, axis=(0, 2, 3))).tolist())

    def turn(self, turn: Turn, paths: Paths, where: tuple[int, ...], into: list[int], scope: Scope) -> Paths:
        """One execution of a body or a definition."""
        inner, outer = within(scope, turn.body, into, turn.variable), self.turned
        memory = paths.memory
        if turn.variable is not None:
            memory = tuple(given(turn.variable, turn.value, m, inner) for m in memory)
        self.turned = {**outer, **turn.parameter}
        wires = dict(zip(turn.body.qubits, where, strict=True))
        end = self.circuit(turn.body, Paths(memory, paths.vectors), wires, inner)
        self.turned = outer
        return Paths(tuple(left(m, scope) for m in end.memory), end.vectors)

    def while_loop(
        self, op: WhileLoopOp, paths: Paths, where: tuple[int, ...], into: list[int], scope: Scope
    ) -> Paths:
        goes_on, once = while_loop(op, scope.places)

        def again(_: int, parts: list[Paths]) -> dict[int, list[Paths]]:
            return _by_memory(self.turn(once, _merged(parts), where, into, scope))

        ends = around(_by_memory(paths), goes_on, again)[0]
        return _merged([part for parts in ends.values() for part in parts])

    def control_flow(
        self, op: ControlFlowOp, paths: Paths, where: tuple[int, ...], into: list[int], scope: Scope
    ) -> Paths:
        chosen = {memory: list(bodies(op, memory, scope.places)) for memory in set(paths.memory)}
        keys = {memory: tuple(id(turn.body) for turn in turns) for memory, turns in chosen.items()}
        found = []
        for places_ in _groups(keys[memory] for memory in paths.memory).values():
            part = _some(paths, places_)
            for turn in chosen[part.memory[0]]:
                part = self.turn(turn, part, where, into, scope)
            found.append(part)
        return _merged(found)

    def step(self, step: Step, v: Residues) -> Residues:
        self.run.executed(step)
        if isinstance(step, Rotation):
            return self.rotate(step, v)
        k = step.wires[0]
        bit = self.index >> k & 1
        if step.name in ("x", "y"):
            v = v[..., self.index ^ (1 << k)]  # Y = i X Z: a phase is no matter in a Kraus operator
        if step.name in ("z", "y"):
            v = v * (1 - 2 * bit if step.name == "z" else 2 * bit - 1)
        if step.name == "s":
            return self.run.place.modulus.scaled(v, self.run.place.quarter(k, self.index))
        if step.name == "h":
            c, s = self.run.place.hadamard(k, self.index)
            return self.run.place.modulus.mixed(v, c, v[..., self.index ^ (1 << k)], s)
        if step.name == "cx":
            return np.asarray(v[..., self.index ^ bit << step.wires[1]])
        if step.name == "swap":
            a, b = step.wires
            differ = (self.index >> a ^ self.index >> b) & 1
            return np.asarray(v[..., self.index ^ (differ << a | differ << b)])
        if step.name not in ("x", "y", "z"):
            raise AssertionError(f"an unknown Clifford gate `{step.name}`")
        return v

    def rotate(self, step: Rotation, v: Residues) -> Residues:
        """(1 + w) v / 2 + (1 - w) P v / 2 with w = e^{it}, in the second row e^{-it} and the conjugate of P."""
        x, c, s = self.run.place.rotation(step, self.index)
        modulus = self.run.place.modulus
        return modulus.scaled(v, c) if s is None else modulus.mixed(v, c, v[..., self.index ^ x], s)


def _by_memory(paths: Paths) -> dict[int, list[Paths]]:
    return {memory: [_some(paths, chosen)] for memory, chosen in _groups(paths.memory).items()}
