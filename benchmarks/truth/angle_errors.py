"""Are angle errors of 1e-6 found on every axis at 4 to 20 qubits, and does the interval hold the truth?

    exp(-i t G) put somewhere into a circuit:  distance = arc_distance(exp(-i t G), 1), wherever it stands
                                               = 2 sin(t / 4) for a rotation, controlled or not

Circuits: the VQC of Chen, Yoo, Fang 2020, EfficientSU2 and RealAmplitudes, bound and parameterised. The error is
put into the compiled circuit, at levels 0 to 3 and on a line; or into the source before it is compiled. To 8 qubits
the truth is computed by dense matrices; above, what levels 2 and 3 make of a circuit is compared with it in state
vectors first, and an error in the source is compiled at levels 0 and 1 only, which keep it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import CircuitInstruction, Gate, Parameter, library
from qiskit.quantum_info import Operator
from qiskit.transpiler import CouplingMap
from qiskit_aer import AerSimulator

from benchmarks.families import BASIS, FAMILIES
from qverify.equivalence.answer import Answer
from qverify.equivalence.decide import Question, decide
from qverify.subject import make_subject

from .operators import MATRIX, arc_distance, truth

SIZES = (4, 8, 12, 16, 20)
ERROR = 1e-6
DENSE = 8
TOLERANCE = 1e-8
SLOW_S = 5.0
DEPTH = 2
AXES: dict[str, type[Gate]] = {
    "rx": library.RXGate, "ry": library.RYGate, "rz": library.RZGate, "rxx": library.RXXGate,
    "ryy": library.RYYGate, "rzz": library.RZZGate, "rzx": library.RZXGate, "crx": library.CRXGate,
    "cry": library.CRYGate, "crz": library.CRZGate, "cp": library.CPhaseGate,
}  # fmt: skip
STAGES = ("as written", "compiled at 0", "compiled at 1", "compiled at 2", "compiled at 3", "at 3 on a line")
AXES_A_STAGE = 4


def drawn(circuit: QuantumCircuit, source: Random) -> dict[Parameter, float]:
    """A value for every parameter, by name and so the same in every run."""
    return {p: source.uniform(-3, 3) for p in sorted(circuit.parameters, key=lambda p: p.name)}


def staged(circuit: QuantumCircuit, stage: str) -> QuantumCircuit:
    """The circuit at a stage of compiling."""
    if stage == "as written":
        return circuit
    coupling = CouplingMap.from_line(circuit.num_qubits) if "line" in stage else None
    level = int(stage.split("at ")[1][0])
    return transpile(circuit, basis_gates=BASIS, coupling_map=coupling, optimization_level=level, seed_transpiler=1)


def off(circuit: QuantumCircuit, axis: str, source: Random) -> QuantumCircuit:
    """One rotation by ERROR too many, or one that is there turned further by it."""
    out, kind = circuit.copy_empty_like(), AXES[axis]
    same = [k for k, item in enumerate(circuit.data) if item.operation.name == axis]
    chosen = source.choice(same) if same and source.random() < 0.5 else None
    at = source.randrange(len(circuit.data)) if chosen is None else -1
    for k, item in enumerate(circuit.data):
        if k == chosen:
            out.append(CircuitInstruction(kind(item.operation.params[0] + ERROR), item.qubits))
            continue
        out.append(item)
        if k == at:
            wires = source.sample(range(circuit.num_qubits), kind(ERROR).num_qubits)
            out.append(kind(ERROR), wires)
    return out


@dataclass
class Row:
    """Counts of one row, and what is not as it should be."""

    title: str
    asked: int = 0
    right: int = 0
    inside: int = 0
    times: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()

    def add(self, what: str, said: Answer | str, expected: float | None, seconds: float) -> None:
        """Count an answer. expected: the distance; None where a compiler may have changed it."""
        self.asked += 1
        self.times += (seconds,)
        if isinstance(said, str):
            self.notes += (f"{what}: {said}",)
            return
        wanted = "different" if expected is None or expected > TOLERANCE + MATRIX else "equivalent"
        self.right += said.verdict == wanted
        found = said.distance
        holds = found is not None and (
            expected is None or found.lo - MATRIX <= expected <= found.hi + MATRIX
        )  # a distance that no parameter changes
        self.inside += holds
        if seconds > SLOW_S:
            self.notes += (f"{what}: {seconds:.1f} s by {said.method}",)
        if said.verdict != wanted or not holds:
            interval = "no interval" if found is None else f"[{found.lo:.6g}, {found.hi:.6g}]"
            self.notes += (
                f"{what}: {said.verdict} by {said.method}, {interval}, truth {expected}; {said.message}",
            )

    def lines(self) -> Iterator[str]:
        """The row, and under it what is not as it should be."""
        median, most = float(np.median(self.times)), max(self.times)
        right, inside = f"{self.right}/{self.asked}", f"{self.inside}/{self.asked}"
        yield f"{self.title:52}{right:>10}{inside:>10}{median:10.3f}{most:9.3f}"
        for note in self.notes:
            yield f"    {note}"


def asked(a: QuantumCircuit, b: QuantumCircuit) -> tuple[Answer | str, float]:
    """The answer, or what was raised, and the processor's seconds."""
    left, right = (make_subject("c", side, tuple(p.name for p in a.parameters)) for side in (a, b))
    start = time.process_time()
    try:
        said: Answer | str = decide(left, right, Question("unitary", tolerance=TOLERANCE))
    except Exception as fault:  # noqa: BLE001  # whatever it raises is what is reported
        said = f"{type(fault).__name__}: {fault}"
    return said, time.process_time() - start


