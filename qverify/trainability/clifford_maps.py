"""Fixed Clifford gates as linear maps of Pauli strings over two elements, signs left out.

    U^dagger X_j U and U^dagger Z_j U are Pauli strings up to sign:  2 k rows of 2 k bits for a gate on k wires

A string on k wires is a number whose bits 2 j and 2 j + 1 say whether it has x and z on the j-th of them, so a
letter is I = 0, X = 1, Z = 2, Y = 3 and a product of strings is an exclusive or.
Source: Aaronson and Gottesman, Phys. Rev. A 70, 052328 (2004), arXiv:quant-ph/0406196.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from qverify.semantics.gates import Matrix, pauli

CODES = {"I": 0, "X": 1, "Z": 2, "Y": 3}
LETTERS = "IXZY"  # by code
MAX_WIRES = 3  # of a matrix whose images are worked out
EXACT = 1e-12  # an image's coefficient is 1 up to rounding
Rows = tuple[int, ...]


def word_code(word: str) -> int:
    """The number of a word, its first letter on the first wire."""
    return sum(CODES[letter] << 2 * k for k, letter in enumerate(word))


def anticommute(a: int, b: int) -> bool:
    """Whether two strings anticommute."""
    x, z = 0x5555555555555555, 0xAAAAAAAAAAAAAAAA
    return bool((((a & x) << 1 & b).bit_count() + ((a & z) >> 1 & b).bit_count()) & 1)


def image(rows: Rows, code: int) -> int:
    """U^dagger P U of a string, up to sign."""
    out = 0
    for row in rows:
        if code & 1:
            out ^= row
        code >>= 1
    return out


def is_identity(rows: Rows) -> bool:
    """Whether every string stays what it is, as under a Pauli gate."""
    return all(row == 1 << k for k, row in enumerate(rows))


@lru_cache(maxsize=1024)
def quarter_turn(word: str) -> Rows:
    """exp(-i t Q / 2) for an odd multiple t of pi/2: P -> P where it commutes with Q, else Q P."""
    code = word_code(word)
    basis = [1 << k for k in range(2 * len(word))]
    return tuple(row ^ code if anticommute(row, code) else row for row in basis)


def rows_of(matrix: Matrix) -> Rows | None:
    """The map of a unitary on at most `MAX_WIRES` wires; None where it is no Clifford gate.

    Args:
        matrix: shape (2**k, 2**k), the first wire its least significant bit.
    """
    k = (len(matrix) - 1).bit_length()
    if k > MAX_WIRES:
        return None
    found = [_string(matrix.conj().T @ pauli(_generator(k, j)) @ matrix, k) for j in range(2 * k)]
    return None if None in found else tuple(row for row in found if row is not None)


def _generator(k: int, j: int) -> str:
    """X on wire j / 2 for even j, Z for odd j."""
    return "".join("XZ"[j % 2] if wire == j // 2 else "I" for wire in range(k))


def _string(operator: Matrix, k: int) -> int | None:
    """The Pauli string that an operator is up to a sign, if it is one."""
    for letters in product("IXYZ", repeat=k):
        word = "".join(letters)
        overlap = abs(np.vdot(pauli(word), operator)) / len(operator)
        if overlap > EXACT:  # an operator that is one string has no overlap with any other
            return word_code(word) if abs(overlap - 1.0) < EXACT else None
    return None


def bloch(matrix: Matrix) -> NDArray[np.float64]:
    """How a gate on one wire turns Bloch vectors: shape (3, 3), axes X, Y, Z; whole numbers for a Clifford gate."""
    axes = [pauli(letter) for letter in "XYZ"]
    turned = np.array([[np.trace(a @ matrix @ b @ matrix.conj().T).real / 2 for b in axes] for a in axes])
    near = np.round(turned)
    return near if np.all(np.abs(turned - near) < EXACT) else turned


def columns_after(rows: Rows, columns: Sequence[int]) -> list[int]:
    """Many strings mapped at once: columns[j] holds bit j of every string, one string a binary digit."""
    out = [0] * len(rows)
    for column, row in zip(columns, rows, strict=True):
        if column:
            for at in range(row.bit_length()):
                if row >> at & 1:
                    out[at] ^= column
    return out
