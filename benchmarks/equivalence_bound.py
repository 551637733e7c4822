"""Are bound circuits proved equal to what a compiler makes of them, and are faults in it found, how fast?

Pairs: a variational circuit with drawn angles, and what Qiskit makes of it at level 3 (basis rz, sx, x, cx; all
to all, and on a line). Faults are put into the compiled circuit. A row prints how many pairs had the verdict that
is right, median and largest seconds, and for faults of known size how far the interval is from the closed form
2 sin(t / 4). Level 3 drops rotations of about 1e-6, so that a compiled circuit may really differ from its source:
such a pair is named with the distance that was proved. MQT QCEC runs beside it where it is installed, for at most
ten seconds a pair; in the last table on the all-to-all pairs of one seed only.
Usage: python benchmarks/equivalence_bound.py [families|faults|large|gross ...]
"""

from __future__ import annotations

import math
import multiprocessing
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection

import numpy as np
import qiskit
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import CircuitInstruction, ParameterVector
from qiskit.circuit.library import CXGate, RZGate, efficient_su2, real_amplitudes
from qiskit.transpiler import CouplingMap

from qverify.equivalence.clusters import ClusterResult, compare_bound
from qverify.equivalence.layout import layout_undone

try:
    from mqt import qcec
except ImportError:
    qcec = None

BASIS = ["rz", "sx", "x", "cx"]
QCEC_SECONDS = 10.0
Pair = tuple[str, QuantumCircuit, QuantumCircuit]


def qlstm(n: int, depth: int) -> QuantumCircuit:
    """The variational circuit of Chen, Yoo and Fang (2020), arXiv:2009.01783, on n qubits."""
    circuit, x, w = QuantumCircuit(n), ParameterVector("x", 2 * n), iter(ParameterVector("w", 3 * n * depth))
    circuit.h(range(n))
    for k in range(n):
        circuit.ry(x[k], k)
        circuit.rz(x[n + k], k)
    for _ in range(depth):
        for step in (1, 2):
            for k in range(n):
                circuit.cx(k, (k + step) % n)
        for k in range(n):
            circuit.rz(next(w), k)
            circuit.ry(next(w), k)
            circuit.rz(next(w), k)
    return circuit


FAMILIES: dict[str, Callable[[int, int], QuantumCircuit]] = {
    "qlstm": qlstm,
    "efficient_su2": lambda n, d: efficient_su2(n, reps=d, entanglement="circular"),
    "real_amplitudes": lambda n, d: real_amplitudes(n, reps=d, entanglement="linear"),
}


def compiled_pair(family: str, n: int, depth: int, line: bool) -> Pair:
    """A bound circuit and its compilation, layout undone."""
    circuit = FAMILIES[family](n, depth)
    angles = np.random.default_rng(n * 100 + depth).uniform(-math.pi, math.pi, circuit.num_parameters)
    bound = circuit.assign_parameters(angles)
    coupling = CouplingMap.from_line(n) if line else None
    other = transpile(bound, basis_gates=BASIS, coupling_map=coupling, optimization_level=3, seed_transpiler=1)
    return f"{family} n={n} d={depth}{' line' if line else ''}", bound, layout_undone(other)


def replaced(circuit: QuantumCircuit, at: int, by: CircuitInstruction | None) -> QuantumCircuit:
    """The circuit with one operation exchanged or removed."""
    out = circuit.copy_empty_like()
    for index, item in enumerate(circuit.data):
        if index != at:
            out.append(item)
        elif by is not None:
            out.append(by)
    return out


def places(circuit: QuantumCircuit, name: str) -> list[int]:
    """Where the gates of a name are; no rotation by a multiple of pi, whose negative is the same gate."""
    found = [(k, item.operation) for k, item in enumerate(circuit.data) if item.operation.name == name]
    return [k for k, op in found if not op.params or abs(math.sin(float(op.params[0]))) > 1e-3]


def off_by(circuit: QuantumCircuit, t: float, seed: int) -> QuantumCircuit:
    """One rz turned further by t."""
    at = int(np.random.default_rng(seed).choice(places(circuit, "rz")))
    item = circuit.data[at]
    return replaced(circuit, at, item.replace(operation=RZGate(float(item.operation.params[0]) + t)))


def gross(circuit: QuantumCircuit, kind: str, seed: int) -> QuantumCircuit:
    """One gross fault of a kind."""
    rng = np.random.default_rng(seed)
    at = int(rng.choice(places(circuit, "cx" if kind.startswith("cx") else "rz")))
    item = circuit.data[at]
    other = circuit.qubits[int(rng.integers(circuit.num_qubits))]
    while other in item.qubits:
        other = circuit.qubits[int(rng.integers(circuit.num_qubits))]
    angle = float(item.operation.params[0]) if item.operation.params else 0.0
    return replaced(
        circuit,
        at,
        {
            "cx dropped": lambda: None,
            "cx turned": lambda: item.replace(qubits=item.qubits[::-1]),
            "cx wrong wire": lambda: CircuitInstruction(CXGate(), (item.qubits[0], other)),
            "rz wrong wire": lambda: item.replace(qubits=(other,)),
            "rz negated": lambda: item.replace(operation=RZGate(-angle)),
            "rz other angle": lambda: item.replace(operation=RZGate(angle + float(rng.uniform(0.5, 3.0)))),
        }[kind](),
    )


GROSS = ("cx dropped", "cx turned", "cx wrong wire", "rz wrong wire", "rz negated", "rz other angle")


def timed(a: QuantumCircuit, b: QuantumCircuit, tolerance: float) -> tuple[ClusterResult, float]:
    """The result and the seconds it took."""
    start = time.perf_counter()
    result = compare_bound(a, b, tolerance=tolerance)
    return result, time.perf_counter() - start


