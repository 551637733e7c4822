"""Are bound circuits proved equal to what a compiler makes of them, and are faults in it found, how fast?

Pairs: a variational circuit with drawn angles, and what Qiskit makes of it (basis rz, sx, x, cx; all to all, and on
a line). A row prints how many pairs had the verdict that is right, median and largest seconds; for faults of known
size how far the interval is from the closed form 2 sin(t / 4); for gross faults how many have their process
infidelity to 1e-6 of itself. Level 3 drops rotations of about 1e-6, so that a compiled circuit may really differ
from its source: such a pair is named with the distance that was proved. MQT QCEC runs beside it where it is
installed, for at most ten seconds a pair; of the gross faults only on those at 50 qubits and level 1, all to all.
Usage: python -m benchmarks.equivalence_bound [families|faults|large|gross ...] [--quick] [--output FILE]
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from qiskit import QuantumCircuit
from qiskit.circuit.library import RZGate

from benchmarks.families import FAMILIES, KINDS, SETTINGS, Output, ask_qcec, bound, compiled, faulty, is_turned
from qverify.equivalence.clusters import ClusterResult, compare_bound

Pair = tuple[str, QuantumCircuit, QuantumCircuit]
EXACT = 1e-6  # relative width of an interval that counts as a number
EQUAL = ("equivalent", "equivalent_up_to_global_phase", "equivalent_up_to_phase")
DIFFERENT = ("not_equivalent",)


def compiled_pair(family: str, n: int, depth: int, line: bool) -> Pair:
    """A bound circuit and its compilation at level 3."""
    circuit = bound(FAMILIES[family](n, depth), n * 100 + depth)
    return f"{family} n={n} d={depth}{' line' if line else ''}", circuit, compiled(circuit, 3, line)


def off_by(circuit: QuantumCircuit, t: float, seed: int) -> QuantumCircuit:
    """One rz turned further by t."""
    items = list(circuit.data)
    places = [k for k, item in enumerate(items) if item.operation.name == "rz" and is_turned(item)]
    at = int(np.random.default_rng(seed).choice(places))
    items[at] = items[at].replace(operation=RZGate(float(items[at].operation.params[0]) + t))
    out = circuit.copy_empty_like()
    for item in items:
        out.append(item)
    return out


class Row:
    """One printed row: verdicts that are right out of all, times, and remarks."""

    def __init__(self, title: str) -> None:
        self.title, self.right, self.times, self.notes = title, 0, list[float](), list[str]()
        self.theirs, self.their_times = 0, list[float]()

    def ask(self, a: QuantumCircuit, b: QuantumCircuit, tolerance: float, wanted: str) -> ClusterResult:
        """Our result on a pair, its time and verdict counted."""
        start = time.perf_counter()
        result = compare_bound(a, b, tolerance=tolerance)
        self.times.append(time.perf_counter() - start)
        self.right += result.verdict == wanted
        return result

    def ask_qcec(self, a: QuantumCircuit, b: QuantumCircuit, wanted: tuple[str, ...]) -> None:
        """Run QCEC on the same pair."""
        if (found := ask_qcec(a, b)) is not None:
            self.theirs += found[0] in wanted
            self.their_times.append(found[1])

    def show(self, out: Output) -> None:
        """Print it."""
        total = len(self.times)
        middle, most = statistics.median(self.times), max(self.times)
        line = f"{self.title:44} {self.right:3}/{total:<3} {middle:7.3f} {most:7.3f}"
        if self.their_times:
            middle, most = statistics.median(self.their_times), max(self.their_times)
            line += f"  | {self.theirs:3}/{len(self.their_times):<3} {middle:7.3f} {most:7.3f}"
        out.line(line)
        for note in self.notes:
            out.line(f"    {note}")


def small_pairs(n: int) -> Iterator[Pair]:
    """The twelve pairs of a width."""
    for family in FAMILIES:
        for depth in (2, 6):
            for line in (False, True):
                yield compiled_pair(family, n, depth, line)


def families(quick: bool) -> Iterator[Row]:
    """Compiled circuits against their source."""
    for n in (4, 8) if quick else (4, 8, 12, 16, 20):
        row = Row(f"compiled at level 3, n={n}")
        for title, a, b in small_pairs(n):
            result = row.ask(a, b, 1e-8, "equal")
            if result.verdict != "equal":
                row.notes.append(f"{title}: {result.verdict} by the compiler, {result.lo:.2e}..{result.hi:.2e}")
            row.ask_qcec(a, b, EQUAL)
        yield row


def faults(quick: bool) -> Iterator[Row]:
    """One rz off by a known angle."""
    for n in (16,) if quick else (16, 20):
        for t in (1e-3, 1e-4, 1e-6, 1e-8):
            row, worst = Row(f"one rz off by {t:g}, n={n}"), 0.0
            for seed, (_, a, b) in enumerate(small_pairs(n)):
                wrong = off_by(b, t, seed)
                result = row.ask(a, wrong, t / 10, "different")
                truth = 2 * math.sin(t / 4)
                worst = max(worst, abs(result.lo - truth) / truth, abs(result.hi - truth) / truth)
                if t == 1e-3:
                    row.ask_qcec(a, wrong, DIFFERENT)
            row.notes.append(f"ends of the interval within {worst:.1%}, mean {statistics.mean(row.times):.3f} s")
            yield row


def large(quick: bool) -> Iterator[Row]:
    """Fifty and a hundred qubits."""
    sizes = ((50, 4),) if quick else ((50, 4), (100, 4), (100, 10))
    for n, depth in sizes:
        for family in FAMILIES:
            for line in (False, True):
                title, a, b = compiled_pair(family, n, depth, line)
                for what, other, t in (("equal", b, 0.0), ("rz off by 1e-6", off_by(b, 1e-6, 5), 1e-6)):
                    row = Row(f"{title}, {what}")
                    result = row.ask(a, other, 1e-8, "different" if t else "equal")
                    row.notes.append(f"{len(a.data)} and {len(b.data)} gates, {result.lo:.3e}..{result.hi:.3e}")
                    row.ask_qcec(a, other, DIFFERENT if t else EQUAL)
                    yield row


def gross(quick: bool) -> Iterator[Row]:
    """One fault of a kind a family and setting, in the compiled circuit and in its source."""
    for n in (50,) if quick else (50, 100, 128):
        sources = {name: bound(build(n, 4), n) for name, build in FAMILIES.items()}
        targets = {(name, how): compiled(sources[name], *how) for name in sources for how in SETTINGS}
        for before in (False, True):
            for kind in KINDS:
                row, exact = Row(f"{kind} {'before' if before else 'after'} compilation, n={n}"), 0
                for (name, how), good in targets.items():
                    source = sources[name]
                    rng = np.random.default_rng([n, before, KINDS.index(kind), *how, len(name)])
                    bad = compiled(faulty(source, kind, rng), *how) if before else faulty(good, kind, rng)
                    found = row.ask(source, bad, 1e-8, "different")
                    exact += found.infidelity.hi - found.infidelity.lo <= EXACT * found.infidelity.hi
                    if found.verdict != "different":
                        row.notes.append(f"{name} level {how[0]}{' line' if how[1] else ''}: {found.verdict}")
                    if n == 50 and how == (1, False):
                        row.ask_qcec(source, bad, DIFFERENT)
                row.notes.append(f"exact infidelity: {exact}/{len(targets)}")
                yield row


SECTIONS = {"families": families, "faults": faults, "large": large, "gross": gross}


def main() -> None:
    """Run the sections asked for."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("sections", nargs="*", metavar="|".join(SECTIONS))
    options.add_argument("--quick", action="store_true", help="small sizes only")
    options.add_argument("--output", type=Path, help="also write the table here")
    chosen = options.parse_args()
    out = Output(chosen.output)
    out.line(f"{'':44} {'right':7} {'median':>7} {'max s':>7}  | QCEC right, median, max s")
    for section in chosen.sections or SECTIONS:
        for row in SECTIONS[section](chosen.quick):
            row.show(out)


if __name__ == "__main__":
    main()
