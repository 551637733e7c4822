"""Where the time goes: the longest chain of operations, and the branches that wait for a classical value.

    critical path = operations each of which begins when the one before it ends, from the start to the end
Source: critical path method, Kelley and Walker (1959).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np

from qverify.wires.findings import Places
from qverify.wires.flat import Flat
from qverify.wires.schedule import Plan, critical_path

SHOWN = 200


class Step(msgspec.Struct, frozen=True):
    """One operation of the longest chain, times in nanoseconds."""

    where: str
    line: int | None
    qubits: tuple[int, ...]
    start: float
    duration: float


class CriticalPath(msgspec.Struct, frozen=True):
    """The longest chain. duration: nanoseconds; operations: how many it has, of which the first are in `steps`.

    qubits: those that it runs through. layers: length of the longest chain in layers.
    """

    duration: float
    layers: float
    operations: int
    qubits: tuple[int, ...]
    steps: tuple[Step, ...]


class Wait(msgspec.Struct, frozen=True):
    """A branch that waits for a classical value. start: when it begins to, nanoseconds."""

    where: str
    line: int | None
    qubits: tuple[int, ...]
    bits: tuple[int, ...]
    start: float


def chain(flat: Flat, plan: Plan, steps: Plan, places: Places) -> CriticalPath:
    """The longest chain of an ASAP plan."""
    rows = critical_path(flat, plan)
    shown = tuple(
        Step(
            places.of(flat, i), places.line(flat, i), flat.qubits(i), float(plan.begins[i]), float(plan.lengths[i])
        )
        for i in rows[:SHOWN]
    )
    at = np.zeros(len(flat), dtype=np.bool_)
    at[rows] = True
    wires = np.flatnonzero(np.bincount(flat.wires[at[flat.owner]], minlength=1))
    return CriticalPath(plan.total, steps.total, len(rows), tuple(wires.tolist()), shown)


def waits_for_bits(flat: Flat, plan: Plan, places: Places) -> Iterator[Wait]:
    """The branches of the circuit that wait for a bit, outermost ones only."""
    for i, event in sorted(flat.events.items()):
        if event.is_conditional:
            yield Wait(places.of(flat, i), places.line(flat, i), flat.qubits(i), event.reads, float(plan.begins[i]))
