"""Linear equations modulo 2, rows as integers.

parity(row & v) = right                   Gaussian elimination, a pivot at the highest bit of each row
"""

from __future__ import annotations

from collections.abc import Iterable


def solvable(equations: Iterable[tuple[int, bool]]) -> bool:
    """Whether some v has parity(row & v) = right for all (row, right).

    >>> solvable([(0b11, True), (0b10, True), (0b01, True)])
    False
    """
    pivots: dict[int, tuple[int, bool]] = {}
    for row, right in equations:
        while row and row.bit_length() in pivots:
            other, theirs = pivots[row.bit_length()]
            row, right = row ^ other, right ^ theirs  # noqa: PLW2901  # elimination
        if row:
            pivots[row.bit_length()] = row, right
        elif right:
            return False
    return True


def kernel(rows: Iterable[int]) -> list[int]:
    """A basis of the sets of rows whose sum is zero, each set as bits.

    >>> [bin(members) for members in kernel([0b01, 0b10, 0b11, 0])]
    ['0b111', '0b1000']
    """
    pivots: dict[int, tuple[int, int]] = {}
    found = []
    for k, each in enumerate(rows):
        row, members = each, 1 << k
        while row and row.bit_length() in pivots:
            other, theirs = pivots[row.bit_length()]
            row, members = row ^ other, members ^ theirs
        if row:
            pivots[row.bit_length()] = row, members
        else:
            found.append(members)
    return found
