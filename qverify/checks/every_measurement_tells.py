"""Every measurement tells something: its outcome can vary, and it could not be left out.

Why: a measurement that always gives the same outcome is of a wire that nothing reached, and one whose outcome is
lost just before the wire is reset or measured again is a remnant; each costs as much time as many gates.
Formula: number of measurements one of whose outcomes has probability zero for all weights, features and claimed
inputs, plus number of measurements whose bit nobody reads and whose wire is reset or measured again at once, = 0.
In a loop every turn must be at fault.
Source: deferred measurement, Nielsen and Chuang (2010), sec. 4.4; what can and cannot happen as in
`every_condition_can_go_both_ways`.
Limits: a circuit in which every wire starts in |0> and that has no parameter is one experiment, whose outcomes may
be certain; the first count leaves it alone, and so it does a wire that was measured before and not reset since
(two rounds of a parity check agree where there is no noise). There is no noise here: a syndrome that only noise
would set never varies. Outcomes that exclude each other (the two halves of a Bell pair) are no fault. An outcome
that no drawn point shows with a probability above 1e-12 and nothing excludes is undecided.
Fails: reset q[0]; c[0] = measure q[0];
Fix: measure the wire that carries the answer, or drop the measurement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from numpy.random import Generator

from qverify.check import NotApplicable, check
from qverify.finding import Evidence
from qverify.hygiene import Explored, Step, Tally, dead_writes, executions, explored, flow_of, program_of
from qverify.hygiene.branches import DRAWN, EXACT, PROOF
from qverify.hygiene.reuse import measured_leftovers
from qverify.hygiene.tally import by_site
from qverify.structure import is_dynamic, measures_only_at_the_end
from qverify.subject import Subject


@check()
def every_measurement_tells(subject: Subject, rng: Generator) -> Iterator[Evidence]:
    """Count the measurements that tell nothing."""
    if not is_dynamic(subject.circuit):
        raise NotApplicable("speaks of circuits that measure")
    if measures_only_at_the_end(subject.circuit):
        raise NotApplicable("every measurement stands at the end, where it is the readout")
    program = program_of(subject)
    measured = [step for step in executions(program.steps) if step.kind == "measure"]
    if not measured:
        raise NotApplicable("speaks of circuits that measure")
    tally = Tally("measurements that tell nothing")
    lost = set(dead_writes(program)) & set(_measured_again(program.steps))
    for turns in by_site(measured).values():
        if all(turn in lost for turn in turns):
            tally.accuse(
                f"{turns[0].where}: nobody reads it, and the wire is reset or measured again at once", "proof"
            )
    varies = bool(program.free or program.parameters)
    if varies:
        known = explored(subject, program, flow_of(program), rng, measured)
        again = measured_leftovers(program)
        for turns in by_site(measured).values():
            if not all(turn in lost or turn in again for turn in turns):
                _outcomes(turns, known, tally)
    how = f"{known.fault or DRAWN} (what can happen); {PROOF}; {EXACT} (what cannot)" if varies else "dataflow"
    yield tally.evidence(how)


def _outcomes(turns: list[Step], known: Explored, tally: Tally) -> None:
    reached = [turn for turn in turns if known.outcomes[turn][0] != (False, False)]
    if not reached:
        return  # the branch around it is counted as a condition
    found = [known.outcomes[turn][0] for turn in reached]
    sure = [next((b for b in (0, 1) if pair[1 - b] is False), None) for pair in found]
    if any(pair == (True, True) for pair in found) or set(sure) >= {0, 1}:
        tally.clear("numerical")
    elif None in sure:
        tally.doubt(f"{turns[0].where}: one outcome was not seen")
    else:
        proved = all(known.by[turn] == "proof" for turn in reached)
        tally.accuse(f"{turns[0].where}: the outcome is always {sure[0]}", "proof" if proved else "exact")


def _measured_again(steps: Sequence[Step]) -> Iterator[Step]:
    """The measurements after which the next thing done to the wire, in its block, is a reset or a measurement."""
    waiting: dict[int, Step] = {}
    for step in steps:
        for wire in step.wires:
            before = waiting.pop(wire, None)
            if before is not None and step.kind in ("reset", "measure"):
                yield before
        if step.kind == "measure":
            waiting[step.wires[0]] = step
        for arm in step.branch.arms if step.branch else ():
            yield from _measured_again(arm)
