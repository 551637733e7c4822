"""When everything happens, as soon and as late as possible, and what waits meanwhile.

    begins(i) = max over its wires and bits of the end of the row before on them       (ASAP)
    the same from the end                                                              (ALAP)

A branch or loop begins when all its wires are free and takes: the latency of its condition, then its longest body,
times its turns (a `while`: one turn). A barrier aligns its wires, a delay makes its wire wait; neither is work.
    idle fraction of a qubit = 1 - (time at work) / (time of the whole circuit), the same for ASAP and ALAP
    waits                    = the part of it between the qubit's first and last operation; differs
Source: Qiskit's `ASAPScheduleAnalysis`; critical path method, Kelley and Walker (1959). Cost: O(rows).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qverify.wires.durations import Clock
from qverify.wires.flat import BARRIER, DELAY, Event, Flat, Ints
from qverify.wires.kernels import fast, free, placed

Times = NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """One schedule; for ALAP, times count from the end.

    total: of the circuit. begins, lengths: shape (rows,). after: the row that each waited for, or -1.
    work, first, last, gap: shape (n,): time at work, first begin (-1 without any), last end, longest wait.
    beside: shape (n,), the row at the far end of the longest wait, or -1.
    """

    total: float
    begins: Times
    lengths: Times
    after: Ints
    work: Times
    first: Times
    last: Times
    gap: Times
    beside: Ints

    @property
    def idle(self) -> Times:
        """Share of the whole time in which each qubit does nothing, shape (n,)."""
        return 1.0 - self.work / self.total if self.total > 0 else np.where(self.first < 0, 1.0, 0.0)

    @property
    def life(self) -> Times:
        """Share of the whole time between the first and the last operation of each qubit, shape (n,)."""
        life = np.where(self.first < 0, 0.0, self.last - self.first)
        return life / self.total if self.total > 0 else np.zeros(len(life))

    @property
    def waits(self) -> Times:
        """Share of the whole time that each qubit waits between its first and last operation, shape (n,)."""
        inside = np.where(self.first < 0, 0.0, self.last - self.first - self.work)
        return np.maximum(inside, 0.0) / self.total if self.total > 0 else np.zeros(len(inside))

    @property
    def busy_share(self) -> float:
        """Work over qubits times time."""
        return float(self.work.sum()) / (self.total * len(self.work)) if self.total > 0 and len(self.work) else 1.0


def planned(flat: Flat, clock: Clock) -> Plan:
    """The schedule of a circuit, everything as soon as possible.

    Raises:
        Unusable: as the clock's `lengths`.
    """
    lengths = clock.lengths(flat)
    inner: dict[int, Times] = {}
    for i, event in flat.events.items():
        lengths[i], inner[i] = _block(event, clock, flat.n)
    return _plan(flat, lengths, inner, late=False)


def reversed_plan(flat: Flat, soon: Plan, clock: Clock) -> Plan:
    """The schedule with everything as late as possible, of which `soon` is the earliest one."""
    inner = {i: _block(event, clock, flat.n)[1] for i, event in flat.events.items()}
    return _plan(flat, soon.lengths, inner, late=True)


def _plan(flat: Flat, lengths: Times, inner: dict[int, Times], *, late: bool) -> Plan:
    rows, bits = len(flat), max(flat.n_bits, 1)
    begins, after = np.zeros(rows), np.full(rows, -1, dtype=np.int64)
    ready = np.zeros(flat.n), np.zeros(bits)
    last = np.full(flat.n, -1, dtype=np.int64), np.full(bits, -1, dtype=np.int64)
    use = free(flat.n)
    fast(placed, rows)(flat.rows, late, lengths, ready, last, (begins, after), use)
    for i, work in inner.items():
        wires = list(flat.events[i].wires)
        use[0, wires] += work[wires] - lengths[i]
    total = float((begins + lengths).max()) if rows else 0.0
    return Plan(total, begins, lengths, after, use[0], use[1], use[2], use[3], use[4].astype(np.int64))


def _block(event: Event, clock: Clock, n: int) -> tuple[float, Times]:
    """Time of a branch or loop as a whole, and the time that each wire works in it."""
    plans = [planned(body, clock) for body in event.bodies]
    waits = clock.latency if event.is_conditional else 0.0
    longest = max((plan.total for plan in plans), default=0.0)
    work = np.max([plan.work for plan in plans], axis=0) if plans else np.zeros(n)
    return waits + event.turns * longest, event.turns * work


def critical_path(flat: Flat, plan: Plan) -> list[int]:
    """The rows of a longest chain of an ASAP plan, in order; barriers and delays left out."""
    if not len(flat):
        return []
    at, chain = int(np.argmax(plan.begins + plan.lengths)), list[int]()
    while at >= 0:
        if flat.code[at] not in (BARRIER, DELAY):
            chain.append(at)
        at = int(plan.after[at])
    return chain[::-1]
