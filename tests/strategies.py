"""Random circuits and expressions, from anything that draws like `random.Random`.

Every generator takes such a source. `sources()` are drawn and shrunk by hypothesis, which likes extremes;
`seeded()` sources are for dynamic circuits, where extremes mean thousands of measurements.
"""

from __future__ import annotations

import math
from random import Random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from qiskit.circuit import ClassicalRegister, Parameter, QuantumCircuit, QuantumRegister, library
from qiskit.circuit.classical import expr

# class name -> (wires, angles)
GATES = {
    "IGate": (1, 0), "XGate": (1, 0), "YGate": (1, 0), "ZGate": (1, 0), "HGate": (1, 0), "SGate": (1, 0),
    "SdgGate": (1, 0), "TGate": (1, 0), "TdgGate": (1, 0), "SXGate": (1, 0), "SXdgGate": (1, 0),
    "RXGate": (1, 1), "RYGate": (1, 1), "RZGate": (1, 1), "RGate": (1, 2), "PhaseGate": (1, 1),
    "U1Gate": (1, 1), "U2Gate": (1, 2), "U3Gate": (1, 3), "UGate": (1, 3),
    "SwapGate": (2, 0), "iSwapGate": (2, 0), "DCXGate": (2, 0), "ECRGate": (2, 0),
    "RXXGate": (2, 1), "RYYGate": (2, 1), "RZZGate": (2, 1), "RZXGate": (2, 1),
    "CXGate": (2, 0), "CYGate": (2, 0), "CZGate": (2, 0), "CHGate": (2, 0), "CSGate": (2, 0), "CSdgGate": (2, 0),
    "CSXGate": (2, 0), "CRXGate": (2, 1), "CRYGate": (2, 1), "CRZGate": (2, 1), "CPhaseGate": (2, 1),
    "CU1Gate": (2, 1), "CU3Gate": (2, 3), "CUGate": (2, 4),
    "CSwapGate": (3, 0), "CCXGate": (3, 0), "CCZGate": (3, 0), "C3XGate": (4, 0),
}  # fmt: skip
# standard gates that the reference semantics opens up
OPENED = {
    "RCCXGate": (3, 0), "RC3XGate": (4, 0), "C3SXGate": (4, 0), "XXPlusYYGate": (2, 2), "XXMinusYYGate": (2, 2),
}  # fmt: skip
ARITIES = GATES | OPENED


def sources() -> st.SearchStrategy[Random]:
    """Random sources whose draws hypothesis chooses and shrinks."""
    return st.randoms(use_true_random=False)


def seeded() -> st.SearchStrategy[Random]:
    """Random sources from seeds."""
    return st.integers(0, 2**32 - 1).map(from_seed)


def from_seed(seed: int) -> Random:
    """The source that `seeded()` would draw."""
    return Random(seed)  # noqa: S311  # reproducible circuits, no secret


def steady(examples: int) -> settings:
    """The same examples in every run."""
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def angle(source: Random) -> float:
    """Radians: a simple fraction of a turn, or anything in two turns."""
    simple = [k * math.pi / 4 for k in range(-4, 5)]
    return source.choice(simple) if source.random() < 0.3 else source.uniform(-2 * math.pi, 2 * math.pi)


def expression(source: Random, parameters, depth=3, functions=True):
    """A smooth Qiskit expression in some parameters, defined everywhere."""
    kind = source.randrange(7 if functions else 4) if depth else 0
    if kind == 0:
        return source.choice(parameters)

    def inner():
        return expression(source, parameters, depth - 1, functions)

    if kind == 1:
        return inner() + source.choice([inner(), round(source.uniform(-2, 2), 2)])
    if kind == 2:
        return inner() * round(source.uniform(-2, 2), 2)
    if kind == 3:
        return source.choice([-inner(), inner() - inner(), inner() / source.choice([2, -3, 0.7]), 1.5 - inner()])
    if kind == 4:
        return source.choice([(inner()).sin(), inner().cos(), inner().arctan()])
    if kind == 5:
        return inner() * inner()
    return source.choice([inner().abs(), inner() ** 2, (inner().sin() * 0.5).arcsin()])


def gate(source: Random, most_wires: int, angles=angle, gates=ARITIES):
    """A standard gate with drawn angles and control state."""
    fitting = [name for name, (wires, _) in gates.items() if wires <= most_wires]
    name = source.choice(fitting)
    kind = getattr(library, name)
    made = kind(*(angles(source) for _ in range(gates[name][1])))
    if getattr(made, "num_ctrl_qubits", 0) and source.random() < 0.3:
        made = made.to_mutable()
        made.ctrl_state = source.randrange(2**made.num_ctrl_qubits)
    return made


