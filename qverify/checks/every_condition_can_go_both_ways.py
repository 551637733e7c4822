"""Every condition can hold and can fail, and every case of a switch can be met.

Why: a condition that never holds is a correction that is never made, and one that always holds is no condition;
both come from a wrong bit, a value that the register cannot have, or a measurement of a wire that is always in
|0>.
Formula: number of ways of a branch (an `if` holds or fails, a `switch` takes a case) that have probability zero
for all weights, features and inputs = 0. In a loop a way counts if no turn takes it.
Source: what the classical memory may hold, by abstract interpretation (Cousot and Cousot, POPL 1977), at any
width; amplitudes as polynomials modulo a prime (Schwartz, J. ACM 27, 701, 1980), to 8 wires; probabilities at
drawn points.
Limits: a `default` that is never reached is not counted. There is no noise here: a correction that only noise
would call for never happens, and is counted where the claims say that its wires start in |0>. A way that no drawn
point shows with a probability above 1e-12 and nothing excludes is undecided, and so are most above 10 wires.
Fails: bit[2] c; c[0] = measure q[0]; if (c == 2) ...
Fix: compare with a value that the register can have, or measure into the bit that is read.
"""

from __future__ import annotations

from collections.abc import Iterator

from numpy.random import Generator

from qverify.check import NotApplicable, check
from qverify.finding import Evidence
from qverify.hygiene import Step, Tally, executions, explored, flow_of, program_of
from qverify.hygiene.branches import DRAWN, EXACT, PROOF
from qverify.hygiene.program import NOTHING
from qverify.hygiene.tally import by_site
from qverify.structure import is_dynamic
from qverify.subject import Subject


@check()
def every_condition_can_go_both_ways(subject: Subject, rng: Generator) -> Iterator[Evidence]:
    """Count the ways that no run takes."""
    if not is_dynamic(subject.circuit):
        raise NotApplicable("speaks of circuits that branch")
    program = program_of(subject)
    branches = [step for step in executions(program.steps) if step.branch]
    if not branches:
        raise NotApplicable("speaks of circuits that branch")
    known = explored(subject, program, flow_of(program), rng, branches)
    tally = Tally("ways of a branch that no run takes")
    for turns in by_site(branches).values():
        reached = [turn for turn in turns if any(can is not False for can in known.arms[turn])]
        if not reached:
            continue  # the branch around it is counted
        for arm, name in _ways(turns[0]):
            can = [known.arms[turn][arm] for turn in reached]
            if any(can):
                tally.clear("numerical")
            elif None in can:
                tally.doubt(f"{turns[0].where}: {_never(name)}")
            else:
                tally.accuse(
                    f"{turns[0].where}: {_never(name)}",
                    "proof" if all(known.by[turn] == "proof" for turn in reached) else "exact",
                )
    yield tally.evidence(f"{known.fault or DRAWN} (what can happen); {PROOF}; {EXACT} (what cannot)")


def _ways(step: Step) -> Iterator[tuple[int, str]]:
    """The arms that should be taken at times; of a switch, those with a value of their own."""
    names = step.branch.names if step.branch else ()
    is_if = names[0] == "then"
    for arm, name in enumerate(names):
        if is_if or name not in (NOTHING, "default"):
            yield arm, name


def _never(name: str) -> str:
    if name == "then":
        return "the condition never holds"
    return f"{name} is never met" if name.startswith("case") else "the condition always holds"
