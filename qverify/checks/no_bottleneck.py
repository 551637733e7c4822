"""No qubit spends nearly all of its life, from its first to its last operation, waiting.

Why: a qubit that waits decoheres, and one that waits for a measurement or a branch costs its whole time; the place
tells what to move, to measure later, or to do on another wire.
Formula: max over qubits of 1 - (time at work) / (time from its first to its last operation) <= bound, everything as
soon as possible, with the assumed durations (ns): gate 32, RZ 0, CX 68, measure and reset 1000, branch 650.
Source: Qiskit's `ASAPScheduleAnalysis`; critical path method, Kelley and Walker (1959).
Limits: assumed durations; `qverify idle --target` takes those of a machine. Gates between qubits that a machine
does not connect take longer. What a qubit waits before its first and after its last operation does not count.
Fails: a qubit is entangled at the start, waits for four measurements of another one, and is used at the end.
Fix: move the operation after the wait to before it, or let the qubit begin later; `qverify idle` draws the lives.
"""

from __future__ import annotations

from collections.abc import Iterator

from numpy.random import Generator

from qverify.check import check
from qverify.finding import Evidence
from qverify.subject import Subject
from qverify.wires.asked import idle_of


@check()
def no_bottleneck(subject: Subject, rng: Generator) -> Iterator[Evidence]:  # noqa: ARG001  # nothing is drawn
    """The largest share of the time that a qubit waits, with the place."""
    found = idle_of(subject)
    worst = max((use for use in found.qubits if use.life > 0), key=lambda use: use.waits / use.life, default=None)
    waits = worst.waits / worst.life if worst is not None else 0.0
    where = "all qubits"
    if worst is not None and waits > 0:
        where = f"qubit {worst.index}" + (f", longest before {worst.wait_before}" if worst.wait_before else "")
    yield Evidence(
        quantity="share of its life that a qubit waits",
        lo=waits,
        hi=waits,
        unit="1",
        where=where,
        method=f"schedule as soon as possible, {found.totals.duration:g} ns in all, assumed durations",
        strength="exact",
    )
