"""Gates on batches of state vectors, in place, and the overlaps that a gradient needs.

    apply:     psi  <-  U psi
    overlaps:  R[i, j] = sum over all other wires of  mu[i, rest] psi[j, rest],   so  mu U psi = sum_ij U_ij R_ij

A batch is an array of shape (K, 2**n, B): K vectors for each of B sampled points, the points last, so that one
NumPy call works on long runs of memory also for few wires. Wire 0 is the least significant bit of the index.
Cost: O(K 2**n B) a call, one temporary of that size at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from qverify.draws import product_state
from qverify.subject import Observable

Amplitudes = NDArray[np.complex128]


def product_inputs(words: Sequence[str]) -> Amplitudes:
    """Product states, one word of the letters of `qverify.draws` a point; shape (1, 2**n, B)."""
    letters = {letter: product_state(letter)[0] for letter in set("".join(words))}
    psi: Amplitudes = np.ones((1, len(words)), dtype=np.complex128)
    for wire in range(len(words[0])):
        column = np.stack([letters[word[wire]] for word in words], axis=-1)  # (2, B)
        psi = (column[:, None, :] * psi[None, :, :]).reshape(-1, len(words))
    return psi[None]


def parts(psi: Amplitudes, wires: Sequence[int]) -> list[Amplitudes]:
    """Views of a batch, one for each value of some wires; the first wire is the value's lowest bit."""
    rows, size, batch = psi.shape
    order = sorted(wires, reverse=True)
    shape, top = [rows], size.bit_length() - 1
    for wire in order:
        shape += [2 ** (top - 1 - wire), 2]
        top = wire
    view = psi.reshape(*shape, 2**top, batch)
    bits = [wires.index(wire) for wire in order]
    return [
        view[(slice(None), *(at for bit in bits for at in (slice(None), value >> bit & 1)))]
        for value in range(2 ** len(order))
    ]


def apply(matrix: Amplitudes, psi: Amplitudes, wires: Sequence[int]) -> None:
    """psi <- U psi, in place; U of shape (B or 1, d, d). Entries 0 or 1 in the whole batch cost nothing."""
    pieces = parts(psi, wires)
    rows = [list(_row(matrix, i)) for i in range(len(pieces))]
    moved = [i for i, row in enumerate(rows) if [j for j, _ in row] != [i]]
    new = [_combined(rows[i], pieces) for i in moved]
    for i, value in zip(moved, new, strict=True):
        pieces[i][...] = value
    for i, row in enumerate(rows):
        if i not in moved and row[0][1] is not None:
            pieces[i] *= row[0][1]


def _row(matrix: Amplitudes, i: int) -> Iterator[tuple[int, Amplitudes | None]]:
    """(column, factors) of the entries of a row that are not all zero; None for a factor that is 1."""
    for j in range(matrix.shape[-1]):
        entry = matrix[:, i, j]
        if entry.any():
            yield j, None if (entry == 1.0).all() else entry


def _combined(row: list[tuple[int, Amplitudes | None]], pieces: list[Amplitudes]) -> Amplitudes:
    total: Amplitudes | None = None
    for j, factor in row:
        term = pieces[j] if factor is None else factor * pieces[j]
        if total is None:
            total = term.copy() if factor is None else term
        else:
            total += term
    return np.zeros_like(pieces[0]) if total is None else total


def overlaps(costate: Amplitudes, psi: Amplitudes, wires: Sequence[int], pattern: NDArray[np.bool_]) -> Amplitudes:
    """R[i, j] for the entries of a pattern.

    Args:
        costate: shape (M, K, 2**n, B); conjugated already.
        psi: shape (K, 2**n, B).
        pattern: shape (d, d), which entries are wanted.

    Returns:
        Shape (d, d, M, B); zero outside the pattern.
    """
    out = np.zeros((*pattern.shape, len(costate), psi.shape[-1]), dtype=np.complex128)
    kets = parts(psi, wires)
    axes = list(range(kets[0].ndim))
    for m, bra in enumerate(costate):
        bras = parts(bra, wires)
        for i, j in np.argwhere(pattern):
            out[i, j, m] = np.einsum(bras[i], axes, kets[j], axes, axes[-1:])
    return out


def observed(observable: Observable, record: int, psi: Amplitudes) -> Amplitudes:
    """O psi, for the classical record of these vectors; shape of psi."""
    index = np.arange(psi.shape[1])
    total = np.zeros_like(psi)
    for term in observable.terms:
        flip, weight = 0, np.full(len(index), term.coefficient, dtype=np.complex128)
        for kind, k in term.factors:
            bit = index >> k & 1
            if kind == "M":
                weight = weight * (1 - 2 * (record >> k & 1))
            elif kind == "P":
                weight = weight * (bit == 0)
            elif kind == "Z":
                weight = weight * (1 - 2 * bit)
            else:
                flip |= 1 << k  # <0|Y|1> = -i and <1|Y|0> = i
                weight = weight * (1.0 if kind == "X" else 1j * (2 * bit - 1))
        total += weight[:, None] * (psi[:, index ^ flip] if flip else psi)
    return total
