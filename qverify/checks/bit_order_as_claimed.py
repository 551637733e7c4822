"""Every register value that a condition reads has its bits in the claimed order.

Why: Qiskit counts the first bit of a register as the least significant, texts write it last, and many papers write
it first; a correction on `c == 1` that was meant for the other bit runs without complaint.
Formula: number of branches that read a claimed number as one value, with its bits in another order than claimed,
and that would choose differently if the bits were in the claimed order, = 0.
Source: the claim `bit_orders`, lists of classical bits, the least significant first; OpenQASM 3 specification,
types.
Limits: speaks of values whose bits are exactly those of a claimed list; single bits have no order. It does not say
that the right wire is measured into each bit: that is for `equivalent_to`.
Fails: bit_orders = [[1, 0]], and if (c == 1) on the register of bits 0 and 1.
Fix: compare with the value in the circuit's own order (2 here), or correct the claim.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from numpy.random import Generator

from qverify.check import NotApplicable, check
from qverify.errors import Undecidable
from qverify.finding import Evidence
from qverify.hygiene import Branch, Tally, executions, program_of
from qverify.hygiene.tally import by_site
from qverify.structure import is_dynamic
from qverify.subject import Subject

MAX_BITS = 14


@check(claims=("bit_orders",))
def bit_order_as_claimed(subject: Subject, rng: Generator) -> Iterator[Evidence]:  # noqa: ARG001  # nothing is drawn
    """Count the branches that read a claimed number in another order."""
    if not is_dynamic(subject.circuit):
        raise NotApplicable("speaks of circuits that branch")
    branches = by_site(step for step in executions(program_of(subject).steps) if step.branch)
    if not branches:
        raise NotApplicable("speaks of circuits that branch")
    tally = Tally("values read in another order than claimed")
    for step in (turns[0] for turns in branches.values()):
        for order in subject.claims.bit_orders:
            read = _other_order(step.branch, order) if step.branch else None
            if read is None:
                tally.clear("proof")
            else:
                told = ", ".join(f"c{bit}" for bit in read)
                wanted = ", ".join(f"c{bit}" for bit in order)
                tally.accuse(f"{step.where} reads {told}, least significant first, claimed is {wanted}", "proof")
    yield tally.evidence("the branch chosen for every value of the bits, in both orders")


def _other_order(branch: Branch, order: tuple[int, ...]) -> tuple[int, ...] | None:
    """The order in which a claimed number is read, where another one would choose otherwise for some record."""
    read = next((value for value in branch.reads if set(value) == set(order) and value != order), None)
    if read is None:
        return None
    if len(branch.bits) > MAX_BITS:
        raise Undecidable(f"a condition reads {len(branch.bits)} bits (at most {MAX_BITS})")
    if any(value not in (read, order) and not set(value).isdisjoint(order) for value in branch.reads):
        raise Undecidable("a condition reads a claimed number as a whole and bits of it alone")
    goes = dict(zip(read, order, strict=True))
    for values in product((0, 1), repeat=len(branch.bits)):
        at = dict(zip(branch.bits, values, strict=True))
        record = sum(v << bit for bit, v in at.items())
        meant = sum(at[goes.get(bit, bit)] << bit for bit in at)
        if branch.chosen(record) != branch.chosen(meant):
            return read
    return None
