"""Is `qverify plateau` ever wrong? Random circuits, repeated seeds and families whose class is known.

    circuits    small random circuits with shared angles, T gates, measurements, resets, feed-forward, loops: what
                is called dead and every exact second moment, against the mean over all angles on a grid
    gradients   random static and dynamic circuits: exact gradients against difference quotients
    coverage    how often intervals hold the exact values, over many seeds: Pauli walks at one size, the same as
                they are stopped, sampled gradients of a shared angle, and the lower ends of twisted sampling
    scaling     the shipped families up to 64 qubits against their published classes

A circuit that is refused is not counted as right or wrong; one that is accepted and should not have been shows as a
wrong value. Coverage counts a seed as a success only if all intervals of its answer hold together.
Usage: python -m benchmarks.variance_truth [--circuits 10000] [--gradients 500] [--seeds 1000] [--parts a,b]
       [--records FILE] [--output FILE]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS", "QISKIT_NUM_PROCS"):
    os.environ.setdefault(_threads, "1")

import msgspec  # noqa: E402  # threads are counted when a library is loaded
import numpy as np  # noqa: E402
from qiskit.circuit import Parameter, QuantumCircuit  # noqa: E402

from benchmarks.families import Output  # noqa: E402
from qverify.errors import Undecidable  # noqa: E402
from qverify.plateau import Request, plateau  # noqa: E402
from qverify.subject.observables import parse_observable  # noqa: E402
from qverify.trainability.clopper import clopper_pearson  # noqa: E402
from qverify.trainability.extract import chain_of  # noqa: E402
from qverify.trainability.families import FAMILIES, family  # noqa: E402
from qverify.trainability.laws import parse_law  # noqa: E402
from qverify.trainability.looks import walked  # noqa: E402
from qverify.trainability.moment import Moment, Second  # noqa: E402
from qverify.trainability.route import Question  # noqa: E402
from qverify.trainability.sampled import sample_second  # noqa: E402
from qverify.trainability.transfer import second_exact  # noqa: E402
from qverify.trainability.twisted import second_twisted  # noqa: E402
from qverify.trainability.walk import walk  # noqa: E402
from tests.qverify.trainability import gradient_sweep, sweep  # noqa: E402

SIZES = dict.fromkeys(("qttn", "qmera"), (4, 8, 16, 32, 64))  # trees are whole at powers of two
EVERY_SIZE = (4, 6, 8, 12, 16, 24, 32, 48, 64)
NOMINAL = 0.95
SECONDS, MEMORY = 3600.0, 6144


class Record(msgspec.Struct, frozen=True):
    """One question. counts: what is added up over a part; wrong: what is wrong with the answer, if anything."""

    part: str
    name: str
    number: int
    counts: dict[str, int]
    wrong: list[str]
    seconds: float
    said: str = ""


Asked = Callable[[int], tuple[dict[str, int], list[str], str]]


def circuits(number: int) -> tuple[dict[str, int], list[str], str]:
    """One random small circuit."""
    tally = sweep.sweep([number])
    counts = {
        "circuits": tally.circuits,
        "accepted": tally.accepted,
        "dead": tally.dead,
        "zero, not called dead": tally.alive_but_zero,
    }
    return counts, tally.wrong, ""


def gradients(number: int) -> tuple[dict[str, int], list[str], str]:
    """One random circuit, static or dynamic."""
    wrong = [f"{seed}: value off by {v:.1e}, gradient by {g:.1e}" for seed, v, g in gradient_sweep.sweep(1, number)]
    return {"static": 1 - number % 2, "dynamic": number % 2}, wrong, ""


# ------------------------------------------------------------------------------ coverage


def _held(found: list[Moment], truth: list[float], below: bool = False) -> dict[str, int]:
    """Whether all intervals hold; `below`: their lower ends alone."""
    held = [m.lo <= t * (1 + 1e-9) and (below or t <= m.hi * (1 + 1e-9)) for m, t in zip(found, truth, strict=True)]
    return {"seeds": 1, "all held": int(all(held)), "intervals": len(held), "held": sum(held)}


def _moments(second: Second) -> list[Moment]:
    return [second.cost, *second.gradients]


def _exact(second: Second) -> list[float]:
    return [m.value for m in _moments(second)]


def _line(n: int, layers: int, text: str, law: str = "uniform"):  # type: ignore[no-untyped-def]  # chain, question
    circuit, observable = family(f"hea:{layers}")(n)
    read = parse_observable(text or observable, n, 0)
    weights = tuple(p.name for p in circuit.parameters)
    laws = dict.fromkeys(weights, parse_law(law))
    return chain_of(circuit, read, weights, laws=laws), Question(read, weights, laws, confidence=NOMINAL)


def _cover(name: str, find: Callable[[int], list[Moment]], truth: list[float], below: bool = False) -> Asked:
    def one(seed: int) -> tuple[dict[str, int], list[str], str]:
        return _held(find(seed), truth, below), [], name

    return one


def _repeated() -> tuple[QuantumCircuit, Question, list[float]]:
    """RY(t) RX(s) RY(t) on one wire, and E f**2, Var d_s f, Var d_t f from a grid over all angles."""
    from tests.qverify.trainability.brute import uniform_moments

    circuit, t, s = QuantumCircuit(1), Parameter("t"), Parameter("s")
    circuit.ry(t, 0)
    circuit.rx(s, 0)
    circuit.ry(t, 0)
    cost, squares = uniform_moments(circuit, "Z0", {"s": 1, "t": 2})
    return (
        circuit,
        Question(parse_observable("Z0", 1, 0), ("s", "t"), confidence=NOMINAL),
        [cost, squares["s"], squares["t"]],
    )


def coverages() -> Iterator[tuple[str, Asked]]:
    """Name and question of every kind of interval."""
    for law in ("uniform", "normal(0, 0.6)"):
        chain, question = _line(6, 4, "Z0 Z3", law)
        truth = _exact(second_exact(chain))
        name = f"walk, 2**12 walks, hardware-efficient 6x4, {law}"
        yield (
            name,
            _cover(name, lambda s, c=chain: _moments(walk(c, np.random.default_rng(s), 2**12, NOMINAL)), truth),
        )  # type: ignore[misc]
        name = f"walk, doubled until 5 %, hardware-efficient 6x4, {law}"
        yield (
            name,
            _cover(name, lambda s, c=chain, q=question: _moments(walked(c, q, np.random.default_rng(s))), truth),
        )  # type: ignore[misc]
    circuit, question, truth = _repeated()

    def drawn(seed: int) -> list[Moment]:
        found = sample_second(
            circuit,
            [question.observable],
            question.weights,
            rng=np.random.default_rng(seed),
            confidence=NOMINAL,
            relative_error=0.1,
        )
        return [found.seconds[0].cost, *found.variances[0].gradients]

    yield "sampled gradients, doubled until 10 %, a shared angle", _cover("", drawn, truth)
    chain, _ = _line(8, 3, " ".join(f"Z{k}" for k in range(8)))
    truth = _exact(second_exact(chain))

    def twisted(seed: int) -> list[Moment]:
        return _moments(second_twisted(chain, np.random.default_rng(seed), 2, 64, confidence=NOMINAL))

    yield "twisted sampling, bond 2, 64 walks, lower ends", _cover("", twisted, truth, below=True)


# ------------------------------------------------------------------------------ scaling


def scaling(name: str) -> tuple[dict[str, int], list[str], str]:
    """One family against its class."""
    known = FAMILIES[name]
    sizes = SIZES.get(name, EVERY_SIZE)
    answer = plateau(Request(family=name, qubits=sizes, relative_error=0.02), SECONDS, MEMORY)
    if answer.scaling is None:
        return {"families": 1, "undecided": 1}, [], f"{name:12} undecided: {answer.message}"
    s = answer.scaling
    said = f"{name:12} {s.klass:12} known {known.expected:12} rate_hi {s.rate_hi}  {s.qubits}  {s.reason}"
    methods = "; ".join(f"{size.qubits}: {size.method}" for size in answer.sizes)
    right = s.klass == known.expected
    wrong = [] if right or s.klass == "inconclusive" else [said]
    return (
        {"families": 1, "right": int(right), "inconclusive": int(s.klass == "inconclusive")},
        wrong,
        said + (f"\n{'':12} {methods}"),
    )


# ------------------------------------------------------------------------------ records


class Ledger:
    """Records by part, name and number; those already in the file are not asked again."""

    def __init__(self, file: Path | None) -> None:
        self.file, self.known = file, dict[tuple[str, str, int], Record]()
        if file is not None and file.exists():
            for text in file.read_bytes().splitlines():
                record = msgspec.json.decode(text, type=Record)
                self.known[record.part, record.name, record.number] = record

    def ask(self, part: str, name: str, number: int, how: Callable[[], tuple[dict[str, int], list[str], str]]):  # type: ignore[no-untyped-def]
        """The record, made if it is not there."""
        key = part, name, number
        if key not in self.known:
            begun = time.process_time()
            try:
                counts, wrong, said = how()
            except Undecidable as fault:
                counts, wrong, said = {"refused": 1}, [], fault.sentence
            self.known[key] = Record(part, name, number, counts, wrong, time.process_time() - begun, said)
            if self.file is not None:
                with self.file.open("ab") as out:
                    out.write(msgspec.json.encode(self.known[key]) + b"\n")
            for line in wrong:
                print(f"WRONG {part} {name} {line}", file=sys.stderr, flush=True)
        return self.known[key]


def summed(records: list[Record]) -> dict[str, int]:
    """Counts, added up."""
    total: dict[str, int] = {}
    for record in records:
        for key, count in record.counts.items():
            total[key] = total.get(key, 0) + count
    return total


def table(ledger: Ledger, choice: argparse.Namespace) -> Iterator[str]:
    """The lines of the answer, part by part."""
    parts = choice.parts.split(",")
    for part, how, count in (("circuits", circuits, choice.circuits), ("gradients", gradients, choice.gradients)):
        if part in parts:
            records = [ledger.ask(part, "", k, lambda h=how, k=k: h(k)) for k in range(count)]  # type: ignore[misc]
            wrong = [line for r in records for line in r.wrong]
            yield f"{part}: {summed(records)}; wrong: {len(wrong)}; {sum(r.seconds for r in records):.0f} s"
            yield from (f"  WRONG {line}" for line in wrong)
    if "coverage" in parts:
        yield f"coverage, nominal {NOMINAL:.0%} for all intervals of an answer together"
        for name, how in coverages():
            total = summed([ledger.ask("coverage", name, s, lambda h=how, s=s: h(s)) for s in range(choice.seeds)])  # type: ignore[misc]
            seeds, good = total["seeds"], total["all held"]
            lo, hi = (float(end[0]) for end in clopper_pearson(np.array([good]), seeds, 0.05))
            each = total["held"] / total["intervals"]
            yield f"  {good / seeds:7.2%} of {seeds} [{lo:.2%}, {hi:.2%}]; of single intervals {each:.3%}  {name}"
    if "scaling" in parts:
        names = sorted(FAMILIES)
        records = [ledger.ask("scaling", name, 0, lambda n=name: scaling(n)) for name in names]  # type: ignore[misc]
        yield f"scaling: {summed(records)}; wrong: {sum(len(r.wrong) for r in records)}"
        yield from (f"  {line}" for r in records for line in r.said.splitlines())


def main() -> None:
    """Print, and write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--circuits", type=int, default=10_000, help="random small circuits")
    options.add_argument("--gradients", type=int, default=500, help="random circuits for exact gradients")
    options.add_argument("--seeds", type=int, default=1000, help="seeds a kind of interval")
    options.add_argument("--parts", default="circuits,gradients,coverage,scaling", help="which parts")
    options.add_argument("--records", type=Path, help="a file of records, to go on from")
    options.add_argument("--output", type=Path, help="also write what is printed here")
    choice = options.parse_args()
    output = Output(choice.output)
    for line in table(Ledger(choice.records), choice):
        output.line(line)


if __name__ == "__main__":
    main()
