"""How fast are circuits with mid-circuit measurement and feed-forward proved equal to their static forms?

Pairs: iterative phase estimation against the static one, Bernstein-Vazirani on one reused work qubit, and the
semiclassical Fourier transform, each asked for equal outcomes from |0...0>, conditions on bits and on registers;
and exact branches on 6 qubits with 8 measurements. Each is also asked with one fault put in (feed-forward inverted,
or a gate dropped), which must be found. MQT QCEC runs beside it where it is installed, with its transformation of
dynamic circuits, for at most QCEC_SECONDS in a child process.
Usage: python -m benchmarks.dynamic [--output FILE]
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import os
import platform
import time
from collections.abc import Iterator
from importlib import metadata
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister

from benchmarks.feed_forward import fourier, iterative_phase_estimation, phase_estimation
from qverify.equivalence.decide import Question, decide
from qverify.equivalence.field_branches import Ends, same_maps
from qverify.subject import make_subject

QCEC_SECONDS = 20.0
Pair = tuple[str, QuantumCircuit, QuantumCircuit]


def reused_bernstein_vazirani(n: int) -> QuantumCircuit:
    """One work qubit for all bits of the hidden string 1001001..."""
    out = QuantumCircuit(2, n)
    out.x(1)
    out.h(1)
    for k in range(n):
        if k:
            out.reset(0)
        out.h(0)
        if k % 3 == 0:
            out.cx(0, 1)
        out.h(0)
        out.measure(0, k)
    return out


def bernstein_vazirani(n: int) -> QuantumCircuit:
    """The same with one qubit a bit."""
    out = QuantumCircuit(n + 1, n)
    out.x(n)
    out.h(range(n + 1))
    for k in range(0, n, 3):
        out.cx(k, n)
    out.h(range(n))
    out.measure(range(n), range(n))
    return out


def by_registers(circuit: QuantumCircuit) -> QuantumCircuit:
    """Every bit is a register of its own, and every condition asks for the value of a register."""
    registers = [ClassicalRegister(1, f"r{k}") for k in range(circuit.num_clbits)]
    out = QuantumCircuit(QuantumRegister(circuit.num_qubits, "q"), *registers)
    for item in circuit.data:
        op = item.operation
        on = [circuit.find_bit(q).index for q in item.qubits]
        into = [circuit.find_bit(c).index for c in item.clbits]
        if op.name == "if_else":
            body = QuantumCircuit(len(on))
            for inner in op.blocks[0].data:
                body.append(inner.operation, [op.blocks[0].find_bit(q).index for q in inner.qubits])
            asked_for = registers[circuit.find_bit(op.condition[0]).index], int(op.condition[1])
            out.if_test(asked_for, body, on, [])
        else:
            out.append(op, on, into)
    return out


def pairs() -> Iterator[Pair]:
    """What is timed."""
    for rounds in (24, 48):
        iterative, plain = iterative_phase_estimation(rounds), phase_estimation(rounds)
        yield f"phase estimation, {rounds} rounds", iterative, plain
        yield f"the same, register conditions, {rounds}", by_registers(iterative), plain
    for n in (128, 1000):
        yield f"Bernstein-Vazirani, {n} bits", reused_bernstein_vazirani(n), bernstein_vazirani(n)
    semiclassical, plain = fourier(64, semiclassical=True), fourier(64, semiclassical=False)
    yield "Fourier transform, 64 qubits", semiclassical, plain
    yield "the same, register conditions, 64", by_registers(semiclassical), plain


def broken(circuit: QuantumCircuit) -> QuantumCircuit:
    """The first feed-forward acts on the other value; or, where there is none, the middle gate is dropped."""
    out, done = circuit.copy_empty_like(), False
    ops = [item.operation.name for item in circuit.data]
    drop = None if "if_else" in ops else max(k for k, name in enumerate(ops) if name == "cx")
    for k, item in enumerate(circuit.data):
        op = item.operation
        if op.name == "if_else" and not done:
            done = True
            out.if_test((op.condition[0], 0), op.blocks[0], item.qubits, item.clbits)
        elif k != drop:
            out.append(item)
    return out


def asked(a: QuantumCircuit, b: QuantumCircuit) -> tuple[str, float]:
    """The verdict and method, and the seconds."""
    sides = [make_subject(name, circuit, ()) for name, circuit in (("a", a), ("b", b))]
    start = time.perf_counter()
    found = decide(*sides, Question("outcomes", input="zero"))
    return f"{found.verdict} ({found.method})", time.perf_counter() - start


def _peer(answer: Connection, a: QuantumCircuit, b: QuantumCircuit) -> None:
    from mqt import qcec

    options = {"transform_dynamic_circuit": True, "backpropagate_output_permutation": True}
    answer.send(str(qcec.verify(a, b, timeout=QCEC_SECONDS, **options).equivalence).rsplit(".", 1)[-1])


def peer(a: QuantumCircuit, b: QuantumCircuit) -> tuple[str, float]:
    """What QCEC says, and its seconds."""
    try:
        metadata.version("mqt.qcec")
    except metadata.PackageNotFoundError:
        return "not installed", math.nan
    here, there = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=_peer, args=(there, a, b), daemon=True)
    start = time.perf_counter()
    child.start()
    there.close()
    try:
        word = str(here.recv()) if here.poll(QCEC_SECONDS + 5) else "time-out"
    except EOFError:
        word = "raised or crashed"
    child.kill()
    return word, time.perf_counter() - start


def branches() -> tuple[int, float]:
    """Seconds of exact branches on 6 qubits with 8 measurements, and how many steps they have."""
    source, out = Random(1), QuantumCircuit(6, 8)  # noqa: S311  # reproducible
    for bit in range(8):
        for k in range(6):
            out.ry(source.uniform(0, 6), k)
        out.cx(bit % 6, (bit + 1) % 6)
        out.measure(bit % 6, bit)
        with out.if_test((out.clbits[bit], 1)):
            out.rx(0.3, (bit + 2) % 6)
    start = time.perf_counter()
    same_maps(Ends(out), Ends(out), "instrument", "0")
    return len(out.data), time.perf_counter() - start


def lines() -> Iterator[str]:
    """The table."""
    yield f"python {platform.python_version()}, qiskit {metadata.version('qiskit')}; {os.cpu_count()} cores, "
    yield f"load {os.getloadavg()[0]:.1f}; outcomes from |0...0>"
    yield f"{'pair':38} {'verdict':44} {'seconds':>8}   {'one fault put in':44} {'seconds':>8}   QCEC"
    for name, a, b in pairs():
        (said, seconds), (wrong, more) = asked(a, b), asked(broken(a), b)
        theirs, took = peer(a, b)
        yield f"{name:38} {said:44} {seconds:8.2f}   {wrong:44} {more:8.2f}   {theirs} {took:.2f} s"
    count, seconds = branches()
    yield f"exact branches, 6 qubits, 8 measurements, {count} operations: {seconds:.2f} s for a pair"


def main() -> None:
    """Print, and write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--output", type=Path, help="also write the table here")
    chosen = options.parse_args()
    printed = []
    for text in lines():
        print(text, flush=True)
        printed.append(text)
    if chosen.output is not None:
        chosen.output.write_text("\n".join(printed) + "\n")


if __name__ == "__main__":
    main()
