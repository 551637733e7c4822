"""What can never happen, whatever the weights, features and inputs: amplitudes as polynomials, modulo a prime.

    K u  and  conj(K) v  for every path, at random u, v and random values of e^{i atom / d} in a field of 256 bits

A path whose two vectors are zero there is zero for all parameters and inputs, except with a chance below 1e-20
(as in `qverify.equivalence.field_identity`, whose point this uses). What is not zero may still never happen, since
atoms of one parameter count as independent; only the absence is taken from here.
Source: Schwartz, J. ACM 27, 701 (1980); Zippel (1979). Cost: O(paths 2**n) products of 256-bit integers a gate.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from qverify.angles import Angle, parameters_in
from qverify.equivalence.field_identity import Point
from qverify.equivalence.primes import ORDER, field_for, stream
from qverify.errors import Undecidable
from qverify.hygiene.paths import See, State, Vectors, Walk
from qverify.hygiene.program import Program, Step, executions
from qverify.semantics.rotations import Clifford, Rotation, steps_of

MAX_WIRES = 8
SNAPPED = 1e-9  # constants may be taken for multiples of pi / 2**15 by no more than this, all together
Gate = Clifford | Rotation


class Residues:
    """The arithmetic of one program at one point.

    Args:
        seed: text that names the circuit, the run and the point.
        like: another point, whose values of all that does not depend on data this one has too.

    Raises:
        Undecidable: too wide, or a gate without a rotation form.
    """

    def __init__(self, program: Program, seed: str, like: Residues | None = None) -> None:
        if program.n > MAX_WIRES:
            raise Undecidable(f"{program.n} wires are too many for exact arithmetic here (at most {MAX_WIRES})")
        self.program, self.n, self.seed = program, program.n, seed
        self.point: Point
        self.index = np.arange(2**program.n)
        self.gates = {s: list(steps_of(s.operation, s.wires)) for s in _gate_steps(program)}
        angles = [g for gates in self.gates.values() for g in gates]
        self.point = Point(like.point.field if like else field_for(seed), [angles], seed)
        if like is not None:
            self._agree_with(like)
        self.p = self.point.field.p
        zeta = self.point.field.zeta
        self.i = pow(zeta, ORDER // 4, self.p)
        eighth = pow(zeta, ORDER // 8, self.p)
        self.half = pow(2, -1, self.p)
        self.root_half = (eighth + pow(eighth, -1, self.p)) * self.half % self.p
        self.phases = {
            g: self.point.phase(g.angle) for gates in self.gates.values() for g in gates if isinstance(g, Rotation)
        }
        if self.point.snapped > SNAPPED:
            raise Undecidable("its constants are no multiples of pi / 2**15, and too many are nearly so")

    def _agree_with(self, like: Residues) -> None:
        """Take over the values of all variables but those that depend on data."""
        turned = [g for gates in self.gates.values() for g in gates if isinstance(g, Rotation)]
        atoms = {atom for g in turned for atom, _ in g.angle.terms}
        data = self.program.data
        moved = {a.text() for a in atoms if not parameters_in(Angle(0.0, ((a, 1.0),))).isdisjoint(data)}
        for name, value in like.point.values.items():
            if name not in moved and not any(name.endswith(f" of {text}") for text in moved):
                self.point.values[name] = value

    def walk(self, see: See) -> State:
        """Walk all paths from a random input.

        Raises:
            Undecidable: too many paths.
        """
        return self.walked(self.program.steps, {0: self.start()}, see)

    def walked(self, steps: Sequence[Step], state: State, see: See) -> State:
        """Walk some steps from a state."""
        walk = Walk(self.n, self.gate, lambda vectors: vectors, most=2**16, work=2**21)
        return walk.steps(steps, state, see)

    def numbers(self, name: str, count: int) -> Vectors:
        """Random residues; the same name gives the same ones at this point."""
        found = stream(f"{name}|{self.seed}")
        return np.array([next(found) % self.p for _ in range(count)], dtype=object)

    def start(self) -> Vectors:
        """Random vectors u and v on the wires that are free, |0> on the others; shape (1, 2, 2**n)."""
        fixed = sum(1 << k for k in self.program.zero)
        size = len(self.index)
        rows = [np.where(self.index & fixed, 0, self.numbers(name, size)) for name in ("u", "v")]
        return np.array([rows], dtype=object)

    def gate(self, step: Step, vectors: Vectors) -> Vectors:
        """A gate on the vectors of all paths."""
        for gate in self.gates[step]:
            vectors = self._clifford(gate, vectors) if isinstance(gate, Clifford) else self._rotation(gate, vectors)
        return vectors

    def _clifford(self, gate: Clifford, v: Vectors) -> Vectors:
        p, index, k = self.p, self.index, gate.wires[0]
        one = (index >> k & 1).astype(bool)
        if gate.name == "h":
            other = v[..., index ^ (1 << k)]
            return np.asarray(np.where(one, other - v, v + other) * self.root_half % p)
        if gate.name == "s":
            return np.asarray(np.where(one, v * np.array([[self.i], [-self.i % p]], dtype=object) % p, v))
        if gate.name == "cx":
            return np.asarray(v[..., index ^ (one.astype(np.int64) << gate.wires[1])])
        if gate.name == "swap":
            differ = (index >> k ^ index >> gate.wires[1]) & 1
            return np.asarray(v[..., index ^ (differ << k | differ << gate.wires[1])])
        if gate.name not in ("x", "y", "z"):
            raise Undecidable(f"the Clifford gate `{gate.name}` is not known here")
        if gate.name != "z":  # Y = i X Z, and a phase is no matter in a Kraus operator
            v = v[..., index ^ (1 << k)]
        return v if gate.name == "x" else np.asarray(np.where(one if gate.name == "z" else ~one, -v % p, v))

    def _rotation(self, gate: Rotation, v: Vectors) -> Vectors:
        """((1 + w) v + (1 - w) P v) / 2 with w = e^{it}; in the second row 1 / w and the conjugate of P."""
        p, index = self.p, self.index
        w = np.array([[self.phases[gate]], [pow(self.phases[gate], -1, p)]], dtype=object)
        x = sum(1 << k for letter, k in zip(gate.letters, gate.wires, strict=True) if letter in "XY")
        z = sum(1 << k for letter, k in zip(gate.letters, gate.wires, strict=True) if letter in "YZ")
        odd = (np.bitwise_count(index & z) & 1).astype(bool)
        turns = (x & z).bit_count()
        phases = np.array([[pow(self.i, turns, p)], [pow(self.i, -turns, p)]], dtype=object)
        moved = np.where(odd, -v % p, v)[..., index ^ x] * phases
        return np.asarray(((1 + w) * v + (1 - w) * moved) * self.half % p)


def _gate_steps(program: Program) -> list[Step]:
    return [s for s in executions(program.steps) if s.kind == "gate"]
