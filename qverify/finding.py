"""What a check reports: evidence, and a finding that gathers it.

Evidence says that a quantity lies in the interval [lo, hi]. It holds no bound: judging is the policy's.
All values are frozen and turn into JSON as they are.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Strength = Literal["proof", "exact", "numerical", "statistical"]
Verdict = Literal["pass", "fail", "inconclusive", "error", "not_applicable"]


class Counterexample(msgspec.Struct, frozen=True):
    """The simplest case found that shows a defect.

    values: parameter -> value (radians, or the feature's unit).
    input: the prepared state of each wire, as `0 1 + - r l`, wire 0 first; or, for other states,
        `(theta,phi)` of cos(theta/2)|0> + e^{i phi} sin(theta/2)|1> for each wire.
    record: the classical record, as bits, last bit first, `.` for a bit that may be either; empty where nothing is
        measured.
    expected, observed: the two sides, in words and numbers.
    snippet: lines of Python with Qiskit that show it.
    """

    values: dict[str, float]
    input: str
    record: str
    expected: str
    observed: str
    snippet: str


class Evidence(msgspec.Struct, frozen=True):
    """A quantity known to lie in [lo, hi].

    where: the operation, wire, parameter or outcome it speaks of.
    method: how it was found. strength: proof, exact (with its error inside the interval), numerical (at the
    points tried) or statistical (may be wrong with the probability that the method names).
    """

    quantity: str
    lo: float
    hi: float
    unit: str
    where: str
    method: str
    strength: Strength
    counterexample: Counterexample | None = None


class Finding(msgspec.Struct, frozen=True):
    """What one check reports about one subject, before it is judged.

    state: "measured", or why there is nothing to judge: "not_applicable", "undecided", "crashed".
    message: one sentence; for `not_applicable`, what a claim would add.
    """

    check: str
    state: Literal["measured", "not_applicable", "undecided", "crashed"]
    message: str
    evidence: tuple[Evidence, ...] = ()
    seed: int = 0