def kept(a: QuantumCircuit, b: QuantumCircuit, source: Random) -> bool:
    """Whether compiling left the circuit alone, as far as a drawn product input shows; up to 1e-9."""
    at = drawn(a, source)
    start = QuantumCircuit(a.num_qubits)
    for k in range(a.num_qubits):
        start.u(source.uniform(0, 3), source.uniform(0, 6), source.uniform(0, 6), k)
    simulator = AerSimulator(method="statevector", max_parallel_threads=1)
    states = []
    for side in (a, b):
        bound = side.assign_parameters({p: at[p] for p in side.parameters})
        places = side.layout.initial_index_layout() if side.layout else list(range(a.num_qubits))
        whole = QuantumCircuit(a.num_qubits)
        whole.compose(start, places, inplace=True)
        whole.compose(bound, inplace=True)
        ends = side.layout.final_index_layout() if side.layout else list(range(a.num_qubits))
        whole.save_statevector()
        psi = simulator.run(transpile(whole, simulator, optimization_level=0)).result().get_statevector()
        tensor = np.asarray(psi.data).reshape((2,) * a.num_qubits)
        axes = [a.num_qubits - 1 - ends[a.num_qubits - 1 - k] for k in range(a.num_qubits)]
        states.append(tensor.transpose(axes).reshape(-1))
    overlap = np.vdot(states[1], states[0])
    return float(np.linalg.norm(states[0] - overlap / abs(overlap) * states[1])) < 1e-9


def expected_after(axis: str) -> float:
    """The distance that an error makes."""
    gate = Operator(AXES[axis](ERROR)).data
    return arc_distance(gate, np.eye(len(gate)))


def after_compiling(n: int, bound: bool, stage: str) -> Row:
    """Errors put into what the compiler made."""
    row = Row(f"{n:3} qubits, {'bound' if bound else 'parameters'}, {stage}, then the error")
    for index, (family, build) in enumerate(FAMILIES.items()):
        source = Random(f"{n}|{bound}|{stage}|{family}")  # noqa: S311  # reproducible
        a = build(n, DEPTH)
        a = a.assign_parameters(drawn(a, source)) if bound else a
        b = staged(a, stage)
        plain = stage[-1] in "n01" or n <= DENSE or kept(a, b, source)
        for step in range(AXES_A_STAGE):
            axis = list(AXES)[(AXES_A_STAGE * (index + STAGES.index(stage)) + step + n) % len(AXES)]
            wrong = off(b, axis, source)
            said, seconds = asked(a, wrong)
            expected = dense(a, wrong, source) if n <= DENSE else expected_after(axis) if plain else None
            row.add(f"{family} {axis}", said, expected, seconds)
    return row


def before_compiling(n: int, bound: bool, stage: str) -> Row:
    """Errors in the source, then compiled."""
    row = Row(f"{n:3} qubits, {'bound' if bound else 'parameters'}, the error, then {stage}")
    for index, (family, build) in enumerate(FAMILIES.items()):
        source = Random(f"before|{n}|{bound}|{stage}|{family}")  # noqa: S311  # reproducible
        a = build(n, DEPTH)
        a = a.assign_parameters(drawn(a, source)) if bound else a
        for step in range(AXES_A_STAGE // 2):
            axis = list(AXES)[(AXES_A_STAGE * (index + STAGES.index(stage)) + step + n) % len(AXES)]
            b = staged(off(a, axis, source), stage)
            said, seconds = asked(a, b)
            row.add(f"{family} {axis}", said, dense(a, b, source) if n <= DENSE else expected_after(axis), seconds)
    return row


def dense(a: QuantumCircuit, b: QuantumCircuit, source: Random) -> float:
    """The distance by matrices, at drawn values."""
    at = {p.name: v for p, v in drawn(a, source).items()}
    return truth(a, b, at)


def angle_errors(sizes: tuple[int, ...] = SIZES) -> Iterator[str]:
    """All rows."""
    yield f"one angle off by {ERROR:g}, tolerance {TOLERANCE:g}; of a rotation truly {2 * math.sin(ERROR / 4):g}"
    yield f"{'':52}{'right':>10}{'interval':>10}{'median s':>10}{'max s':>9}"
    for n in sizes:
        for bound in (True, False):
            for stage in STAGES:
                yield from after_compiling(n, bound, stage).lines()
            for stage in STAGES[1:] if n <= DENSE else STAGES[1:3]:
                yield from before_compiling(n, bound, stage).lines()
