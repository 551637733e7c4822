"""How fast and how often are parameterised circuits proved equal, or refuted, beside MQT QCEC in the same run?

Pairs: RealAmplitudes, EfficientSU2 and the circuit of Chen, Yoo and Fang (2020) against what Qiskit makes of them
at levels 0 to 3, without and with a line coupling map; then large ones; then gross faults of seven kinds, put into
the compiled circuit and into its source, each with a witness at a Clifford point that Qiskit's `Clifford` replays.
Seconds are of `decide`, both circuits included. QCEC is asked where it is installed, in its default configuration,
for at most ten seconds, on the same objects; about faults it is asked at the first size and level 1 only.
Usage: python -m benchmarks.equivalence [compiled|large|gross ...] [--quick] [--output FILE]
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit import ParameterExpression
from qiskit.quantum_info import Clifford, Pauli

from benchmarks.families import FAMILIES, KINDS, SETTINGS, Output, ask_qcec, compiled, faulty, qlstm
from qverify.equivalence.clifford_points import CliffordWitness, clifford_witness
from qverify.equivalence.decide import decide
from qverify.equivalence.question import Question
from qverify.semantics.rotations import steps
from qverify.subject import Subject, make_subject

Pair = tuple[QuantumCircuit, QuantumCircuit]


def subject(circuit: QuantumCircuit, like: QuantumCircuit) -> Subject:
    """A circuit in memory as a subject with the parameters of another, of which a fault may leave one unused."""
    return make_subject("circuit", circuit, tuple(p.name for p in like.parameters))


@dataclass
class Row:
    """One printed row: verdicts and seconds of ours and of QCEC's."""

    title: str
    ours: list[tuple[str, float]] = field(default_factory=list)
    theirs: list[tuple[str, float]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def ask(self, a: QuantumCircuit, b: QuantumCircuit, with_qcec: bool) -> None:
        """Both checkers on one pair."""
        left, right = subject(a, a), subject(b, a)
        start = time.perf_counter()
        answer = decide(left, right, Question("unitary"))
        self.ours.append((f"{answer.verdict} ({answer.strength})", time.perf_counter() - start))
        if with_qcec and (found := ask_qcec(a, b)) is not None:
            self.theirs.append(found)

    def show(self, out: Output) -> None:
        """Print it."""
        for name, found in ((self.title, self.ours), ("  MQT QCEC", self.theirs)):
            if found:
                words = sorted({word for word, _ in found})
                counts = ", ".join(f"{sum(w == word for w, _ in found)} {word}" for word in words)
                times = [seconds for _, seconds in found]
                middle, most = statistics.median(times), max(times)
                out.line(f"{name:42} {len(found):4}  {counts:34} median {middle:7.3f} s  max {most:7.3f} s")
        for note in self.notes:
            out.line(f"    {note}")


def compiled_rows(quick: bool) -> Iterator[Row]:
    """192 pairs for four sizes: three families, depths 2 and 6, four levels, two couplings."""
    for n in (4, 8) if quick else (4, 8, 12, 20):
        row = Row(f"compiled at levels 0-3, n = {n}")
        for build in FAMILIES.values():
            for depth in (2, 6):
                circuit = build(n, depth)
                for level in range(4):
                    for line in (False, True):
                        row.ask(circuit, compiled(circuit, level, line), with_qcec=True)
        yield row


def large_rows(quick: bool) -> Iterator[Row]:
    """One pair each."""
    for n, depth in ((50, 4),) if quick else ((100, 10), (200, 4), (1000, 4)):
        row = Row(f"QLSTM, {n} qubits, depth {depth}")
        circuit = qlstm(n, depth)
        row.ask(circuit, compiled(circuit, 1), with_qcec=n <= 200)
        yield row


def gross_rows(quick: bool) -> Iterator[Row]:
    """One fault of a kind a family and setting."""
    for n in (50,) if quick else (50, 100, 128):
        sources = {name: build(n, 4) for name, build in FAMILIES.items()}
        targets = {(name, how): compiled(sources[name], *how) for name in sources for how in SETTINGS}
        for before in (False, True):
            for kind in KINDS:
                row = Row(f"{kind} {'before' if before else 'after'} compilation, n = {n}")
                replayed = 0
                for (name, how), good in targets.items():
                    source = sources[name]
                    rng = np.random.default_rng([n, before, KINDS.index(kind), *how, len(name)])
                    bad = compiled(faulty(source, kind, rng), *how) if before else faulty(good, kind, rng)
                    row.ask(source, bad, with_qcec=n == 50 and how == (1, False))
                    replayed += replays(source, bad)
                row.notes.append(f"witness replayed: {replayed}/{len(targets)}")
                yield row


def replays(a: QuantumCircuit, b: QuantumCircuit) -> bool:
    """Whether Qiskit's Clifford class finds the two expectation values that a witness claims."""
    names = [p.name for p in a.parameters]
    programs = list(steps(a)), list(steps(b))
    found = clifford_witness(*programs, a.num_qubits, names, np.random.default_rng(0))
    return found is not None and (expectation(a, found), expectation(b, found)) == (1.0, found.other)


def expectation(circuit: QuantumCircuit, witness: CliffordWitness) -> float:
    """<observable> from the product input, by Qiskit's tableau of the circuit at the witness's angles."""
    n = circuit.num_qubits
    at = Clifford(at_quarter_turns(circuit, witness.values))
    letters = ["I"] * n
    letters[n - 1 - int(witness.observable[1:])] = witness.observable[0]
    pulled = Pauli("".join(letters)).evolve(at, frame="h")
    value = 1.0 if pulled.phase == 0 else -1.0
    for k, letter in enumerate(reversed(pulled.to_label().lstrip("-i"))):
        if letter == "I":
            continue
        if letter != {"0": "Z", "1": "Z", "+": "X", "-": "X", "r": "Y", "l": "Y"}[witness.letters[k]]:
            return 0.0
        value *= -1.0 if witness.letters[k] in "1-l" else 1.0
    return value


def at_quarter_turns(circuit: QuantumCircuit, values: dict[str, float]) -> QuantumCircuit:
    """The circuit with every angle a multiple of pi / 2, which they are at a Clifford point up to rounding."""
    out = circuit.copy_empty_like()
    for item in circuit.data:
        angles = []
        for t in item.operation.params:
            if isinstance(t, ParameterExpression):
                t = t.bind({p: values[p.name] for p in t.parameters}).numeric()  # noqa: PLW2901
            quarters = round(float(t) / (math.pi / 2))
            if abs(float(t) - quarters * math.pi / 2) > 1e-9:
                raise ValueError(f"{t} is no multiple of pi / 2")
            angles.append(quarters % 4 * math.pi / 2)
        out.append(type(item.operation)(*angles) if angles else item.operation, item.qubits)
    return out


SECTIONS = {"compiled": compiled_rows, "large": large_rows, "gross": gross_rows}


def main() -> None:
    """Run the sections asked for."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("sections", nargs="*", metavar="|".join(SECTIONS))
    options.add_argument("--quick", action="store_true", help="small sizes only")
    options.add_argument("--output", type=Path, help="also write the table here")
    chosen = options.parse_args()
    out = Output(chosen.output)
    for section in chosen.sections or SECTIONS:
        for row in SECTIONS[section](chosen.quick):
            row.show(out)


if __name__ == "__main__":
    main()
