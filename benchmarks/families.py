"""The circuits, compilations and gross faults that the equivalence benchmarks share, and how their output is kept.

Families: RealAmplitudes (linear), EfficientSU2 (circular), and the circuit of Chen, Yoo and Fang (2020),
arXiv:2009.01783: H, RY, RZ on every qubit, then per layer two CNOT rings (distance 1 and 2) and RZ RY RZ.
Faults of seven kinds are put into a compiled circuit, or into its source before compilation.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import platform
import sys
import time
from collections.abc import Callable
from importlib import metadata
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from numpy.random import Generator
from qiskit import QuantumCircuit, transpile
from qiskit.circuit import CircuitInstruction, ParameterExpression, ParameterVector
from qiskit.circuit.library import CXGate, efficient_su2, real_amplitudes
from qiskit.transpiler import CouplingMap

from qverify.layout import layout_undone

BASIS = ["rz", "sx", "x", "cx"]
PEER_SECONDS = 10.0
KINDS = ("cx_drop", "cx_rev", "cx_wire", "rot_wire", "p_wrong", "neg", "p_swap")
ROTATIONS = ("rx", "ry", "rz")
SETTINGS = (*((level, False) for level in range(4)), (1, True), (3, True))  # of the compiler: level, on a line


def qlstm(n: int, depth: int) -> QuantumCircuit:
    """The variational circuit of Chen, Yoo and Fang on n qubits; features enter as atan(x) and atan(x**2)."""
    circuit, x, w = QuantumCircuit(n), ParameterVector("x", n), iter(ParameterVector("w", 3 * n * depth))
    circuit.h(range(n))
    for k in range(n):
        circuit.ry(x[k].arctan(), k)
        circuit.rz((x[k] ** 2).arctan(), k)
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
    "QLSTM": qlstm,
    "EfficientSU2": lambda n, depth: efficient_su2(n, reps=depth, entanglement="circular"),
    "RealAmplitudes": lambda n, depth: real_amplitudes(n, reps=depth, entanglement="linear"),
}


def compiled(circuit: QuantumCircuit, level: int, line: bool = False, seed: int = 1) -> QuantumCircuit:
    """What Qiskit makes of it, all to all or on a line; layout undone."""
    coupling = CouplingMap.from_line(circuit.num_qubits) if line else None
    made = transpile(
        circuit, basis_gates=BASIS, coupling_map=coupling, optimization_level=level, seed_transpiler=seed
    )
    return layout_undone(made)


def bound(circuit: QuantumCircuit, seed: int) -> QuantumCircuit:
    """The circuit at drawn parameter values."""
    values = np.random.default_rng(seed).uniform(-math.pi, math.pi, circuit.num_parameters)
    return circuit.assign_parameters(values)


def is_turned(item: CircuitInstruction) -> bool:
    """Whether it is a rotation by a parameter, or by a number that is no multiple of pi / 2."""
    if item.operation.name not in ROTATIONS:
        return False
    t = item.operation.params[0]
    return bool(t.parameters) if isinstance(t, ParameterExpression) else abs(math.sin(2 * float(t))) > 1e-3


def with_angle(item: CircuitInstruction, t: float | ParameterExpression) -> CircuitInstruction:
    """The same rotation by another angle."""
    return item.replace(operation=type(item.operation)(t))


def faulty(circuit: QuantumCircuit, kind: str, rng: Generator) -> QuantumCircuit:
    """One gross fault somewhere.

    cx_drop, cx_rev, cx_wire: a CNOT is missing, turned around, or has another target. rot_wire, p_wrong, neg: a
    rotation is on another wire, by another rotation's angle, or the other way. p_swap: two exchange their angles.
    """
    items = list(circuit.data)
    wanted = (lambda i: i.operation.name == "cx") if kind.startswith("cx") else is_turned
    places = [k for k, item in enumerate(items) if wanted(item)]
    at, second = (int(k) for k in rng.permutation(places)[:2])
    one, two = items[at], items[second]
    while kind in ("p_wrong", "p_swap") and same(one.operation.params[0], two.operation.params[0]):
        second = int(rng.choice(places))
        two = items[second]
    others = [q for q in circuit.qubits if q not in one.qubits]
    elsewhere = others[int(rng.integers(len(others)))]
    if kind == "cx_rev":
        items[at] = one.replace(qubits=one.qubits[::-1])
    elif kind == "cx_wire":
        items[at] = CircuitInstruction(CXGate(), (one.qubits[0], elsewhere))
    elif kind == "rot_wire":
        items[at] = one.replace(qubits=(elsewhere,))
    elif kind == "neg":
        items[at] = with_angle(one, -one.operation.params[0])
    elif kind in ("p_wrong", "p_swap"):
        items[at] = with_angle(one, two.operation.params[0])
        if kind == "p_swap":
            items[second] = with_angle(two, one.operation.params[0])
    else:
        del items[at]
    out = circuit.copy_empty_like()
    for item in items:
        out.append(item)
    return out


def same(s: float | ParameterExpression, t: float | ParameterExpression) -> bool:
    """Whether two angles are the same but for a multiple of pi / 2, as after a compiler: numbers differ by more."""
    if isinstance(s, ParameterExpression) and isinstance(t, ParameterExpression):
        return s.parameters == t.parameters
    return abs(math.sin((float(s) - float(t)) * 2)) < 1e-3


def _ask(a: QuantumCircuit, b: QuantumCircuit, answer: Connection) -> None:
    from mqt import qcec

    try:
        found = str(qcec.verify(a, b, timeout=PEER_SECONDS, seed=1).equivalence).rsplit(".", 1)[-1]
    except Exception as fault:  # noqa: BLE001  # whatever it raises is its answer
        found = type(fault).__name__
    answer.send(found)


def ask_qcec(a: QuantumCircuit, b: QuantumCircuit) -> tuple[str, float] | None:
    """QCEC's verdict and seconds, None where it is not installed; in a process of its own, to end it in time."""
    if find_spec("mqt.qcec") is None:
        return None
    processes = multiprocessing.get_context("fork")
    there, here = processes.Pipe()
    start = time.perf_counter()
    child = processes.Process(target=_ask, args=(a, b, here))
    child.start()
    verdict = there.recv() if there.poll(PEER_SECONDS) else "time-out"
    seconds = time.perf_counter() - start
    child.kill()
    child.join()
    return verdict, seconds


def machine() -> str:
    """What a table was made with."""
    packages = ("qiskit", "numpy", "mqt.qcec")
    versions = []
    for package in packages:
        try:
            versions.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            versions.append(f"{package} not installed")
    load = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    return f"python {platform.python_version()}, {', '.join(versions)}; {os.cpu_count()} cores, load {load}"


class Output:
    """Prints lines, and keeps them for a file. Lines are written as they come."""

    def __init__(self, file: Path | None) -> None:
        self.file, self.lines = file, list[str]()
        self.line(f"$ python -m {' '.join(['benchmarks.' + Path(sys.argv[0]).stem, *sys.argv[1:]])}")
        self.line(machine())

    def line(self, text: str = "") -> None:
        """One line."""
        print(text, flush=True)
        self.lines.append(text.rstrip() + "\n")
        if self.file is not None:
            self.file.write_text("".join(self.lines))
