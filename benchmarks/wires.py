"""How long does `qverify idle` take for a million gates, beside Qiskit's `circuit_to_dag` of the same circuit?

Circuits on 100 qubits: 40 % CX, 40 % RZ by a drawn angle, 15 % H, 4 % measurements, 1 % resets. Seconds are the
best of some runs, the processor's, of everything that `idle` answers (all kinds of idleness, four schedules,
redundant gates, drawing), in the same process as `circuit_to_dag`, taken in turns. Goal: a ratio of 3 or less at a
million, and time in proportion to gates. Loops are compiled by numba before the first row; without numba they are
Python, and the table says so.
Usage: python -m benchmarks.wires [--gates 10000 100000 1000000] [--runs 3] [--output FILE]
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from random import Random

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

from qiskit import QuantumCircuit  # noqa: E402  # threads are counted when a library is loaded
from qiskit.converters import circuit_to_dag  # noqa: E402

from benchmarks.families import Output  # noqa: E402
from qverify.wires.borrowed import rows_of  # noqa: E402
from qverify.wires.idle import Question, idle  # noqa: E402
from qverify.wires.kernels import COMPILED_FROM  # noqa: E402

QUBITS = 100


def drawn(gates: int, seed: int = 1) -> QuantumCircuit:
    """A random circuit that measures and resets now and then."""
    source, circuit = Random(seed), QuantumCircuit(QUBITS, QUBITS)  # noqa: S311  # reproducible, no secret
    for _ in range(gates):
        chance, k = source.random(), source.randrange(QUBITS)
        if chance < 0.4:
            circuit.cx(k, (k + source.randrange(1, QUBITS)) % QUBITS)
        elif chance < 0.8:
            circuit.rz(source.uniform(-3, 3), k)
        elif chance < 0.95:
            circuit.h(k)
        elif chance < 0.99:
            circuit.measure(k, k)
        else:
            circuit.reset(k)
    return circuit


def timed(work: Callable[[], object]) -> float:
    """Seconds of the processor, which other work on the machine moves less than the wall clock."""
    start = time.process_time()
    work()
    return time.process_time() - start


def row(gates: int, runs: int) -> str:
    """One row of the table."""
    circuit, everything = drawn(gates), frozenset(range(QUBITS))
    asked = Question(everything, everything, everything)
    works = (
        lambda: circuit_to_dag(circuit),
        lambda: rows_of(circuit),
        lambda: idle(circuit, asked),
    )
    dag, read, whole = (
        min(times) for times in zip(*([timed(work) for work in works] for _ in range(runs)), strict=True)
    )
    per = whole / gates * 1e6
    return f"{gates:9} {dag:14.3f} {read:10.3f} {whole:10.3f} {per:12.2f} {whole / dag:7.2f}"


def main() -> None:
    """Print, and write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--gates", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    options.add_argument("--runs", type=int, default=3, help="of which the best counts")
    options.add_argument("--output", type=Path, help="also write what is printed here")
    choice = options.parse_args()
    output = Output(choice.output)
    output.line(f"loops compiled by numba: {'yes' if find_spec('numba') else 'no'}, from {COMPILED_FROM} gates on")
    row(COMPILED_FROM, 1)
    output.line(
        f"{'gates':>9} {'circuit_to_dag':>14} {'read':>10} {'idle, all':>10} {'us per gate':>12} {'ratio':>7}"
    )
    for gates in choice.gates:
        output.line(row(gates, choice.runs))


if __name__ == "__main__":
    main()
