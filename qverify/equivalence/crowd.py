"""Which of many Pauli operators anticommute with one, all at once.

    row(P) = xor of Z_k over k in the X part of P,  xor of X_k over k in its Z part

where bit m of X_k (Z_k) says whether member m has X (Z) on wire k: an exclusive or of long integers a wire of
P instead of a look at every member.
"""

from __future__ import annotations

from collections.abc import Iterable

from qverify.equivalence.frame import Pauli
from qverify.equivalence.permutation import bits


class Crowd:
    """Pauli operators in the order in which they came.

    >>> crowd = Crowd([(0b01, 0b00, 0), (0b10, 0b00, 0)])  # X on wire 0, X on wire 1
    >>> bin(crowd.against((0b00, 0b10, 0)))  # Z on wire 1
    '0b10'
    """

    def __init__(self, members: Iterable[Pauli] = ()) -> None:
        self.members: list[Pauli] = []
        self.x: dict[int, int] = {}
        self.z: dict[int, int] = {}
        for pauli in members:
            self.add(pauli)

    def add(self, pauli: Pauli) -> None:
        """One more."""
        one = 1 << len(self.members)
        self.members.append(pauli)
        for part, held in ((pauli[0], self.x), (pauli[1], self.z)):
            for k in bits(part):
                held[k] = held.get(k, 0) | one

    def against(self, pauli: Pauli) -> int:
        """Those that anticommute with it, as bits."""
        row = 0
        for k in bits(pauli[0]):
            row ^= self.z.get(k, 0)
        for k in bits(pauli[1]):
            row ^= self.x.get(k, 0)
        return row
