"""Every reset and every branch changes something.

Why: a reset of a wire that is in |0> anyway, a branch with the same gates on both sides or with an angle of zero,
are what is left of a circuit that was meant to do more: a wrong wire, a forgotten `else`, a weight that was never
put in.
Formula: number of resets whose wire is in |0> before them for all weights, features and claimed inputs, plus
number of branches in whose place one of their arms (or nothing) could stand: the same map for every value of the
classical bits that they read or write, for all weights and features, = 0. In a loop every turn must be at fault.
Source: what is surely known of wires, by abstract interpretation (Cousot and Cousot, POPL 1977), at any width;
amplitudes as polynomials modulo a prime (Schwartz, J. ACM 27, 701, 1980), to 8 wires; outputs at drawn points.
Limits: a branch is compared for any state of its wires, not only for those that reach it, and for any value of
the bits (at most 12). Differences below 1e-9 are not seen; what is neither shown nor proved is undecided.
Fails: qubit q starts in |0> by claim, and the circuit begins with `reset q;`
Fix: remove the operation, or put it where it acts.
"""

from __future__ import annotations

from collections.abc import Iterator

from numpy.random import Generator

from qverify.check import NotApplicable, check
from qverify.finding import Evidence
from qverify.hygiene import Explored, Program, Step, Tally, executions, explored, flow_of, program_of, same_arms
from qverify.hygiene.branches import DRAWN, EXACT, PROOF
from qverify.hygiene.tally import by_site
from qverify.structure import is_dynamic
from qverify.subject import Subject


@check()
def every_reset_and_branch_acts(subject: Subject, rng: Generator) -> Iterator[Evidence]:
    """Count the resets and branches without effect."""
    if not is_dynamic(subject.circuit):
        raise NotApplicable("speaks of circuits that reset or branch")
    program = program_of(subject)
    steps = [step for step in executions(program.steps) if step.branch or step.kind == "reset"]
    if not steps:
        raise NotApplicable("speaks of circuits that reset or branch")
    resets = [step for step in steps if step.kind == "reset"]
    known = explored(subject, program, flow_of(program), rng, resets)
    tally = Tally("resets and branches that change nothing")
    for turns in by_site(steps).values():
        if turns[0].branch:
            _branch(subject, program, turns, rng, tally)
        else:
            _reset(turns, known, tally)
    yield tally.evidence(f"{known.fault or DRAWN} (what acts); {PROOF}; {EXACT} (what does not)")


def _reset(turns: list[Step], known: Explored, tally: Tally) -> None:
    reached = [turn for turn in turns if known.outcomes[turn][0] != (False, False)]
    ones = [known.outcomes[turn][0][1] for turn in reached]
    if any(ones) or not ones:  # what no run reaches is counted as a condition
        tally.clear("numerical")
    elif None in ones:
        tally.doubt(turns[0].where)
    else:
        proved = all(known.by[turn] == "proof" for turn in reached)
        tally.accuse(f"{turns[0].where}: the wire is in |0> anyway", "proof" if proved else "exact")


def _branch(subject: Subject, program: Program, turns: list[Step], rng: Generator, tally: Tally) -> None:
    answers = []
    for turn in turns:
        answers.append(same_arms(subject, program, turn, rng))
        if answers[-1][0] is False:
            tally.clear("numerical")
            return
    if any(same is None for same, _ in answers):
        tally.doubt(turns[0].where)
        return
    strength = "proof" if all(by == "proof" for _, by in answers) else "exact"
    tally.accuse(f"{turns[0].where}: the same whichever arm runs", strength)  # type: ignore[arg-type]  # a literal