def _ask(a: QuantumCircuit, b: QuantumCircuit, answer: Connection) -> None:
    answer.send(str(qcec.verify(a, b, timeout=QCEC_SECONDS, seed=1).equivalence).rsplit(".", 1)[-1])


def other_checker(a: QuantumCircuit, b: QuantumCircuit) -> tuple[str, float]:
    """QCEC's verdict and seconds; it runs in a process of its own, as its time limit does not always hold."""
    processes = multiprocessing.get_context("fork")
    there, here = processes.Pipe()
    start = time.perf_counter()
    child = processes.Process(target=_ask, args=(a, b, here))
    child.start()
    verdict = there.recv() if there.poll(QCEC_SECONDS) else "time-out"
    seconds = time.perf_counter() - start
    child.kill()
    child.join()
    return verdict, seconds


class Row:
    """One printed row: verdicts that are right out of all, times, and remarks."""

    def __init__(self, title: str) -> None:
        self.title, self.right, self.times, self.notes = title, 0, list[float](), list[str]()
        self.theirs, self.their_times = 0, list[float]()

    def ask_qcec(self, a: QuantumCircuit, b: QuantumCircuit, wanted: tuple[str, ...]) -> None:
        """Run QCEC on the same pair."""
        if qcec is not None:
            verdict, seconds = other_checker(a, b)
            self.theirs += verdict in wanted
            self.their_times.append(seconds)

    def show(self) -> None:
        """Print it."""
        total = len(self.times)
        line = (
            f"{self.title:44} {self.right:3}/{total:<3} {statistics.median(self.times):7.3f} {max(self.times):7.3f}"
        )
        if self.their_times:
            middle, most = statistics.median(self.their_times), max(self.their_times)
            line += f"  | {self.theirs:3}/{len(self.their_times):<3} {middle:7.3f} {most:7.3f}"
        print(line + ("  " + "; ".join(self.notes) if self.notes else ""), flush=True)


EQUAL = ("equivalent", "equivalent_up_to_global_phase", "equivalent_up_to_phase")
DIFFERENT = ("not_equivalent",)


def small_pairs(n: int) -> Iterator[Pair]:
    """The twelve pairs of a width."""
    for family in FAMILIES:
        for depth in (2, 6):
            for line in (False, True):
                yield compiled_pair(family, n, depth, line)


def families() -> None:
    """Compiled circuits against their source."""
    for n in (4, 8, 12, 16, 20):
        row = Row(f"compiled at level 3, n={n}")
        for title, a, b in small_pairs(n):
            result, seconds = timed(a, b, 1e-8)
            row.times.append(seconds)
            row.right += result.verdict == "equal"
            if result.verdict != "equal":
                row.notes.append(f"{title}: {result.verdict} by the compiler, {result.lo:.2e}..{result.hi:.2e}")
            row.ask_qcec(a, b, EQUAL)
        row.show()


def faults() -> None:
    """One rz off by a known angle."""
    for n in (16, 20):
        for t in (1e-3, 1e-4, 1e-6, 1e-8):
            row, worst = Row(f"one rz off by {t:g}, n={n}"), 0.0
            for seed, (_, a, b) in enumerate(small_pairs(n)):
                wrong = off_by(b, t, seed)
                result, seconds = timed(a, wrong, t / 10)
                row.times.append(seconds)
                row.right += result.verdict == "different"
                truth = 2 * math.sin(t / 4)
                worst = max(worst, abs(result.lo - truth) / truth, abs(result.hi - truth) / truth)
                if t == 1e-3:
                    row.ask_qcec(a, wrong, DIFFERENT)
            row.notes.append(f"ends of the interval within {worst:.1%}")
            row.show()


def large() -> None:
    """A hundred qubits."""
    for family in FAMILIES:
        for line in (False, True):
            title, a, b = compiled_pair(family, 100, 10, line)
            for what, other, t in (("equal", b, 0.0), ("rz off by 1e-6", off_by(b, 1e-6, 5), 1e-6)):
                row = Row(f"{title}, {what}")
                result, seconds = timed(a, other, 1e-8)
                row.times.append(seconds)
                row.right += result.verdict == ("different" if t else "equal")
                row.notes.append(f"{len(a.data)} and {len(b.data)} gates, {result.lo:.3e}..{result.hi:.3e}")
                row.ask_qcec(a, other, DIFFERENT if t else EQUAL)
                row.show()


def gross_faults() -> None:
    """Gross faults at 50 qubits."""
    for kind in GROSS:
        row, widest = Row(f"{kind}, n=50 d=4"), 0.0
        for seed in range(3):
            for family in FAMILIES:
                for line in (False, True):
                    _, a, b = compiled_pair(family, 50, 4, line)
                    result, seconds = timed(a, gross(b, kind, seed), 1e-8)
                    row.times.append(seconds)
                    row.right += result.verdict == "different"
                    widest = max(widest, result.hi - result.lo)
                    if result.verdict != "different":
                        row.notes.append(f"{family}{' line' if line else ''}: {result.verdict}")
                    elif seed == 0 and not line:
                        row.ask_qcec(a, gross(b, kind, seed), DIFFERENT)
        row.notes.append(f"widest interval {widest:.1e}")
        row.show()


SECTIONS = {"families": families, "faults": faults, "large": large, "gross": gross_faults}

if __name__ == "__main__":
    version = "not installed" if qcec is None else qcec.__version__
    print(
        f"python {platform.python_version()}, qiskit {qiskit.__version__}, numpy {np.__version__}, "
        f"mqt.qcec {version}; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    print(f"{'':44} {'right':7} {'median':>7} {'max s':>7}  | QCEC right, median, max s")
    for section in sys.argv[1:] or SECTIONS:
        SECTIONS[section]()
