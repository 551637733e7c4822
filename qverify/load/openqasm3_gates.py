"""Gates of OpenQASM 3: the built-in `U` and `gphase`, the standard library, definitions, modifiers.

Rule: a gate is a tree of shared parts, so a definition used twice is stored once; a modifier acts on the parts:
inv(A B) = inv(B) inv(A), ctrl(A B) = ctrl(A) ctrl(B), and ctrl of a phase e^{ia} is `p(a)` on the control.
Source: OpenQASM 3.1 specification, "Gates", and its stdgates.inc.

Phases by which a library gate differs from Qiskit's class are kept inside definitions and under `ctrl`, where they
can be observed, and dropped where the gate stands alone in the program, where they cannot.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from qiskit import QuantumCircuit
from qiskit.circuit import Gate
from qiskit.circuit.library import PhaseGate

from qverify.errors import CannotLoad
from qverify.load.openqasm3_expressions import Value
from qverify.load.openqasm3_library import STDGATES, StandardGate
from qverify.load.standard import own_name, standard_twin

MAX_LEAVES = 10_000_000
MAX_CONTROLS = 20
MAX_PARTS = 50_000  # different gates built for one file


@dataclass(frozen=True, eq=False)
class Part:
    """A gate on `num_qubits` qubits: a leaf (`parts` is None) or a sequence of parts on qubit positions.

    Args:
        gate: what Qiskit applies, None for a bare phase.
        phase: radians, not in `gate` of a leaf and in `gate` of a sequence.
        leaves: number of library gates after full expansion.
        base: for a controlled leaf, the leaf and how many controls it has.
    """

    name: str
    num_qubits: int
    gate: Gate | None
    phase: Value
    parts: tuple[tuple[Part, tuple[int, ...]], ...] | None = None
    leaves: int = 1
    base: tuple[Part, int] | None = None


Body: TypeAlias = Sequence[tuple[Part, tuple[int, ...]]]


@dataclass
class Workshop:
    """Builds parts and remembers them, so that equal gates are one object."""

    built: dict[object, Part] = field(default_factory=dict)
    sequences: int = 0

    def once(self, key: object, make: Callable[[], Part]) -> Part:
        """The part for `key`, made when first asked for."""
        if key not in self.built:
            self.built[key] = make()
        return self.built[key]

    def phase(self, angle: Value) -> Part:
        """The global phase e^{i angle}, a gate on no qubits."""
        return Part("gphase", 0, None, angle)

    def standard(self, name: str, gate: StandardGate, angles: Sequence[Value]) -> Part:
        """A gate of a library."""

        part = Part(name, gate.num_qubits, gate.make(*angles), gate.phase(*angles))
        return part if angles else self.once(("standard", name), lambda: part)

    def sequence(self, name: str, num_qubits: int, angles: Sequence[Value], body: Body) -> Part:
        """A gate defined as parts one after the other; bare phases add up to its phase."""
        self.sequences += 1
        if self.sequences > MAX_PARTS:
            raise CannotLoad(f"the file needs more than {MAX_PARTS:,} different gates; make it smaller")
        leaves = sum(part.leaves for part, _ in body)
        if leaves > MAX_LEAVES:
            raise CannotLoad(f"gate `{name}` expands to more than {MAX_LEAVES:,} gates (a gate bomb); refused")
        definition = QuantumCircuit(num_qubits)
        phase: Value = 0.0
        for part, qubits in body:
            if part.gate is None or part.parts is None:
                phase = phase + part.phase
            if part.gate is not None:
                definition.append(part.gate, qubits, copy=False)
        definition.global_phase = phase
        twin = standard_twin(name, angles, definition)
        if twin is not None:
            return Part(name, num_qubits, *twin)
        gate = Gate(own_name(name), num_qubits, list(angles))
        gate.definition = definition
        return Part(name, num_qubits, gate, phase, tuple(body), max(leaves, 1))

    def inverse(self, part: Part) -> Part:
        """inv @ part."""

        def make() -> Part:
            if part.parts is None:
                gate = None if part.gate is None else part.gate.inverse()
                return Part(f"{part.name}_dg", part.num_qubits, gate, -part.phase)
            body = [(self.inverse(inner), qubits) for inner, qubits in reversed(part.parts)]
            return self.sequence(f"{part.name}_dg", part.num_qubits, _angles(part), body)

        return self.once(("inv", part), make)

    def power(self, part: Part, exponent: int) -> Part:
        """pow(exponent) @ part, for a whole exponent."""
        if exponent < 0:
            return self.power(self.inverse(part), -exponent)
        if exponent == 1:
            return part
        if part.gate is None:
            return self.phase(part.phase * exponent)
        if exponent * part.leaves > MAX_LEAVES:
            raise CannotLoad(f"pow({exponent}) of `{part.name}` expands to more than {MAX_LEAVES:,} gates; refused")
        every = tuple(range(part.num_qubits))

        def make() -> Part:
            half = self.power(part, exponent // 2) if exponent > 1 else None
            body = [(half, every)] * 2 if half else []
            body += [(part, every)] * (exponent % 2)
            return self.sequence(f"{part.name}_pow{exponent}", part.num_qubits, _angles(part), body)

        return self.once(("pow", exponent, part), make)

    def controlled(self, part: Part, controls: int) -> Part:
        """ctrl(controls) @ part; the controls come first."""
        if not 1 <= controls <= MAX_CONTROLS:
            raise CannotLoad(f"a gate has {controls} controls; between 1 and {MAX_CONTROLS} are supported")
        return self.once(("ctrl", controls, part), lambda: self._controlled(part, controls))

    def _controlled(self, part: Part, controls: int) -> Part:
        name, width = f"c{controls}_{part.name}", part.num_qubits + controls
        first = tuple(range(controls))
        if part.gate is None:
            return self._controlled_phase(part.phase, controls)
        if part.parts is None:
            base, total = part.base or (part, 0)
            return self._controlled_leaf(base, controls + total)
        body = []
        for inner, qubits in part.parts:
            body.append((self.controlled(inner, controls), first + tuple(controls + q for q in qubits)))
        return self.sequence(name, width, _angles(part), body)

    def _controlled_leaf(self, part: Part, controls: int) -> Part:
        if controls > MAX_CONTROLS or part.gate is None:
            raise CannotLoad(f"a gate has {controls} controls; at most {MAX_CONTROLS} are supported")
        # all controls at once: Qiskit expands a controlled gate that it controls again, tenfold each time
        gate = part.gate.control(controls, annotated=False)
        if isinstance(part.phase, int | float) and part.phase == 0.0:
            return Part(f"c{controls}_{part.name}", gate.num_qubits, gate, 0.0, base=(part, controls))
        leaf = Part(part.name, gate.num_qubits, gate, 0.0, base=(Part(part.name, 1, part.gate, 0.0), controls))
        phase = self._controlled_phase(part.phase, controls)
        body = [(leaf, tuple(range(gate.num_qubits))), (phase, tuple(range(controls)))]
        return self.sequence(f"c{controls}_{part.name}", gate.num_qubits, _angles(part), body)

    def _controlled_phase(self, angle: Value, controls: int) -> Part:
        plain = Part("p", 1, PhaseGate(angle), 0.0)
        return plain if controls == 1 else self._controlled_leaf(plain, controls - 1)

    def negatively_controlled(self, part: Part, controls: int) -> Part:
        """negctrl(controls) @ part: X on each control, before and after ctrl."""
        inner = self.controlled(part, controls)
        flip = self.standard("x", STDGATES["x"], ())
        flips = [(flip, (k,)) for k in range(controls)]
        body = [*flips, (inner, tuple(range(inner.num_qubits))), *flips]
        make = lambda: self.sequence(f"n{inner.name}", inner.num_qubits, _angles(part), body)  # noqa: E731
        return self.once(("negctrl", controls, part), make)


def _angles(part: Part) -> list[Value]:
    return [part.phase] if part.gate is None else list(part.gate.params)