def static_circuit(source: Random, n: int, length: int, *, parameters=(), composites=True, gates=ARITIES):
    """Gates only; angles are numbers or expressions in `parameters` (`Parameter`s)."""

    def drawn(source):
        if parameters and source.random() < 0.7:
            return expression(source, list(parameters), 2)
        return angle(source)

    circuit = QuantumCircuit(n)
    if source.random() < 0.3:
        circuit.global_phase = angle(source)
    for _ in range(length):
        if composites and source.random() < 0.12:
            size = source.randint(1, n)
            part = static_circuit(source, size, 2, parameters=parameters, composites=False, gates=gates)
            circuit.append(part.to_instruction(), source.sample(range(n), size))
        elif composites and source.random() < 0.05:
            circuit.append(library.UnitaryGate(library.UGate(1.0, 0.2, angle(source)).to_matrix()), [0])
        else:
            op = gate(source, n, drawn, gates)
            circuit.append(op, source.sample(range(n), op.num_qubits))
    return circuit


class DynamicCircuits:
    """Random circuits that measure, reset and branch, nested `depth` deep."""

    def __init__(self, source: Random, n: int, bits: int, *, loops=True, gates=None, angles=angle) -> None:
        self.source, self.loops, self.angles = source, loops, angles
        self.gates = gates or {k: v for k, v in ARITIES.items() if v[0] <= 3}
        split = source.randint(0, bits)
        sizes = [size for size in (split, bits - split) if size]
        self.registers = [ClassicalRegister(size, f"c{k}") for k, size in enumerate(sizes)]
        self.circuit = QuantumCircuit(QuantumRegister(n, "q"), *self.registers)
        self.used = 0

    def make(self, length: int, depth: int = 2) -> QuantumCircuit:
        if self.source.random() < 0.2:
            self.circuit.global_phase = self.angles(self.source)
        for _ in range(length):
            self.step(depth, None)
        return self.circuit

    def steps(self, count: int, depth: int, loop) -> None:
        for _ in range(self.source.randint(1, count)):
            self.step(depth, loop)

    def wire(self):
        return self.source.choice(self.circuit.qubits)

    def bit(self):
        return self.source.choice(self.circuit.clbits)

    def step(self, depth: int, loop) -> None:
        s, c = self.source, self.circuit
        kind = s.choices(
            ["gate", "measure", "reset", "if", "switch", "for", "box", "composite", "foreign", "barrier"],
            [
                8,
                4,
                1.5,
                *((4, 1.5, 1 if self.loops else 0, 0.5) if depth else (0, 0, 0, 0)),
                1,
                1 if depth else 0,
                0.3,
            ],
        )[0]
        if kind == "gate":
            self.apply_gate(loop)
        elif kind == "measure":
            c.measure(self.wire(), self.bit())
        elif kind == "reset":
            c.reset(self.wire())
        elif kind == "if":
            self.branch(depth, loop)
        elif kind == "switch":
            self.switch(depth, loop)
        elif kind == "for":
            indices = s.choice([range(2), range(3), (1, 0), (0, 2), range(1), range(0)])
            with c.for_loop(indices) as variable:
                self.steps(3, depth - 1, s.choice([variable, loop]))
        elif kind == "box":
            with c.box():
                self.steps(2, depth - 1, loop)
        elif kind == "composite":
            self.composite()
        elif kind == "foreign":
            self.foreign()
        else:
            c.barrier()

    def apply_gate(self, loop) -> None:
        def drawn(source):
            value = self.angles(source)
            return (
                value + source.choice([1, -2, 0.3]) * loop if loop is not None and source.random() < 0.6 else value
            )

        op = gate(self.source, self.circuit.num_qubits, drawn, self.gates)
        self.circuit.append(op, self.source.sample(self.circuit.qubits, op.num_qubits))

    def condition(self):
        s = self.source
        register = s.choice(self.registers)
        top = 2**register.size - 1
        kind = s.randrange(9)
        if kind <= 2:
            return (self.bit(), s.randrange(2))
        if kind <= 4:
            return (register, s.randint(0, top))
        bit, other = expr.lift(self.bit()), expr.lift(self.bit())
        if kind == 5:
            return s.choice([expr.logic_and, expr.logic_or, expr.bit_xor, expr.equal, expr.bit_or])(
                bit, s.choice([other, expr.logic_not(other), expr.bit_not(other)])
            )
        if kind == 6:
            compare = s.choice(
                [expr.less, expr.less_equal, expr.greater, expr.greater_equal, expr.not_equal, expr.equal]
            )
            return compare(s.choice([register, expr.bit_not(register)]), s.randint(0, top))
        if kind == 7:
            return expr.index(register, s.randint(0, register.size - 1))
        mask = expr.bit_and(expr.shift_left(register, s.randint(0, register.size)), s.randint(0, top))
        return s.choice(
            [expr.not_equal(mask, 0), expr.cast(register, expr.lift(True).type), expr.equal(mask, register)]
        )

    def branch(self, depth: int, loop) -> None:
        with self.circuit.if_test(self.condition()) as otherwise:
            self.steps(3, depth - 1, loop)
        if self.source.random() < 0.5:
            with otherwise:
                self.steps(3, depth - 1, loop)

    def switch(self, depth: int, loop) -> None:
        s, c = self.source, self.circuit
        register = s.choice(self.registers)
        target = s.choice(
            [register, register, self.bit(), expr.bit_xor(register, s.randint(0, 2**register.size - 1))]
        )
        top = 1 if target in c.clbits else 2**register.size - 1
        labels = list(range(top + 1))
        s.shuffle(labels)
        with c.switch(target) as case:
            for _ in range(s.randint(1, 2)):
                mine = [labels.pop() for _ in range(s.randint(1, 2)) if labels]
                if mine:
                    with case(*mine):
                        self.steps(2, depth - 1, loop)
            if s.random() < 0.6:
                with case(case.DEFAULT):
                    self.steps(2, depth - 1, loop)

    def composite(self) -> None:
        """An instruction with measurements and resets in its definition, two levels deep at times."""
        s, c = self.source, self.circuit
        n, bits = s.randint(1, c.num_qubits), s.randint(0, min(2, c.num_clbits))
        part = QuantumCircuit(n, bits)
        for _ in range(s.randint(1, 3)):
            kind = s.randrange(3 if bits else 2)
            if kind == 0:
                op = gate(s, n, self.angles, self.gates)
                part.append(op, s.sample(range(n), op.num_qubits))
            elif kind == 1:
                part.reset(s.randrange(n))
            else:
                part.measure(s.randrange(n), s.randrange(bits))
        made = part.to_instruction()
        if s.random() < 0.3:
            outer = QuantumCircuit(n, bits)
            outer.append(made, s.sample(range(n), n), s.sample(range(bits), bits))
            made = outer.to_instruction()
        c.append(made, s.sample(c.qubits, n), s.sample(c.clbits, bits))

    def foreign(self) -> None:
        """An if/else whose body has wires and bits of its own, in another order."""
        s, c = self.source, self.circuit
        n, bits = s.randint(1, c.num_qubits), s.randint(1, c.num_clbits)
        bodies = []
        for _ in range(s.randint(1, 2)):
            body = QuantumCircuit(n, bits)
            for _ in range(s.randint(1, 3)):
                kind = s.randrange(4)
                if kind == 0:
                    op = gate(s, n, self.angles, self.gates)
                    body.append(op, s.sample(range(n), op.num_qubits))
                elif kind == 1:
                    body.reset(s.randrange(n))
                elif kind == 2:
                    body.measure(s.randrange(n), s.randrange(bits))
                else:
                    deep = QuantumCircuit(1, 1)
                    deep.x(0)
                    deep.measure(0, 0)
                    body.if_else(
                        (body.clbits[s.randrange(bits)], s.randrange(2)),
                        deep,
                        None,
                        [s.randrange(n)],
                        [s.randrange(bits)],
                    )
            bodies.append(body)
        # the bit that steers must be among the bits the operation holds
        chosen = s.sample(c.clbits, bits)
        qubits = s.sample(c.qubits, n)
        c.if_else(
            (s.choice(chosen), s.randrange(2)), bodies[0], bodies[1] if len(bodies) > 1 else None, qubits, chosen
        )


def dynamic_circuit(source: Random, n: int = 2, bits: int = 2, length: int = 5, depth: int = 2, **options):
    """A random bound dynamic circuit."""
    return DynamicCircuits(source, n, bits, **options).make(length, depth)


def parameters(count: int) -> list[Parameter]:
    """`p0`, `p1`, ..."""
    return [Parameter(f"p{k}") for k in range(count)]
