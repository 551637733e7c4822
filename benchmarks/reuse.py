"""On how many wires does a circuit run once wires are used again, how fast is that found, and is it always proved?

    widths      random 3-regular MaxCut QAOA, p layers, against the goals; at most one second each
    exact       the least width by branch and bound for n <= 24, beside the heuristic alone
    strings     Bernstein-Vazirani of any width, measured at the end: two wires
    proofs      random circuits of up to 16 wires, static and dynamic: proved equal, or not; and the same counts on
                qiskit-aer, by the means of 64 parities of the record (Hoeffding's bound, chance of a false alarm
                below 1e-9 for each circuit); seconds are of the processor
    sweep       --sweep N: N random small dynamic and static circuits against the reference semantics

Usage: python -m benchmarks.reuse [--graphs N] [--circuits N] [--sweep N] [--output FILE]
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import time
from collections import Counter
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from random import Random

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import ClassicalRegister, Parameter, QuantumCircuit

from qverify.errors import Undecidable
from qverify.reusing import same
from qverify.semantics import instrument
from qverify.semantics.judge import sampled_counts
from qverify.structure import measures_only_at_the_end
from qverify.subject import make_subject
from qverify.wires.lives import lives
from qverify.wires.reuse import order
from qverify.wires.rewrite import Narrowed, narrowed
from tests.strategies import dynamic_circuit, from_seed, parameters, static_circuit

GOALS = ((80, 1, 14.0), (320, 1, 45.0), (80, 2, 28.0))
SIZES = (8, 12, 16, 20, 24)
SHOTS, PARITIES, CHANCE = 8192, 64, 1e-9
WIDE = 10  # wires up to which a circuit that branches is run shot by shot


def qaoa(n: int, layers: int, seed: int) -> QuantumCircuit:
    """MaxCut QAOA on a random 3-regular graph, measured at the end."""
    circuit = QuantumCircuit(n, n)
    circuit.h(range(n))
    for k in range(layers):
        gamma, beta = Parameter(f"gamma{k}"), Parameter(f"beta{k}")
        for a, b in nx.random_regular_graph(3, n, seed=seed).edges:
            circuit.rzz(gamma, a, b)
        circuit.rx(beta, range(n))
    circuit.measure(range(n), range(n))
    return circuit


def bernstein_vazirani(n: int, seed: int) -> QuantumCircuit:
    """A hidden string of n bits, all measured at the end."""
    source, circuit = from_seed(seed), QuantumCircuit(n + 1, n)
    circuit.x(n)
    circuit.h(range(n + 1))
    for k in range(n):
        if source.random() < 0.5:
            circuit.cx(k, n)
    circuit.h(range(n))
    circuit.measure(range(n), range(n))
    return circuit


def random_static(source: Random) -> QuantumCircuit:
    """Few gates on up to 16 wires, with parameters, measured at the end."""
    n = source.randint(4, 16)
    circuit = static_circuit(source, n, source.randint(2, n), parameters=parameters(2))
    circuit.add_register(ClassicalRegister(n, "m"))
    circuit.measure(range(n), range(n))
    return circuit


def random_dynamic(source: Random) -> QuantumCircuit:
    """Measurements, resets and branches on up to 16 wires."""
    n = source.randint(4, 16)
    return dynamic_circuit(source, n, source.randint(2, 4), source.randint(4, 2 * n), 1, loops=False)


def widths(graphs: int) -> Iterator[str]:
    """The table of widths and times against the goals; the first graph of each is proved too."""
    yield f"{'QAOA':22} {'mean':>7} {'most':>5} {'goal':>5}   {'s, mean':>8} {'s, most':>8}   proof of the first"
    for n, layers, goal in GOALS:
        found, seconds = [], []
        for seed in range(graphs):
            circuit = qaoa(n, layers, seed)
            start = time.process_time()
            done = narrowed(circuit)
            seconds.append(time.process_time() - start)
            found.append(done.circuit.num_qubits)
            if seed == 0:
                start = time.process_time()
                said = f"{proved(circuit, done)}, {time.process_time() - start:.1f} s"
        name, mean = f"{n} wires, p = {layers}", sum(found) / len(found)
        times = f"{sum(seconds) / len(seconds):8.2f} {max(seconds):8.2f}"
        yield f"{name:22} {mean:7.2f} {max(found):5} {goal:5.0f}   {times}   {said}"


def proved(circuit: QuantumCircuit, found: Narrowed) -> str:
    """Verdict and strength."""
    names = tuple(p.name for p in circuit.parameters)
    one, other = make_subject("original", circuit, names), make_subject("narrower", found.circuit, names)
    answer = same(one, other, found.outputs, found.begun)
    return f"{answer.verdict} ({answer.strength})"


def exact(graphs: int) -> Iterator[str]:
    """Least widths by the exact method, and how often the heuristic alone finds them."""
    yield f"{'exact, QAOA':22} {'least':>7} {'alone':>7} {'proved':>9} {'found alone':>12} {'s, most':>8}"
    for layers in (1, 2):
        for n in SIZES:
            least, alone, certain, seconds = [], [], 0, 0.0
            for seed in range(graphs):
                found = lives(qaoa(n, layers, seed))
                start = time.process_time()
                best = order(found.cones, found.kept)
                seconds = max(seconds, time.process_time() - start)
                certain += best.method == "exact" and best.is_least
                least.append(best.width)
                alone.append(order(found.cones, found.kept, small=0).width)
            hits = sum(a == b for a, b in zip(least, alone, strict=True))
            means = f"{sum(least) / graphs:7.2f} {sum(alone) / graphs:7.2f}"
            shares = f"{certain:>3} of {graphs:<3} {hits:>5} of {graphs:<3}"
            yield f"{f'{n} wires, p = {layers}':22} {means} {shares} {seconds:8.2f}"


def strings() -> Iterator[str]:
    """Bernstein-Vazirani."""
    for n in (4, 15, 64, 256, 1000):
        circuit = bernstein_vazirani(n, n)
        start = time.process_time()
        found = narrowed(circuit)
        seconds = time.process_time() - start
        said = proved(circuit, found) if n <= 64 else "not asked"
        yield f"Bernstein-Vazirani, {n + 1:4} wires: {found.circuit.num_qubits} wires, {seconds:.2f} s, {said}"


def proofs(circuits: int) -> Iterator[str]:
    """The share of narrower circuits that are proved equal, and whether their counts agree."""
    for kind, draw in (("static", random_static), ("dynamic", random_dynamic), ("QAOA, BV", _families)):
        answers, counts, narrower, drawn = Counter[str](), Counter[str](), 0, 0
        while narrower < circuits:
            source = from_seed(drawn)
            drawn += 1
            circuit = draw(source)
            found = narrowed(circuit, keeps="nothing")
            if found.circuit.num_qubits == circuit.num_qubits:
                continue
            narrower += 1
            answers[proved(circuit, found)] += 1
            counts[same_counts(circuit, found.circuit, source)] += 1
        said = ", ".join(f"{number} {word}" for word, number in sorted(answers.items()))
        agreed = ", ".join(f"{number} {word}" for word, number in sorted(counts.items()))
        yield f"{kind:9} {narrower} narrower of {drawn} drawn: {said}; qiskit-aer: {agreed}"


def _families(source: Random) -> QuantumCircuit:
    if source.random() < 0.3:
        return bernstein_vazirani(source.randint(2, 15), source.randrange(1000))
    return qaoa(2 * source.randint(3, 8), source.randint(1, 2), source.randrange(1000))


def same_counts(a: QuantumCircuit, b: QuantumCircuit, source: Random) -> str:
    """Whether means of drawn parities of the record agree between two samples."""
    values = {p.name: source.uniform(-3.0, 3.0) for p in a.parameters}
    masks = [source.getrandbits(a.num_clbits) for _ in range(PARITIES)]
    slack = math.sqrt(4 * math.log(2 * PARITIES / CHANCE) / SHOTS)
    if a.num_qubits > WIDE and not measures_only_at_the_end(a):
        return "too wide to run shot by shot"
    try:
        left, right = (_parities(circuit, values, masks) for circuit in (a, b))
    except Undecidable as why:
        return f"not run ({why.sentence[:40]})"
    return "equal counts" if np.abs(left - right).max() <= slack else "DIFFERENT counts"


def _parities(circuit: QuantumCircuit, values: dict[str, float], masks: list[int]) -> NDArray[np.float64]:
    bound = circuit.assign_parameters({p: values[p.name] for p in circuit.parameters})
    records = sampled_counts(bound, QuantumCircuit(bound.num_qubits), SHOTS, 11)
    rows = [[number * (-1) ** (record & mask).bit_count() for record, number in records.items()] for mask in masks]
    return np.asarray(rows, dtype=np.float64).sum(axis=1) / SHOTS


def sweep(circuits: int) -> Iterator[str]:
    """Small circuits against the reference semantics: the same record and outputs, never wider."""
    seen = Counter[str]()
    for seed in range(circuits):
        source = from_seed(seed)
        circuit = random_small(source)
        discarded = [k for k in range(circuit.num_qubits) if source.random() < 0.3]
        try:
            found = narrowed(circuit, discarded, source.choice(["unmeasured", "nothing"]))
            values = {p.name: source.uniform(-3.0, 3.0) for p in circuit.parameters}
            if found.circuit.num_qubits == circuit.num_qubits:
                seen["as wide"] += 1
                continue
            one = reduced(circuit, values, found.outputs)
            other = reduced(found.circuit, values, range(len(found.outputs)))
        except Undecidable as why:
            seen[f"refused: {why.sentence[:30]}..."] += 1
            continue
        nothing = np.zeros_like(next(iter(one.values())))
        apart = max(float(np.abs(one.get(r, nothing) - other.get(r, nothing)).max()) for r in {*one, *other})
        seen["narrower and the same" if apart < 1e-9 else f"WRONG (seed {seed})"] += 1
    yield f"sweep of {circuits}: " + ", ".join(f"{number} {word}" for word, number in sorted(seen.items()))


def random_small(source: Random) -> QuantumCircuit:
    """Static with most wires measured, or dynamic."""
    if source.random() < 0.5:
        return dynamic_circuit(source, source.randint(2, 5), source.randint(1, 4), source.randint(2, 12))
    n = source.randint(2, 6)
    circuit = static_circuit(source, n, source.randint(1, 12), parameters=parameters(source.randint(0, 2)))
    circuit.add_register(ClassicalRegister(n, "m"))
    for k in source.sample(range(n), n):
        if source.random() < 0.85:
            circuit.measure(k, k)
    return circuit


def reduced(
    circuit: QuantumCircuit, values: dict[str, float], kept: range | tuple[int, ...]
) -> dict[int, NDArray[np.complex128]]:
    """The unnormalised state of some wires for each record, from |0...0>."""
    n = circuit.num_qubits
    found = instrument(circuit, values, zero=range(n), discard=[k for k in range(n) if k not in kept])
    flat = {record: kraus.reshape(len(kraus), -1) for record, kraus in found.items()}
    return {record: np.einsum("ra,rb->ab", k, k.conj()) for record, k in flat.items()}


def lines(chosen: argparse.Namespace) -> Iterator[str]:
    """All tables."""
    yield f"python {platform.python_version()}, qiskit {metadata.version('qiskit')}, {os.cpu_count()} cores, "
    yield f"load {os.getloadavg()[0]:.1f}; {chosen.graphs} graphs each, seeds from 0"
    if chosen.sweep:
        yield from sweep(chosen.sweep)
        return
    yield from widths(chosen.graphs)
    yield from exact(chosen.graphs)
    yield from strings()
    yield from proofs(chosen.circuits)


def main() -> None:
    """Print, and write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--graphs", type=int, default=20, help="graphs of each size")
    options.add_argument("--circuits", type=int, default=50, help="narrower circuits of each kind")
    options.add_argument("--sweep", type=int, default=0, help="only this: so many small circuits by brute force")
    options.add_argument("--output", type=Path, help="also write the tables here")
    chosen = options.parse_args()
    printed = []
    for text in lines(chosen):
        print(text, flush=True)
        printed.append(text)
    if chosen.output is not None:
        chosen.output.write_text("\n".join(printed) + "\n")


if __name__ == "__main__":
    main()
