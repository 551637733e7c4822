"""Every classical value that steers is written before it is read, and every outcome is read before it is lost.

Why: a condition on a bit that is measured later, or into another register, reads the 0 that the bit started with;
an outcome that is overwritten or that nobody reads was measured for nothing, or into the wrong bit.
Formula: number of values that a condition reads and that nothing can have written by then, plus number of
measurements whose bit is written again, or the circuit over, before anything reads it, = 0. In a loop every turn
must be at fault. At the end all bits are read; where `observables` are claimed, those they read (`M0`), and the
bit of a wire's last operation, if that is a measurement.
Source: reaching definitions and liveness, Aho et al., Compilers (2006), sec. 9.2.4 and 9.2.5.
Limits: every path of the text counts as possible, so a read that only an impossible path would prepare passes. A
register is one value: it is written as soon as one of its bits is, as in the OpenQASM 2 examples of phase
estimation.
Fails: if (c) { x q[1]; } c = measure q[0];
Fix: measure first, into the bit that is read; claim the `observables` that read the bits, or drop the measurement.
"""

from __future__ import annotations

from collections.abc import Iterator

from numpy.random import Generator

from qverify.check import NotApplicable, check
from qverify.finding import Evidence
from qverify.hygiene import Tally, dead_writes, executions, program_of, reads_of_nothing
from qverify.hygiene.tally import by_site
from qverify.structure import is_dynamic
from qverify.subject import Subject


@check()
def bits_written_before_read(subject: Subject, rng: Generator) -> Iterator[Evidence]:  # noqa: ARG001  # nothing is drawn
    """Count values read too early and outcomes that nobody reads."""
    if not is_dynamic(subject.circuit):
        raise NotApplicable("speaks of circuits that measure or branch")
    program = program_of(subject)
    steps = [step for step in executions(program.steps) if step.branch or step.kind == "measure"]
    if not steps:
        raise NotApplicable("speaks of circuits that measure or branch")
    early, lost = reads_of_nothing(program), dead_writes(program)
    tally = Tally("bits read before they are written, or lost before they are read")
    for turns in by_site(steps).values():
        values = set.intersection(*(set(early.get(turn, ())) for turn in turns))
        for value in sorted(values):
            bits = ", ".join(f"c{bit}" for bit in value)
            tally.accuse(f"{turns[0].where} reads {bits} before anything is written there", "proof")
        if all(turn in lost for turn in turns):
            tally.accuse(f"{turns[0].where} is {lost[turns[0]]}", "proof")
        elif not values:
            tally.clear("proof")
    yield tally.evidence("reaching definitions and liveness of the classical bits")
