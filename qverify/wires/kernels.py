"""The loops over every gate: plain functions of arrays, compiled where numba is installed and a circuit is long.

Compiled or not they are the same functions, so they give the same answers; numba only makes them about a hundred
times faster. Rows are those of `qverify.wires.flat`; each loop goes over the rows [start, stop) and leaves what it
knows in the arrays it was given, so that what is no row (control flow) is done between two calls.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Times = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rows = tuple[Ints, Ints, Ints, Ints, Ints]  # code, first, wires, bit_first, bits
Span = tuple[int, int]  # the rows from the first number on, before the second
COMPILED_FROM = 4_000  # rows; below, loading the compiled loops costs more than it saves
MEASURE, RESET, BARRIER, DELAY, EVENT, GATE = range(6)  # as in `flat`; compiled code reads module constants
ANY, MIXED, ZERO, ONE, NOTHING, MOST_WIRES = 0, 1, 2, 3, 1 << 9, 3
UNKNOWN = -1
DEAD, LIVE, UNREAD = 0, 1, 2


@cache
def compiled(loop: Callable[..., Any], kept: bool = True) -> Callable[..., Any]:
    """The loop as machine code, kept on disk unless it calls an address of this process."""
    return importlib.import_module("numba").njit(cache=kept)(loop)  # type: ignore[no-any-return]


def is_fast(rows: int) -> bool:
    """Whether loops over so many rows are compiled."""
    return rows >= COMPILED_FROM and find_spec("numba") is not None


def fast(loop: Callable[..., Any], rows: int) -> Callable[..., Any]:
    """The loop itself, or compiled where that pays."""
    return compiled(loop) if is_fast(rows) else loop


def live_before(rows: Rows, span: Span, live: Flags, live_bits: Flags, marks: Ints) -> None:
    """Backwards: marks[i] = LIVE where an output can feel row i, + UNREAD for a measurement whose bit nobody reads.

    live, live_bits: shape (n,), (n_bits,), bool; after the span on entry, before it on return.
    """
    code, first, wires, bit_first, bits = rows
    for i in range(span[1] - 1, span[0] - 1, -1):
        what = code[i]
        if what in (BARRIER, DELAY, EVENT):
            continue
        lo, hi = first[i], first[i + 1]
        reaches = False
        for k in range(lo, hi):
            reaches = reaches or live[wires[k]]
        if what == RESET:
            marks[i] = LIVE if reaches else DEAD
            live[wires[lo]] = False
            continue
        if what == MEASURE:
            bit = bits[bit_first[i]]
            wanted = live_bits[bit]
            marks[i] = (LIVE if reaches or wanted else DEAD) + (0 if wanted else UNREAD)
            live_bits[bit] = False
            live[wires[lo]] = reaches or wanted
            continue
        for k in range(bit_first[i], bit_first[i + 1]):
            reaches = reaches or live_bits[bits[k]]
        marks[i] = LIVE if reaches else DEAD
        if reaches:
            for k in range(lo, hi):
                live[wires[k]] = True
            for k in range(bit_first[i], bit_first[i + 1]):
                live_bits[bits[k]] = True


def known_after(
    rows: Rows, span: Span, letters: Ints, table: tuple[Ints, Ints], marks: Flags, met: Ints, left: Flags
) -> int:
    """Forwards: the letter of every wire; marks[i] = True where row i does nothing to the state that it meets.

    A measurement is marked where its outcome is certain.

    letters: shape (n,), before the span on entry. table: the entries of all kinds in a row, UNKNOWN where not asked
    yet, and where those of each kind begin, -1 for kinds not looked into. met[i]: the letters of its wires before
    it, wire j at bits 3j. left[w]: True once w was in no known state. Returns the first row whose entry is UNKNOWN,
    or the span's end.
    """
    code, first, wires = rows[0], rows[1], rows[2]
    entries, offsets = table
    for i in range(span[0], span[1]):
        what = code[i]
        if what in (BARRIER, DELAY, EVENT):
            continue
        lo, hi = first[i], first[i + 1]
        if what in (RESET, MEASURE):
            met[i] = letters[wires[lo]]
        if what == RESET:
            marks[i] = letters[wires[lo]] == ZERO
            letters[wires[lo]] = ZERO
            continue
        if what == MEASURE:
            marks[i] = letters[wires[lo]] in (ZERO, ONE)
            if not marks[i]:
                letters[wires[lo]] = MIXED
                left[wires[lo]] = True
            continue
        offset = offsets[what - GATE]
        if offset < 0:
            for k in range(lo, hi):
                letters[wires[k]] = ANY
                left[wires[k]] = True
            continue
        at = 0
        for k in range(lo, hi):
            at |= letters[wires[k]] << 3 * (k - lo)
        found = entries[offset + at]
        if found == UNKNOWN:
            return i
        met[i] = at
        marks[i] = found & NOTHING != 0
        for k in range(lo, hi):
            letter = found >> 3 * (k - lo) & 7
            letters[wires[k]] = letter
            if letter in (ANY, MIXED):
                left[wires[k]] = True
    return span[1]


def partners(
    rows: Rows, last: Ints, previous: Ints, undoes: Flags, axis: Ints, symmetric: Flags, out: Ints
) -> None:
    """Forwards: out[i] = j where gate i undoes gate j before it on the same wires, -2 - j where they merge, or -1.

    last: shape (n,), the last gate on each wire that is still there, or -1. previous: shape (rows, MOST_WIRES),
    what `last` was before each. undoes: shape (kinds, kinds). axis: shape (kinds,), equal and >= 0 where two merge.
    """
    code, first, wires = rows[0], rows[1], rows[2]
    for i in range(len(code)):
        what, lo, hi = code[i], first[i], first[i + 1]
        if what < GATE or hi - lo > MOST_WIRES or hi == lo:
            for k in range(lo, hi):
                last[wires[k]] = -1
            continue
        j = last[wires[lo]]
        same = j >= 0 and first[j + 1] - first[j] == hi - lo
        for k in range(lo, hi):
            same = same and last[wires[k]] == j
        if same:
            straight, crossed = True, hi - lo == 2 and symmetric[what - GATE]
            for k in range(hi - lo):
                straight = straight and wires[lo + k] == wires[first[j] + k]
                crossed = crossed and wires[lo + k] == wires[first[j] + hi - lo - 1 - k]
            if (straight or crossed) and undoes[code[j] - GATE, what - GATE]:
                out[i] = j
                out[j] = -1  # gone, so it merges with nothing
                for k in range(hi - lo):
                    last[wires[first[j] + k]] = previous[j, k]
                continue
            if (straight or crossed) and axis[what - GATE] >= 0 and axis[what - GATE] == axis[code[j] - GATE]:
                out[i] = -2 - j
        for k in range(lo, hi):
            previous[i, k - lo] = last[wires[k]]
            last[wires[k]] = i


def placed(
    rows: Rows,
    late: bool,
    length: Times,
    ready: tuple[Times, Times],
    last: tuple[Ints, Ints],
    found: tuple[Times, Ints],
    use: Times,
) -> None:
    """Each row as soon as possible: at the end of the latest row before it on its wires and bits; or from the end.

    length: shape (rows,), of each row. ready: when each wire, each bit is free. last: the row that freed it, -1
    before any. found: when each row begins, and the row that it waited for. use: shape (5, n): time at work, first
    begin, last end, longest gap, the row after that gap; of rows that are a use.
    """
    code, first, wires, bit_first, bits = rows
    free_at, bits_at = ready
    last_on, last_bit = last
    begins, after = found
    for step in range(len(code)):
        i = len(code) - 1 - step if late else step
        at, waited = 0.0, -1
        for k in range(first[i], first[i + 1]):
            if free_at[wires[k]] > at or (waited < 0 and free_at[wires[k]] == at):
                at, waited = free_at[wires[k]], last_on[wires[k]]
        for k in range(bit_first[i], bit_first[i + 1]):
            if bits_at[bits[k]] > at or (waited < 0 and bits_at[bits[k]] == at):
                at, waited = bits_at[bits[k]], last_bit[bits[k]]
        begins[i], after[i] = at, waited
        end = at + length[i]
        for k in range(first[i], first[i + 1]):
            w = wires[k]
            free_at[w], last_on[w] = end, i
            if code[i] != BARRIER and code[i] != DELAY:
                if use[1, w] < 0:
                    use[1, w] = at
                elif at - use[2, w] > use[3, w]:
                    use[3, w], use[4, w] = at - use[2, w], i
                use[0, w] += length[i]
                use[2, w] = end
        for k in range(bit_first[i], bit_first[i + 1]):
            bits_at[bits[k]], last_bit[bits[k]] = end, i


def marked(rows: Rows, begins: Times, lengths: Times, cells: Ints) -> None:
    """What stands where: the largest sign of each cell, 2 gate, 3 event, 4 reset, 5 measurement; in columns."""
    code, first, wires = rows[0], rows[1], rows[2]
    size, width = cells.shape
    for i in range(len(code)):
        if code[i] == BARRIER or code[i] == DELAY:
            continue
        sign = 5 if code[i] == MEASURE else 4 if code[i] == RESET else 3 if code[i] == EVENT else 2
        begin = min(int(begins[i]), width - 1)
        end = min(max(begin + 1, int(np.ceil(begins[i] + lengths[i]))), width)
        for k in range(first[i], first[i + 1]):
            if wires[k] < size:
                for column in range(begin, end):
                    cells[wires[k], column] = max(cells[wires[k], column], sign)


def numbered(keys: NDArray[np.uint64], hashed: Ints, numbers: Ints, which: Ints, where: Ints) -> int:
    """Number equal keys alike, by a hash table: which[i] = the number of keys[i], where[k] = a place of number k.

    hashed: shape (a power of two,), -1 where empty, with numbers beside. Returns how many there are, or -1 if the
    table is more than half full.
    """
    size, count, wrap = len(hashed), 0, len(hashed) - 1
    for i in range(len(keys)):
        slot = np.int64(keys[i] >> np.uint64(3) ^ keys[i] >> np.uint64(15)) & wrap
        while hashed[slot] >= 0 and keys[hashed[slot]] != keys[i]:
            slot = (slot + 1) & wrap
        if hashed[slot] < 0:
            if 2 * count >= size:
                return -1
            hashed[slot], numbers[slot], where[count] = i, count, i
            count += 1
        which[i] = numbers[slot]
    return count


def copied(which: Ints, offsets: Ints, values: Ints, out: Ints) -> None:
    """One after another, the lists values[offsets[k] : offsets[k + 1]] for every k in `which`."""
    at = 0
    for k in which:
        for j in range(offsets[k], offsets[k + 1]):
            out[at] = values[j]
            at += 1


def free(n: int) -> Times:
    """The array `use` before anything was placed."""
    use = np.zeros((5, n))
    use[1], use[4] = -1.0, -1.0
    return use
