"""Sets of Pauli strings, one set of letters a wire, sent through steps forwards or backwards.

    backwards   the strings of the observable pulled back to just after a step (Heisenberg picture)
    forwards    the strings of the state that arrives at a step (Schroedinger picture)

A set of letters is four bits, 1 << code with I = 0, X = 1, Z = 2, Y = 3. Wires are taken as independent of each
other, so the true set of strings is contained in what is kept: "cannot happen" is proved, "may happen" says
nothing.
Source: Heisenberg propagation as in Gottesman, quant-ph/9807006; the set domain is this project's own.
Cost: a table look-up a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import product
from typing import Any

from qverify.trainability.chain import Dephase, Linear, Reset, Turn
from qverify.trainability.clifford_maps import CODES, Rows, image
from qverify.trainability.raw import Local, Raw, Rotate, Unknown

ALL, ONLY_I, DIAGONAL = 15, 1, 5
Masks = tuple[int, ...]
Moved = tuple[Masks, bool]  # the letters on the step's wires afterwards, and whether the step may have acted
MAX_STRINGS = 4096  # of a fixed gate, looked at one by one


def _times(mask: int, code: int) -> int:
    """The letters of a set, each multiplied by one letter."""
    return sum(1 << (a ^ code) for a in range(4) if mask >> a & 1)


_TIMES = [[_times(mask, code) for code in range(4)] for mask in range(16)]
# the letters that anticommute with a letter: neither I nor itself
_AGAINST = [0, *(ALL & ~(1 | 1 << code) for code in range(1, 4))]


@lru_cache(maxsize=1 << 16)
def turned(word: str, masks: Masks) -> Moved:
    """A rotation about a word: every string that anticommutes with it may also become its product with it."""
    codes = [CODES[letter] for letter in word]
    against = [mask & _AGAINST[code] for mask, code in zip(masks, codes, strict=True)]
    along = [mask & ~_AGAINST[code] for mask, code in zip(masks, codes, strict=True)]
    out = list(masks)
    acts = False
    for k, code in enumerate(codes):
        odd, even = _parities(along, against, skip=k)
        moving = (against[k] if even else 0) | (along[k] if odd else 0)
        acts |= bool(moving)
        out[k] |= _TIMES[moving][code]
    return tuple(out), acts


def _parities(along: Sequence[int], against: Sequence[int], skip: int) -> tuple[bool, bool]:
    """Whether the other wires can anticommute with the word an odd number of times, and an even number."""
    odd, even = False, True
    for k, (a, b) in enumerate(zip(along, against, strict=True)):
        if k != skip:
            odd, even = (odd and bool(a)) or (even and bool(b)), (even and bool(a)) or (odd and bool(b))
    return odd, even


@lru_cache(maxsize=1 << 16)
def mapped(rows: Rows, masks: Masks) -> Moved:
    """A Clifford gate on the strings with these letters; acts where some string changes."""
    k = len(masks)
    count = 1
    for mask in masks:
        count *= mask.bit_count()
    if count > MAX_STRINGS:
        return (ALL,) * k, True
    out, acts = [0] * k, False
    for letters in product(*([a for a in range(4) if mask >> a & 1] for mask in masks)):
        code = sum(letter << 2 * j for j, letter in enumerate(letters))
        to = image(rows, code)
        acts |= to != code
        for j in range(k):
            out[j] |= 1 << (to >> 2 * j & 3)
    return tuple(out), acts


@lru_cache(maxsize=1 << 12)
def inverse(rows: Rows) -> Rows:
    """The map of the inverse gate, which takes strings forwards."""
    size = len(rows)
    # over the first `size` bits the rows become the identity, and what was joined to them is the inverse
    work = [row | 1 << size + k for k, row in enumerate(rows)]
    for k in range(size):
        pivot = next(j for j in range(k, size) if work[j] >> k & 1)
        work[k], work[pivot] = work[pivot], work[k]
        work = [w ^ work[k] if j != k and w >> k & 1 else w for j, w in enumerate(work)]
    return tuple(w >> size for w in work)


def back(step: Any, after: list[int]) -> bool:
    """Pull the observable's letters back through a step, in place; returns whether the step may matter to it.

    A wire without any letter says that no string is left: the observable's expectation value is 0.
    """
    if isinstance(step, Turn | Rotate):
        wires = step.wires
        if len(wires) == 1:
            moved, acts = turned(step.word, (after[wires[0]],))
            after[wires[0]] = moved[0]
            return acts
        moved, acts = turned(step.word, tuple([after[k] for k in wires]))
    elif isinstance(step, Local | Linear):
        wires = step.wires
        moved, acts = mapped(step.rows, tuple([after[k] for k in wires]))
    elif isinstance(step, Dephase | Reset):
        mask = after[step.wire]
        if isinstance(step, Dephase):
            after[step.wire] = mask & DIAGONAL
            return bool(mask & ~DIAGONAL)
        after[step.wire] = ONLY_I if mask & DIAGONAL else 0
        return bool(mask & ~ONLY_I)
    else:
        return _unknown_back(step, after)
    for k, mask in zip(wires, moved, strict=True):
        after[k] = mask
    return acts


def _unknown_back(step: Unknown, after: list[int]) -> bool:
    """Any channel: strings that are I on all of its wires stay, because channels keep the trace."""
    acts = any(after[k] & ~ONLY_I for k in step.wires)
    if acts:
        for k in step.wires:
            after[k] = ALL
    return acts


def forward(step: Any, before: list[int]) -> bool:
    """Send the state's letters through a step, in place; whether a rotation may have changed the state at all."""
    if isinstance(step, Turn | Rotate):
        wires = step.wires
        moved, acts = turned(step.word, tuple([before[k] for k in wires]))
    elif isinstance(step, Local | Linear):
        wires, acts = step.wires, True
        moved, _ = mapped(inverse(step.rows), tuple([before[k] for k in wires]))
    elif isinstance(step, Dephase | Reset):
        before[step.wire] = before[step.wire] & DIAGONAL if isinstance(step, Dephase) else DIAGONAL
        return True
    else:
        for k in step.wires:
            before[k] = ALL
        return True
    for k, mask in zip(wires, moved, strict=True):
        before[k] = mask
    return acts


def trimmed(steps: Sequence[Raw], after: list[int], before: list[int]) -> list[Raw]:
    """The steps without those that provably change nothing: first by the observable, then by the input.

    Args:
        after: the observable's letters, one set a wire. before: the input's; both are used up.
    """
    kept: list[Raw] = []
    for step in reversed(steps):
        reached = isinstance(step, Local | Linear) and any(after[k] & ~ONLY_I for k in step.wires)
        if not back(step, after) and not reached:
            continue  # of a gate that changes only signs, these matter to the turns that mix strings before it
        kept.append(step)
        if isinstance(step, Dephase | Reset) and not after[step.wire]:
            return kept[::-1]  # no string is left, so what comes before has no effect
    kept.reverse()
    return [step for step in kept if forward(step, before)]


def felt(word: str, after: Masks, before: Masks) -> bool:
    """Whether some string P of the observable anticommutes with the word while Q P may be in the state.

    Both sets just after the rotation: d<O>/dt = (i/2) tr([Q, O] rho).
    """
    along, against = [], []
    for letter, a, b in zip(word, after, before, strict=True):
        code = CODES[letter]
        both = a & _TIMES[b][code]
        along.append(both & ~_AGAINST[code])
        against.append(both & _AGAINST[code])
    return _parities(along, against, skip=-1)[0]
