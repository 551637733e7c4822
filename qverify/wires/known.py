"""Wires whose state is known at a point, gates that do nothing there, measurements whose outcome is certain.

    forwards, for each wire a letter (see `kinds`): gate -> its entry; reset -> |0>; measure -> mixed, or as it was
    branch -> the letters that its bodies leave, joined; loop -> joined with itself until nothing changes

A wire in one of the six states is disentangled from everything and could be prepared anew; a wire that is never in
any other is *constant*; a mixed one could be a classical bit. Sound: all gates that are called idle can go
together, up to a phase that may depend on the record. Not complete: a state is lost when wires are entangled, and
does not come back when they are disentangled by gates. Cost: O(rows).
Source: abstract interpretation, Cousot and Cousot (1977); Qiskit's `RemoveResetInZeroState`, generalised.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qverify.wires.flat import GATE, Event, Flat, Ints
from qverify.wires.kernels import fast, known_after
from qverify.wires.kinds import ANY, LETTERS, MIXED, ZERO, entry, joined

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Known:
    """idle[i]: row i does nothing to the state it meets; of a measurement: its outcome is certain.

    inside: the same of bodies. met[i]: the letters of its wires before it, wire j at bits 3j.
    letters: shape (n,), of the wires at the end. left: shape (n,), the wires that were ever in no known state.
    """

    idle: Flags
    met: Ints
    inside: dict[int, tuple[Known, ...]]
    letters: Ints
    left: Flags

    def name(self, wire: int) -> str:
        """The state of a wire at the end, or nothing where it is not known."""
        letter = int(self.letters[wire])
        return LETTERS[letter] if letter > MIXED else ""

    def reason(self, flat: Flat, row: int) -> str:
        """Why a row does nothing."""
        letters = [int(self.met[row]) >> 3 * j & 7 for j in range(len(flat.qubits(row)))]
        said = [f"q{w} is {LETTERS[x]}" for w, x in zip(flat.qubits(row), letters, strict=True) if x != ANY]
        return " and ".join(said) or "it is the identity"


def known_states(flat: Flat, zero: Iterable[int]) -> Known:
    """What is known where, the given wires starting in |0> and the others in anything."""
    letters = np.full(flat.n, ANY, dtype=np.int64)
    letters[list(zero)] = ZERO
    return _forwards(flat, letters, letters == ANY)


def _forwards(flat: Flat, letters: Ints, left: Flags) -> Known:
    """Through all rows; `letters` and `left` become what holds after them."""
    idle, met = np.zeros(len(flat), dtype=np.bool_), np.zeros(len(flat), dtype=np.int64)
    inside = dict[int, tuple[Known, ...]]()
    sizes = [8**kind.wires if kind is not None else 0 for kind in flat.kinds]
    ends = np.cumsum([0, *sizes])
    offsets = np.array([int(e) if s else -1 for e, s in zip(ends, sizes, strict=False)], dtype=np.int64)
    entries = np.full(int(ends[-1]), -1, dtype=np.int64)
    loop = fast(known_after, len(flat))
    start = 0
    for at in [*sorted(flat.events), len(flat)]:
        while start < at:
            start = loop(flat.rows, (start, at), letters, (entries, offsets), idle, met, left)
            if start < at:
                _ask(flat, start, letters, entries, offsets)
        if at < len(flat):
            inside[at] = _event(flat.events[at], letters, left)
        start = at + 1
    return Known(idle, met, inside, letters, left)


def _ask(flat: Flat, i: int, letters: Ints, entries: Ints, offsets: Ints) -> None:
    """The entry that row i needs."""
    number = int(flat.code[i]) - GATE
    kind = flat.kinds[number]
    code = sum(int(letters[w]) << 3 * j for j, w in enumerate(flat.qubits(i)))
    if kind is not None:
        entries[offsets[number] + code] = entry(kind, code)


def _event(event: Event, letters: Ints, left: Flags) -> tuple[Known, ...]:
    if event.name == "store":
        return ()
    before = letters.copy()
    if event.name in ("for_loop", "while_loop"):
        after = _forwards(event.bodies[0], letters.copy(), left.copy()).letters
        while not np.array_equal(joint := _joint(letters, after), letters):
            letters[:] = joint
            after = _forwards(event.bodies[0], letters.copy(), left.copy()).letters
        before = letters.copy()
    runs = tuple(_forwards(body, before.copy(), left) for body in event.bodies)
    ends = [run.letters for run in runs] + ([before] if not (event.always and runs) else [])
    out = ends[0]
    for other in ends[1:]:
        out = _joint(out, other)
    letters[:] = out
    left |= out <= MIXED
    return runs


def _joint(a: Ints, b: Ints) -> Ints:
    out = a.copy()
    for w in np.flatnonzero(a != b):
        out[w] = joined(int(a[w]), int(b[w]))
    return out
