"""What classical bits hold, by dataflow: which measurements can have written what a condition reads, and who reads.

    reaching:  a measurement reaches a condition if some path between the two writes the bit no more
    liveness:  a bit is live if some path reads it before it is written again, or ends with it as an output

Every path of the written program counts as possible, so "nobody wrote it" and "nobody reads it" are proofs.
Source: Aho et al., Compilers (2006), sec. 9.2.4 and 9.2.5. Cost: O(steps * bits), at any number of wires.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

from qverify.hygiene.program import Program, Step

Writers = dict[int, frozenset[Step]]  # bit -> the measurements that may have written what it holds
Unread = Literal["overwritten before it is read", "never read"]


def reads_of_nothing(program: Program) -> dict[Step, tuple[tuple[int, ...], ...]]:
    """The branches that read a value none of whose bits can have been written by then, with these values."""
    found: dict[Step, tuple[tuple[int, ...], ...]] = {}

    def see(step: Step, writers: Writers) -> None:
        reads = step.branch.reads if step.branch else ()
        unwritten = tuple(value for value in reads if not any(bit in writers for bit in value))
        if unwritten:
            found[step] = unwritten

    _reach(program.steps, {}, see)
    return found


def steered_by(program: Program) -> dict[Step, tuple[Step, ...]]:
    """For every measurement, the branches with something in an arm that may read what it wrote."""
    found: dict[Step, dict[Step, None]] = {}

    def see(step: Step, writers: Writers) -> None:
        if step.branch is None or not any(step.branch.arms):
            return
        for bit in step.branch.bits:
            for writer in writers.get(bit, ()):
                found.setdefault(writer, {})[step] = None

    _reach(program.steps, {}, see)
    return {writer: tuple(branches) for writer, branches in found.items()}


def _reach(steps: Sequence[Step], writers: Writers, see: Callable[[Step, Writers], None]) -> Writers:
    for step in steps:
        see(step, writers)
        if step.kind == "measure":
            writers = {**writers, step.bit: frozenset([step])}
        elif step.branch is not None:
            ends = [_reach(arm, writers, see) for arm in step.branch.arms]
            bits = {bit for end in ends for bit in end}
            writers = {bit: frozenset[Step]().union(*(end.get(bit, frozenset()) for end in ends)) for bit in bits}
    return writers


def dead_writes(program: Program) -> dict[Step, Unread]:
    """The measurements whose bit nobody reads before it is written again or the circuit ends."""
    found: dict[Step, Unread] = {}
    _live(program.steps, dict.fromkeys(program.outputs, "read"), found)
    return found


def _live(steps: Sequence[Step], after: Mapping[int, str], found: dict[Step, Unread]) -> dict[int, str]:
    """What becomes of each bit, before the steps: `read`, `written`, or absent at the end."""
    fate = dict(after)
    for step in reversed(steps):
        if step.kind == "measure":
            if fate.get(step.bit) != "read":
                found[step] = "overwritten before it is read" if step.bit in fate else "never read"
            fate[step.bit] = "written"
        elif step.branch is not None:
            ends = [_live(arm, fate, found) for arm in step.branch.arms]
            bits = {bit for end in ends for bit in end}
            fate = {bit: _worst(end.get(bit, "") for end in ends) for bit in bits}
            fate |= dict.fromkeys(step.branch.bits, "read")
    return {bit: what for bit, what in fate.items() if what}


def _worst(fates: Iterable[str]) -> str:
    seen = set(fates)
    return "read" if "read" in seen else "written" if "written" in seen else ""
