"""Every wire that was measured is reset before it is turned again.

Why: a work wire that carries the outcome of the last block into the next one encodes the next input on |1> half of
the time. The circuit runs, trains and is another one.
Formula: number of gates that turn a wire after its measurement while it may not be in |0> = 0. A reset may be
active: `if (c) x q` after `c = measure q`. Not counted: gates that keep a basis state one (diagonal gates,
controls, X and the target of a CX, as in parity checks), gates steered by the bit that the wire was measured into,
and the inverse of the gate just before the measurement (a change of basis and back). In a loop one turn at fault
is enough.
Source: dataflow over the wires; the state of the wire as in `every_reset_and_branch_acts`.
Limits: a circuit that goes on, on purpose, in the state a measurement left says so by the claim `unreset_wires`.
Where no drawn point shows the wire in |1> and nothing excludes it (most above 10 wires) it is undecided.
Fails: c[0] = measure q; ry(x) q; c[1] = measure q;
Fix: reset the wire, or flip it where the outcome was 1; or claim `unreset_wires = [0]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from numpy.random import Generator

from qverify.check import NotApplicable, check
from qverify.finding import Evidence
from qverify.hygiene import Tally, executions, explored, flow_of, program_of
from qverify.hygiene.branches import DRAWN, EXACT, PROOF
from qverify.hygiene.reuse import Use, uses_of_leftovers
from qverify.structure import is_dynamic
from qverify.subject import Subject


@check()
def reset_before_reuse(subject: Subject, rng: Generator) -> Iterator[Evidence]:
    """Count the gates that turn a wire as a measurement left it."""
    if not is_dynamic(subject.circuit):
        raise NotApplicable("speaks of circuits that measure")
    program = program_of(subject)
    if not any(step.kind == "measure" for step in executions(program.steps)):
        raise NotApplicable("speaks of circuits that measure")
    kept = set(subject.claims.unreset_wires)
    tally = Tally("measured wires turned without a reset")
    uses = [use for use in uses_of_leftovers(program) if use.gate.wires[use.place] not in kept]
    if not uses:
        tally.clear("proof")
        yield tally.evidence("no gate turns a measured wire before a reset")
        return
    known = explored(subject, program, flow_of(program), rng, [use.gate for use in uses])
    sites: dict[tuple[tuple[int, ...], int], list[Use]] = {}
    for use in uses:
        sites.setdefault((use.gate.site, use.place), []).append(use)
    for turns in sites.values():
        found = [known.outcomes[use.gate][use.place][1] for use in turns]
        if any(found):
            tally.accuse(_blame(turns[found.index(True)]), "numerical")
        elif None in found:
            tally.doubt(_blame(turns[found.index(None)]))
        else:
            tally.clear("proof" if all(known.by[use.gate] == "proof" for use in turns) else "exact")
    yield tally.evidence(f"{known.fault or DRAWN} (wires that may be in |1>); {PROOF}; {EXACT} (wires in |0>)")


def _blame(use: Use) -> str:
    measured = min(left.measured.where for left in use.left)
    return f"{use.gate.where} turns q{use.gate.wires[use.place]} as {measured} left it"
