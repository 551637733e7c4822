"""How fast and how often are parameterised circuits proved equal, or refuted, beside MQT QCEC in the same run?

Pairs: the VQC of Chen, Yoo, Fang 2020, EfficientSU2 and RealAmplitudes, against themselves compiled by Qiskit at
levels 0 to 3, without and with a line coupling map; then large ones, and gross faults. QCEC is asked where it is
installed, in its default configuration with a time-out, on the same objects.
Usage: python benchmarks/equivalence.py [--quick] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

from qiskit import QuantumCircuit, transpile
from qiskit.circuit import ParameterVector
from qiskit.circuit.library import efficient_su2, real_amplitudes

from qverify.equivalence.decide import Question, decide
from qverify.subject import Subject, make_subject

BASIS = ["rz", "sx", "x", "cx"]
PEER_SECONDS = 10
FAULTS = ("cx dropped", "cx turned", "cx on the wrong wire", "rotation on the wrong wire", "angle negated")


def qlstm(n: int, depth: int) -> QuantumCircuit:
    """H, RY(atan x), RZ(atan x^2); then per layer two CNOT rings and RZ RY RZ."""
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


def line(n: int) -> list[list[int]]:
    """A line of wires, both directions."""
    return [[k, k + 1] for k in range(n - 1)] + [[k + 1, k] for k in range(n - 1)]


def subject(circuit: QuantumCircuit) -> Subject:
    """A circuit in memory as a subject."""
    return make_subject("circuit", circuit, tuple(p.name for p in circuit.parameters))


def compiled_pairs(sizes: tuple[int, ...]) -> Iterator[tuple[QuantumCircuit, QuantumCircuit]]:
    """192 pairs for four sizes: three families, depths 2 and 6, four levels, two couplings."""
    for n in sizes:
        for build in FAMILIES.values():
            for depth in (2, 6):
                circuit = build(n, depth)
                for level in range(4):
                    for coupling in (None, line(n)):
                        yield (
                            circuit,
                            transpile(
                                circuit,
                                basis_gates=BASIS,
                                coupling_map=coupling,
                                optimization_level=level,
                                seed_transpiler=1,
                            ),
                        )


def broken(circuit: QuantumCircuit, fault: str, n: int) -> QuantumCircuit:
    """One gross fault in the middle of a compiled circuit."""
    kind = "cx" if fault.startswith("cx") else "rz"
    at = [
        k
        for k, item in enumerate(circuit.data)
        if item.operation.name == kind and (kind == "cx" or getattr(item.operation.params[0], "parameters", None))
    ]
    out, chosen = circuit.copy_empty_like(), at[len(at) // 2]
    for k, item in enumerate(circuit.data):
        wires = [circuit.find_bit(q).index for q in item.qubits]
        if k != chosen:
            out.append(item)
        elif fault == "cx turned":
            out.cx(wires[1], wires[0])
        elif fault == "cx on the wrong wire":
            out.cx(wires[0], next(w for w in range(n) if w not in wires))
        elif fault == "rotation on the wrong wire":
            out.rz(item.operation.params[0], (wires[0] + 1) % n)
        elif fault == "angle negated":
            out.rz(-item.operation.params[0], wires[0])
    return out


def ours(a: QuantumCircuit, b: QuantumCircuit) -> tuple[str, float]:
    """(verdict and strength, seconds)."""
    left, right = subject(a), subject(b)
    start = time.perf_counter()
    answer = decide(left, right, Question("unitary"))
    return f"{answer.verdict} ({answer.strength})", time.perf_counter() - start


def peer(a: QuantumCircuit, b: QuantumCircuit) -> tuple[str, float] | None:
    """The same from MQT QCEC, where it is installed."""
    try:
        from mqt import qcec
    except ImportError:
        return None
    start = time.perf_counter()
    try:
        found = str(qcec.verify(a, b, timeout=PEER_SECONDS).equivalence).rsplit(".", 1)[-1]
    except Exception as fault:  # noqa: BLE001  # whatever it raises is its answer
        found = type(fault).__name__
    return found, time.perf_counter() - start


def row(name: str, pairs: list[tuple[QuantumCircuit, QuantumCircuit]], with_peer: bool) -> dict[str, object]:
    """Verdicts and times of one kind of pair, printed and returned."""
    mine = [ours(a, b) for a, b in pairs]
    theirs = [found for a, b in pairs if with_peer and (found := peer(a, b)) is not None]
    out: dict[str, object] = {"case": name, "pairs": len(pairs), **summary(mine, "")}
    out |= summary(theirs, "qcec_") if theirs else {}
    words = ", ".join(f"{count} {verdict}" for verdict, count in dict(out["verdicts"]).items())  # type: ignore[call-overload]
    print(f"{name:44} {len(pairs):4}  {words:34} median {out['median_s']:.4f} s  max {out['max_s']:.4f} s")
    if theirs:
        words = ", ".join(f"{count} {v}" for v, count in dict(out["qcec_verdicts"]).items())  # type: ignore[call-overload]
        times = f"median {out['qcec_median_s']:.4f} s  max {out['qcec_max_s']:.4f} s"
        print(f"{'  MQT QCEC':44} {'':4}  {words:34} {times}")
    sys.stdout.flush()
    return out


def summary(found: list[tuple[str, float]], prefix: str) -> dict[str, object]:
    """Counts of verdicts, median and largest seconds."""
    words = sorted({word for word, _ in found})
    times = [seconds for _, seconds in found]
    return {
        f"{prefix}verdicts": {word: sum(w == word for w, _ in found) for word in words},
        f"{prefix}median_s": statistics.median(times),
        f"{prefix}max_s": max(times),
    }


def main() -> None:
    """Run all cases."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="small sizes only")
    options.add_argument("--json", type=Path, help="also write the rows here")
    chosen = options.parse_args()
    try:
        version = metadata.version("mqt.qcec")
    except metadata.PackageNotFoundError:
        version = "not installed"
    print(f"python {platform.python_version()}, qiskit {metadata.version('qiskit')}, MQT QCEC {version}")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    rows = []
    for n in (4, 8) if chosen.quick else (4, 8, 12, 20):
        rows.append(row(f"parameterised, compiled 0-3, n = {n}", list(compiled_pairs((n,))), with_peer=True))
    large = ((50, 4),) if chosen.quick else ((100, 10), (200, 4), (1000, 4))
    for n, depth in large:
        circuit = qlstm(n, depth)
        pair = circuit, transpile(circuit, basis_gates=BASIS, optimization_level=1, seed_transpiler=1)
        rows.append(row(f"QLSTM, {n} qubits, depth {depth}", [pair], with_peer=n <= 200 and not chosen.quick))
    n = 50 if chosen.quick else 100
    for fault in FAULTS:
        pairs = []
        for build in FAMILIES.values():
            circuit = build(n, 4)
            compiled = transpile(circuit, basis_gates=BASIS, optimization_level=1, seed_transpiler=1)
            pairs.append((circuit, broken(compiled, fault, n)))
        rows.append(row(f"{fault}, {n} qubits", pairs, with_peer=False))
    if chosen.json:
        chosen.json.write_text(json.dumps({"load": os.getloadavg(), "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
