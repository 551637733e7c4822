"""Is `qverify idle` ever wrong about what does nothing? Random dynamic circuits, the truth by brute force.

A circuit has 1 to 4 qubits, measures, resets, branches, switches, loops, boxes and composites; which wires start in
|0>, which are read at the end and which bits are read is drawn. What is called idle is taken out, and the quantum
instrument (records of the read bits, the other wires traced out) computed by the reference semantics is compared.

    dead         all operations and qubits called dead go together: the same instrument
    no effect    all gates and resets called without effect go together: the same
    pairs        all pairs that are said to cancel go together: the same
    certain      a measurement with a certain outcome has one: with the other one the record never occurs
    known ends   a qubit that is said to end in a state does: preparing it anew there changes nothing
    missed       of the kinds that are complete: untouched qubits, resets of fresh wires and measurements nobody
                 reads are counted again in another way; on straight lines of random unitaries every gate
                 called live changes the instrument when it alone goes
Equal is a diamond distance below 1e-9; different, above 1e-7.
Usage: python -m benchmarks.wires_truth [--first 0] [--circuits 500] [--output FILE] [--circuit N]
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS", "QISKIT_NUM_PROCS"):
    os.environ.setdefault(_threads, "1")

import numpy as np  # noqa: E402  # threads are counted when a library is loaded
from qiskit import QuantumCircuit  # noqa: E402
from qiskit.circuit import CircuitInstruction, ControlFlowOp  # noqa: E402
from qiskit.circuit.library import UnitaryGate  # noqa: E402
from qiskit.quantum_info import random_unitary  # noqa: E402

from benchmarks.dynamic_pairs.build import circuit_of  # noqa: E402
from benchmarks.dynamic_pairs.draw import sketch  # noqa: E402
from benchmarks.families import Output  # noqa: E402
from qverify.semantics.instrument import Instrument, instrument, instrument_distance  # noqa: E402
from qverify.structure import leaves  # noqa: E402
from qverify.wires.durations import Assumed  # noqa: E402
from qverify.wires.findings import fresh_resets  # noqa: E402
from qverify.wires.flat import BARRIER, DELAY, EVENT, MEASURE, RESET, Flat, flat_of  # noqa: E402
from qverify.wires.idle import Idle, Question, idle  # noqa: E402
from qverify.wires.kernels import LIVE, UNREAD  # noqa: E402
from qverify.wires.known import Known, known_states  # noqa: E402
from qverify.wires.liveness import Marks, live_rows  # noqa: E402
from qverify.wires.pairs import partners_of  # noqa: E402

Rows = dict[int, frozenset[int]]  # id of a Flat -> rows that go
EQUAL, DIFFERENT = 1e-9, 1e-7


@dataclass(frozen=True)
class Case:
    """A circuit and what is asked about it."""

    circuit: QuantumCircuit
    asked: Question

    def meaning(self, circuit: QuantumCircuit) -> Instrument:
        """Record of the read bits -> Kraus operators from the free wires to the read wires."""
        lost = [k for k in range(circuit.num_qubits) if k not in self.asked.wires]
        values = {p.name: 0.3 + 0.7 * k for k, p in enumerate(circuit.parameters)}
        parts: dict[int, list[np.ndarray]] = {}
        for record, kraus in instrument(circuit, values, zero=sorted(self.asked.zero), discard=lost).items():
            parts.setdefault(sum(record & 1 << b for b in self.asked.bits), []).append(
                kraus.reshape(len(kraus), 2 ** len(self.asked.wires), -1)
            )
        return {record: np.concatenate(found) for record, found in parts.items()}

    def changes(self, other: QuantumCircuit) -> float:
        """How far another circuit is from it."""
        return instrument_distance(self.meaning(self.circuit), self.meaning(other), 0.0).hi


def case(number: int) -> Case:
    """The circuit of a number; even numbers are dynamic, odd ones straight lines out of few gates."""
    source = Random(f"wires|{number}")  # noqa: S311  # reproducible, no secret
    n = source.choice([1, 2, 2, 3, 3, 3, 4])
    if number % 2:
        circuit = line(source, n)
    else:
        names = ("x",) if source.random() < 0.3 else ()
        circuit = circuit_of(sketch(source, n, source.randint(2, 9), names), names, style=number)
    return Case(circuit, question(source, circuit))


def question(source: Random, circuit: QuantumCircuit) -> Question:
    """What is read and what is known, drawn."""

    def some(count: int) -> frozenset[int]:
        return frozenset(k for k in range(count) if source.random() < 0.5)

    n, bits = circuit.num_qubits, circuit.num_clbits
    zero = source.choice([frozenset(), some(n), frozenset(range(n))])
    return Question(
        source.choice([some(n), frozenset(range(n))]), source.choice([some(bits), some(0)]), zero, Assumed(dt=1.0)
    )


def line(source: Random, n: int) -> QuantumCircuit:
    """Gates out of few kinds, measurements and resets: much of it is idle."""
    circuit = QuantumCircuit(n, 2)
    for _ in range(source.randint(3, 16)):
        on = source.sample(range(n), n)
        kind = source.choice(
            ["h", "x", "z", "s", "sdg", "rz", "t", "cx", "cx", "cz", "swap", "ccx", "measure", "reset"]
        )
        if kind in ("cx", "cz", "swap") and n > 1:
            getattr(circuit, kind)(on[0], on[1])
        elif kind == "ccx" and n > 2:
            circuit.ccx(*on[:3])
        elif kind == "measure":
            circuit.measure(on[0], source.randrange(2))
        elif kind == "rz":
            circuit.rz(source.choice([0.3, -0.3, np.pi, np.pi / 2]), on[0])
        elif kind not in ("cx", "cz", "swap", "ccx"):
            getattr(circuit, kind)(on[0])
    return circuit


def generic(source: Random, n: int) -> QuantumCircuit:
    """A straight line of random unitaries, measurements and resets."""
    circuit = QuantumCircuit(n, 2)
    for _ in range(source.randint(2, 9)):
        on, chance = source.sample(range(n), source.randint(1, min(n, 2))), source.random()
        if chance < 0.15:
            circuit.measure(on[0], source.randrange(2))
        elif chance < 0.25:
            circuit.reset(on[0])
        else:
            circuit.append(UnitaryGate(random_unitary(2 ** len(on), seed=source.randrange(2**32))), on)
    return circuit


def without(circuit: QuantumCircuit, flat: Flat, rows: Rows) -> QuantumCircuit:
    """The circuit with composites opened and some rows taken out, in bodies too."""
    out = circuit.copy_empty_like()
    out.global_phase = 0
    gone = rows.get(id(flat), frozenset())
    for i, leaf in enumerate(leaves(circuit)):
        if i in gone:
            continue
        op = leaf.operation
        if isinstance(op, ControlFlowOp):
            bodies = zip(op.blocks, flat.events[i].bodies, strict=True)
            op = op.replace_blocks([without(body, inner, rows) for body, inner in bodies])
        on = [out.qubits[k] for k in leaf.qubits], [out.clbits[k] for k in leaf.clbits]
        out.append(CircuitInstruction(op, *on), copy=False)
    return out


def dead_rows(flat: Flat, marks: Marks) -> Rows:
    """What is called dead, control flow too."""
    quiet = (flat.code == BARRIER) | (flat.code == DELAY)
    found = {id(flat): frozenset(np.flatnonzero((marks.of & LIVE == 0) & ~quiet).tolist())}
    for i, inner in marks.inside.items():
        for body, inside in zip(flat.events[i].bodies, inner, strict=True):
            found |= dead_rows(body, inside)
    return found


def idle_rows(flat: Flat, known: Known) -> Rows:
    """The gates and resets that are called without effect."""
    found = {id(flat): frozenset(np.flatnonzero(known.idle & (flat.code != MEASURE)).tolist())}
    for i, inner in known.inside.items():
        for body, inside in zip(flat.events[i].bodies, inner, strict=False):
            found |= idle_rows(body, inside)
    return found


def paired_rows(flat: Flat) -> Rows:
    """Both gates of every pair that is said to cancel."""
    partner = partners_of(flat)
    second = np.flatnonzero(partner >= 0)
    found = {id(flat): frozenset([*second.tolist(), *partner[second].tolist()])}
    for event in flat.events.values():
        for body in event.bodies:
            found |= paired_rows(body)
    return found


def wrong(number: int, counts: Counter[str]) -> Iterator[str]:
    """What is wrong about one circuit, in words."""
    of = case(number)
    circuit, asked = of.circuit, of.asked
    flat, said = flat_of(circuit), idle(circuit, asked)
    marks, known = live_rows(flat, asked.wires, asked.bits), known_states(flat, asked.zero)
    for name, rows in (
        ("dead", dead_rows(flat, marks)),
        ("no effect", idle_rows(flat, known)),
        ("pairs", paired_rows(flat)),
    ):
        size = sum(map(len, rows.values()))
        counts[name] += size
        if size and of.changes(without(circuit, flat, rows)) > EQUAL:
            yield f"{name}: taken out, it is another circuit"
    yield from wrong_states(of, flat, known, said, counts)
    yield from missed(of, flat, said, counts)
    yield from missed_gates(number, counts)


def wrong_states(of: Case, flat: Flat, known: Known, said: Idle, counts: Counter[str]) -> Iterator[str]:
    """Wires whose end is not the state it is said to be, and outcomes that are not certain."""
    ends = {"|0>": "i", "|1>": "x", "|+>": "h", "|->": "xh", "|+i>": "hs", "|-i>": "xhs"}
    for use in said.qubits:
        if use.ends_in:
            counts["known ends"] += 1
            other = of.circuit.copy()
            other.reset(use.index)
            for name in ends[use.ends_in].replace("i", ""):
                getattr(other, name)(use.index)
            if Case(of.circuit, all_wires(of)).changes(other) > EQUAL:
                yield f"qubit {use.index} does not end in {use.ends_in}"
    sure = np.flatnonzero(known.idle & (flat.code == MEASURE))
    counts["certain"] += len(sure)
    for i in sure.tolist():
        prepared = int(known.met[i]) - 2  # |0> or |1>
        top = of.circuit.copy_empty_like()
        for k, leaf in enumerate(leaves(of.circuit)):
            if k == i:
                top.reset(leaf.qubits[0])
                if prepared:
                    top.x(leaf.qubits[0])
            top.append(leaf.operation, leaf.qubits, leaf.clbits)
        if Case(of.circuit, all_wires(of)).changes(top) > EQUAL:
            yield f"the outcome of row {i} is not certain"


def all_wires(of: Case) -> Question:
    """Everything is read."""
    n, bits = of.circuit.num_qubits, of.circuit.num_clbits
    return Question(frozenset(range(n)), frozenset(range(bits)), of.asked.zero)


def missed(of: Case, flat: Flat, said: Idle, counts: Counter[str]) -> Iterator[str]:
    """Of the kinds that are said to be complete, what is found in another way and was not said."""
    touched = set(acting(of.circuit, list(range(of.circuit.num_qubits))))
    untouched = {k for k in range(flat.n) if k not in touched}
    counts["untouched"] += len(untouched)
    if untouched != {use.index for use in said.qubits if use.status == "untouched"}:
        yield f"untouched are {untouched}"
    if flat.events:
        return
    rows = [i for i in range(len(flat)) if flat.code[i] not in (BARRIER, DELAY, EVENT)]
    fresh = {
        i
        for k, i in enumerate(rows)
        if flat.code[i] == RESET
        and flat.qubits(i)[0] in of.asked.zero
        and not any(flat.qubits(i)[0] in flat.qubits(j) for j in rows[:k])
    }
    counts["fresh resets"] += len(fresh)
    if fresh != set(fresh_resets(flat, of.asked.zero)):
        yield f"resets of fresh wires are {fresh}"
    unread = {
        i
        for k, i in enumerate(rows)
        if flat.code[i] == MEASURE
        and (
            any(flat.touched(i) == flat.touched(j) for j in rows[k + 1 :])
            or flat.touched(i)[0] not in of.asked.bits
        )
    }
    counts["unread"] += len(unread)
    marks = live_rows(flat, of.asked.wires, of.asked.bits)
    if unread != set(np.flatnonzero(marks.of & UNREAD).tolist()):
        yield f"measurements that nobody reads are {unread}"


def acting(circuit: QuantumCircuit, wires: list[int]) -> Iterator[int]:
    """The wires that something acts on, found by walking the circuit as it is written."""
    for item in circuit.data:
        on, op = [wires[circuit.find_bit(q).index] for q in item.qubits], item.operation
        inner = getattr(op, "blocks", None)
        if inner is None and op.name not in ("barrier", "delay"):
            made = op.definition if type(op).__name__ == "Instruction" else None
            yield from on if made is None else acting(made, on)
        for body in inner or ():
            yield from acting(body, on)


def missed_gates(number: int, counts: Counter[str]) -> Iterator[str]:
    """Live gates of a straight line of random unitaries that could go."""
    source = Random(f"wires generic|{number}")  # noqa: S311  # reproducible, no secret
    circuit = generic(source, source.choice([1, 2, 3]))
    of = Case(circuit, question(source, circuit))
    flat = flat_of(circuit)
    marks = live_rows(flat, of.asked.wires, of.asked.bits)
    for i in np.flatnonzero((marks.of & LIVE > 0) & (flat.code > EVENT)).tolist():
        counts["live gates"] += 1
        if of.changes(without(circuit, flat, {id(flat): frozenset([i])})) < DIFFERENT:
            yield f"generic: gate {i} is called live and could go"


def sweep(first: int, count: int, told: Callable[[str], None]) -> tuple[Counter[str], int]:
    """(how much was called idle, number of circuits with something wrong)."""
    counts, faults = Counter[str](), 0
    for number in range(first, first + count):
        found = list(wrong(number, counts))
        faults += bool(found)
        for words in found:
            told(f"circuit {number}: {words}")
        if sys.stderr.isatty():
            print(f"\r{number - first + 1} of {count}", end="", file=sys.stderr, flush=True)
    return counts, faults


def main() -> None:
    """Print, and write."""
    warnings.simplefilter("ignore")
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--circuits", type=int, default=500, help="how many circuits")
    options.add_argument("--first", type=int, default=0, help="number of the first")
    options.add_argument("--output", type=Path, help="also write what is printed here")
    options.add_argument("--circuit", type=int, help="one circuit, drawn")
    choice = options.parse_args()
    output = Output(choice.output)
    if choice.circuit is not None:
        output.line(str(case(choice.circuit).circuit.draw("text", fold=-1)))
        output.line(str(case(choice.circuit).asked))
        choice.first, choice.circuits = choice.circuit, 1
    counts, faults = sweep(choice.first, choice.circuits, output.line)
    output.line(f"{choice.circuits} circuits from number {choice.first}: {faults} with something wrong")
    said = ("dead", "no effect", "pairs", "certain", "known ends", "untouched", "fresh resets", "unread")
    output.line("called idle, and right: " + ", ".join(f"{counts[name]} {name}" for name in said))
    output.line(f"complete on straight lines: {counts['live gates']} live gates, none could go alone")


if __name__ == "__main__":
    main()
