"""Backward cones by rows: which operations can reach an output, and which outcomes nobody reads.

Walking backwards with the set of live wires and bits:
    gate            live if it touches a live wire; then all its wires are live before it
    reset q         ends the life of q: what came before on q is lost
    measure q -> c  live if c or q is; c was overwritten, so it is dead before; if c was live, q is live before
    store           if what is stored into was live, what is read is live before; variables are like bits
    branch          live if a body writes something live; then its condition's bits are live before it
Barriers and delays are no use. Source: dataflow liveness, Aho et al., Compilers (2006), sec. 9.2.5; the backward
light cone of an observable.
Sound for "dead": all dead operations can go together without changing an output. Complete for gates on straight
lines: for almost all gates in their places, one that is called live changes an output when it alone goes. Not
complete for measurements (of a wire that was just measured), resets and branches. Cost: O(rows).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qverify.wires.flat import BARRIER, DELAY, EVENT, Event, Flat, Ints
from qverify.wires.kernels import DEAD, LIVE, fast, live_before

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Marks:
    """What each row is to the outputs: `of[i]` is DEAD, LIVE, or either with UNREAD; `inside[i]` for each body."""

    of: Ints
    inside: dict[int, tuple[Marks, ...]]


@dataclass
class Alive:
    """The wires and bits that are live at one point; shape (n,), (n_bits,)."""

    wires: Flags
    bits: Flags

    def copy(self) -> Alive:
        """Its own arrays."""
        return Alive(self.wires.copy(), self.bits.copy())

    def add(self, other: Alive) -> None:
        """Whatever is live in either."""
        self.wires |= other.wires
        self.bits |= other.bits

    def same(self, other: Alive) -> bool:
        """Whether the same is live."""
        return bool((self.wires == other.wires).all() and (self.bits == other.bits).all())


def live_rows(flat: Flat, wires: Iterable[int], bits: Iterable[int]) -> Marks:
    """Which rows the given wires and bits, read at the end, can feel."""
    alive = Alive(np.zeros(flat.n, dtype=np.bool_), np.zeros(flat.n_bits, dtype=np.bool_))
    alive.wires[list(wires)] = True
    alive.bits[list(bits)] = True
    return swept(flat, alive)


def swept(flat: Flat, alive: Alive) -> Marks:
    """Marks of all rows; `alive` becomes what is live before them."""
    marks, inside = np.zeros(len(flat), dtype=np.int64), dict[int, tuple[Marks, ...]]()
    loop = fast(live_before, len(flat))
    stop = len(flat)
    for at in [*sorted(flat.events, reverse=True), -1]:
        loop(flat.rows, (at + 1, stop), alive.wires, alive.bits, marks)
        if at >= 0:
            event = flat.events[at]
            marks[at], inside[at] = _event(event, alive)
        stop = at
    return Marks(marks, inside)


def _event(event: Event, alive: Alive) -> tuple[int, tuple[Marks, ...]]:
    if event.name == "store":
        if not alive.bits[list(event.writes)].any():
            return DEAD, ()
        alive.bits[list(event.reads)] = True
        return LIVE, ()
    if event.name in ("for_loop", "while_loop"):
        # a loop feeds itself: what is live before a turn is live after the one before it
        known = None
        while known is None or not known.same(alive):
            known = alive.copy()
            _turn(event, alive)
    return _turn(event, alive)


def _turn(event: Event, alive: Alive) -> tuple[int, tuple[Marks, ...]]:
    """One execution of one of the bodies, or of none."""
    after, all_marks, felt = alive.copy(), [], False
    for body in event.bodies:
        before = after.copy()
        all_marks.append(swept(body, before))
        felt |= writes(body, after)
        alive.add(before)
    if felt:
        alive.bits[list(event.reads)] = True
    return LIVE if felt else DEAD, tuple(all_marks)


def writes(body: Flat, alive: Alive) -> bool:
    """Whether a body can touch anything that is live after it."""
    acts = np.flatnonzero((body.code != BARRIER) & (body.code != DELAY) & (body.code != EVENT))
    for i in acts.tolist():
        if alive.wires[list(body.qubits(i))].any() or alive.bits[list(body.touched(i))].any():
            return True
    inner = (b for event in body.events.values() for b in event.bodies)
    stores = (event.writes for event in body.events.values())
    return any(alive.bits[list(places)].any() for places in stores) or any(writes(b, alive) for b in inner)
