"""Pauli strings of many walks as bits, 64 walks a word: planes[0] is x, planes[1] is z, of shape (wires, words).

    X = (1, 0), Y = (1, 1), Z = (0, 1);   P and a letter anticommute where  X: z,  Y: x ^ z,  Z: x

Every operation here acts on a group of like gates on different wires at once: the cost of Python is a group's.
Probabilities are exact: a bit of a walk is set if a uniform number, drawn binary digit by digit, is below p.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
from numpy.random import SFC64, Generator
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Index = slice | NDArray[np.intp]
CODE = {"I": 0, "X": 1, "Z": 2, "Y": 3}  # x + 2 z
FULL = np.uint64(2**64 - 1)


def fast(rng: Generator) -> Generator:
    """A faster generator seeded from `rng`."""
    return Generator(SFC64([int(k) for k in rng.integers(0, 2**63, 4)]))


def random_words(rng: Generator, shape: tuple[int, ...]) -> Words:
    """Fair coins."""
    return rng.integers(0, 2**64, shape, dtype=np.uint64)


def index_of(wires: list[int]) -> Index:
    """Rows of a plane, as a slice where they are evenly spaced: a view instead of a copy."""
    if len(wires) == 1:
        return slice(wires[0], wires[0] + 1)
    hops = {b - a for a, b in pairwise(wires)}
    if len(hops) == 1 and (hop := hops.pop()) > 0:
        return slice(wires[0], wires[-1] + 1, hop)
    return np.array(wires, dtype=np.intp)


def bernoulli(rng: Generator, p: float, shape: tuple[int, ...]) -> Words:
    """Independent bits, each set with probability exactly the float `p`.

    A walk is decided at the first digit in which its uniform number differs from p: two digits on average, and as
    many as the unluckiest walk needs; one word a word for p = 1/2.
    """
    if p >= 1.0:
        return np.full(shape, FULL, dtype=np.uint64)
    result = np.zeros(shape, dtype=np.uint64)
    open_ = np.full(shape, FULL, dtype=np.uint64)
    while p > 0.0 and open_.any():
        word = random_words(rng, shape)
        p *= 2.0  # exact: p < 1 has a finite binary expansion
        if p >= 1.0:
            p -= 1.0
            result |= open_ & ~word
            open_ &= word
        else:
            open_ &= ~word
    return result


def bernoulli_each(rng: Generator, p: NDArray[np.float64]) -> Words:
    """Bits with a probability of their own; (..., 64 * words) -> (..., words)."""
    return pack(rng.random(p.shape) < p)


def pack(bits: NDArray[np.bool_]) -> Words:
    """(..., 64 * words) booleans to (..., words); walk k is bit k % 64 of word k // 64, on either byte order."""
    packed = np.ascontiguousarray(np.packbits(bits, axis=-1, bitorder="little"))
    return packed.view(np.dtype("<u8")).astype(np.uint64)


def anticommuting(planes: Words, word: str, wires: tuple[Index, ...]) -> Words:
    """Where strings anticommute with Q; wires[j] lists the j-th wire of every gate of the group."""
    parts = []
    for letter, at in zip(word, wires, strict=True):
        if letter in "YZ":
            parts.append(planes[0, at])
        if letter in "YX":
            parts.append(planes[1, at])
    if len(parts) == 1:
        return parts[0].copy()
    total: Words = np.bitwise_xor(parts[0], parts[1])
    for part in parts[2:]:
        total ^= part
    return total


def multiply(planes: Words, word: str, wires: tuple[Index, ...], where: Words) -> None:
    """P -> Q P in the walks that `where` marks."""
    for letter, at in zip(word, wires, strict=True):
        if letter in "YX":
            planes[0, at] ^= where
        if letter in "YZ":
            planes[1, at] ^= where


@cache
def _changes(rows: tuple[int, ...]) -> tuple[bool, tuple[tuple[int, tuple[int, ...]], ...]]:
    """Which bits change, each as (bit, bits to add up), and whether that can be done in place."""
    size = len(rows)
    sums = {o: tuple(i for i in range(size) if rows[i] >> o & 1) for o in range(size)}
    changed = {o: bits for o, bits in sums.items() if bits != (o,)}
    in_place = all(o in bits and not any(i in changed for i in bits if i != o) for o, bits in changed.items())
    if in_place:
        changed = {o: tuple(i for i in bits if i != o) for o, bits in changed.items()}
    return in_place, tuple(changed.items())


def apply_linear(planes: Words, rows: tuple[int, ...], wires: tuple[Index, ...]) -> None:
    """P -> U^dagger P U; `rows` as in `Linear`."""
    in_place, changes = _changes(rows)
    if in_place:
        for o, bits in changes:
            for i in bits:
                planes[o & 1, wires[o >> 1]] ^= planes[i & 1, wires[i >> 1]]
        return
    fresh = []
    for _, bits in changes:
        total = np.zeros_like(planes[0, wires[0]])
        for i in bits:
            total ^= planes[i & 1, wires[i >> 1]]
        fresh.append(total)
    for (o, _), total in zip(changes, fresh, strict=True):
        planes[o & 1, wires[o >> 1]] = total
