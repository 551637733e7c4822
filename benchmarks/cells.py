"""What do the qubits of three layouts of a quantum LSTM cell do? One step of each, in one table.

    Chen, 24 qubits   the six circuits of Chen, Yoo and Fang (2020) on registers of their own; the hidden and the
                      output block begin after the other four were measured, whose outcomes they are fed with
    Chen, 4 qubits    the same six one after another on one register, measured and reset between
    MCMC, 3 qubits    the cell with mid-circuit measurement and control: a work, a hidden and a cell wire, the input
                      encoded anew in each block, one outcome steering the update block

Columns: qubits declared and needed, gates that read the input, CX, layers, two-qubit depth, nanoseconds by the
assumed durations of `qverify idle`, and the share of qubits times layers and of qubits times time that is idle.
Usage: python -m benchmarks.cells [--output FILE]
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

from qiskit import QuantumCircuit  # noqa: E402  # threads are counted when a library is loaded
from qiskit.circuit import ClassicalRegister, Parameter, QuantumRegister  # noqa: E402

from benchmarks.families import Output  # noqa: E402
from qverify.discovery import load_subject  # noqa: E402
from qverify.semantics.binding import renamed  # noqa: E402
from qverify.subject import Claims, make_subject  # noqa: E402
from qverify.wires.asked import idle_of  # noqa: E402
from qverify.wires.idle import Idle  # noqa: E402

CIRCUITS = Path(__file__).parents[1] / "circuits/chen2020"
FIRST, LAST = ("forget", "input", "update", "output"), ("hidden", "output_processing")
WORK, HIDDEN, CELL = range(3)


def blocks() -> dict[str, tuple[QuantumCircuit, Iterable[str]]]:
    """The published circuits and their features, parameters named by block."""
    found = {role: load_subject(str(CIRCUITS / f"{role}.qasm")) for role in (*FIRST, *LAST)}
    return {
        role: (
            renamed(subject.circuit, named(subject.parameters, role)),
            named(subject.claims.features, role).values(),
        )
        for role, subject in found.items()
    }


def named(names: Sequence[str], role: str) -> dict[str, str]:
    """What parameters are called in the cell."""
    return {name: f"{role}_{name}" for name in names}


def chen_separate() -> tuple[QuantumCircuit, tuple[str, ...]]:
    """24 qubits and bits."""
    circuit = QuantumCircuit(24, 24)
    for k, (role, (block, _)) in enumerate(blocks().items()):
        if role == LAST[0]:
            circuit.barrier()
        on = range(4 * k, 4 * k + 4)
        circuit.compose(block, on, inplace=True)
        circuit.measure(on, on)
    return circuit, features()


def chen_reused() -> tuple[QuantumCircuit, tuple[str, ...]]:
    """4 qubits, 24 bits."""
    circuit = QuantumCircuit(4, 24)
    for k, (block, _) in enumerate(blocks().values()):
        if k:
            circuit.reset(range(4))
        circuit.compose(block, range(4), inplace=True)
        circuit.measure(range(4), range(4 * k, 4 * k + 4))
    return circuit, features()


def features() -> tuple[str, ...]:
    """All that the blocks are fed with."""
    return tuple(sorted({name for _, names in blocks().values() for name in names}))


def mcmc() -> tuple[QuantumCircuit, tuple[str, ...]]:
    """Work, hidden and cell wire; outcomes f, i, o and the readout y. 43 angles and the two of the encoding."""
    circuit = QuantumCircuit(QuantumRegister(3, "q"), ClassicalRegister(4, "c"))
    x, a, b = (Parameter(name) for name in ("x", "a", "b"))
    count = iter(range(43))

    def turns(into: QuantumCircuit, wire: int, axes: str) -> None:
        for axis in axes.split():
            getattr(into, axis)(Parameter(f"t{next(count):02}"), wire)

    def block(*pairs: tuple[int, int]) -> None:
        circuit.ry(a * x + b, WORK)
        for pair in pairs:
            circuit.cx(*pair)

    def read(bit: int) -> None:
        circuit.measure(WORK, bit)

    block((HIDDEN, WORK))
    turns(circuit, WORK, "rz ry")
    turns(circuit, HIDDEN, "rz ry")
    read(0)
    circuit.reset(WORK)
    block((HIDDEN, WORK))
    turns(circuit, WORK, "rz ry")
    turns(circuit, HIDDEN, "ry rz")
    read(1)
    circuit.reset(WORK)
    block((WORK, CELL), (CELL, HIDDEN))
    with circuit.if_test((circuit.clbits[0], 0)) as otherwise:
        turns(circuit, WORK, "rz ry rz")
        turns(circuit, HIDDEN, "rz ry")
        turns(circuit, CELL, "rz ry rz")
    with otherwise:
        turns(circuit, WORK, "rz ry rz")
        turns(circuit, HIDDEN, "rz ry rz")
        turns(circuit, CELL, "rz ry")
    block((HIDDEN, WORK), (CELL, WORK))
    turns(circuit, WORK, "rz ry")
    turns(circuit, HIDDEN, "rz ry rz")
    turns(circuit, CELL, "ry rz")
    read(2)
    circuit.reset(WORK)
    block((WORK, HIDDEN), (HIDDEN, CELL))
    turns(circuit, WORK, "rz ry rz")
    turns(circuit, HIDDEN, "rz ry")
    turns(circuit, CELL, "rz ry rz")
    block((HIDDEN, WORK))
    turns(circuit, WORK, "rz ry")
    turns(circuit, HIDDEN, "rz ry")
    read(3)
    circuit.reset(WORK)
    return circuit, ("x",)


CELLS = {"Chen, 24 qubits": chen_separate, "Chen, 4 qubits": chen_reused, "MCMC, 3 qubits": mcmc}


def answered(circuit: QuantumCircuit, names: tuple[str, ...]) -> Idle:
    """What its qubits do, every wire starting in |0>."""
    parameters = tuple(p.name for p in circuit.parameters)
    return idle_of(make_subject("cell", circuit, parameters, claims=Claims(features=names)), given="zero")


def rows() -> Iterator[str]:
    """The table."""
    yield (
        f"{'cell':16} {'qubits':>6} {'needed':>6} {'encodings':>9} {'CX':>4} {'layers':>6} {'2q depth':>8} "
        f"{'ns':>7} {'idle, layers':>12} {'idle, time':>10}"
    )
    for name, build in CELLS.items():
        found = answered(*build())
        t, entering = found.totals, sorted({p for places in found.encodings.values() for p in places})
        yield (
            f"{name:16} {t.declared:6} {t.live:6} {len(entering):9} {t.two_qubit_gates:4} {t.layers:6g} "
            f"{t.two_qubit_depth:8g} {t.duration:7g} {1 - t.busy_layers:12.0%} {1 - t.busy_share:10.0%}"
        )
        said = [f"{number} x {kind}" for kind, number in found.found.items() if number]
        yield f"    found: {', '.join(said) or 'nothing'}; waits at most {t.longest_waits:.0%} of the time"


def main() -> None:
    """Print, and write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--output", type=Path, help="also write what is printed here")
    output = Output(options.parse_args().output)
    for text in rows():
        output.line(text)


if __name__ == "__main__":
    main()
