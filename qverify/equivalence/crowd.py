"""Which of many Pauli operators anticommute with one, all at once.

    row(P) = xor of Z_k over k in the X part of P,  xor of X_k over k in its Z part

where bit m of X_k (Z_k) says whether member m has X (Z) on wire k: an exclusive or of long integers a wire of
P instead of a look at every member.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from qverify.angles import Angle, add, scale
from qverify.equivalence.frame import Pauli, sign
from qverify.equivalence.layers import Layer, Place, Sites, Word


class Crowd:
    """Pauli operators in order, by wire.

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
            left = part
            while left:  # here and below no generator, which takes twice as long
                low = left & -left
                k = low.bit_length() - 1
                held[k] = held.get(k, 0) | one
                left ^= low

    def against(self, pauli: Pauli) -> int:
        """Those that anticommute with it, as bits."""
        row, x, z = 0, pauli[0], pauli[1]
        while x:
            low = x & -x
            row ^= self.z.get(low.bit_length() - 1, 0)
            x ^= low
        while z:
            low = z & -z
            row ^= self.x.get(low.bit_length() - 1, 0)
            z ^= low
        return row


class CrowdLayers:
    """`Layers`, word by word the same, where many words anticommute with many: no word is looked at alone.

    The layer that stops a word is the last one with a member of its row, or with the word itself.
    """

    def __init__(self) -> None:
        self.layers: list[Layer] = []
        self.changed: dict[Place, None] = {}
        self._crowd = Crowd()
        self._members: list[int] = []  # of each layer, as bits
        self._last: dict[Word, int] = {}  # the last layer that a word is in

    def put(self, pauli: Pauli, angle: Angle, sites: Sites) -> None:  # noqa: ARG002  # as `Layers` has it
        """A rotation after all others."""
        word = pauli[0], pauli[1]
        if word == (0, 0):
            return  # a phase
        negative = sign(pauli) < 0
        if negative:
            angle = scale(angle, -1.0)
        row, at, same = self._crowd.against(pauli), len(self.layers), self._last.get(word, -1)
        while at > same + 1 and not row & self._members[at - 1]:
            at -= 1
        if 0 <= same == at - 1:
            self.layers[same][word] = add(self.layers[same][word], angle)
            self.changed[same, word] = None
            return
        if at == len(self.layers):
            self.layers.append({})
            self._members.append(0)
        self.layers[at][word] = angle
        if negative and abs(angle.constant) == math.pi / 4:
            self.changed[at, word] = None
        self._last[word] = at
        self._members[at] |= 1 << len(self._crowd.members)
        self._crowd.add(pauli)

    def retire(self, site: int) -> None:
        """Sites do not matter here."""


class Turns:
    """Quarter turns about Pauli words, one after the other, as they conjugate what comes later.

    A word meets only those that it anticommutes with. Where one changes it, P -> P G up to phase, those that it
    anticommutes with from then on are row(P) xor row(G).
    """

    def __init__(self) -> None:
        self.quarters: list[int] = []
        self._crowd = Crowd()
        self._rows: list[int] = []  # of each generator, which anticommute with it

    def add(self, generator: Pauli, quarters: int) -> None:
        """One more, the last."""
        row, number = self._crowd.against(generator), len(self.quarters)
        left = row
        while left:
            low = left & -left
            self._rows[low.bit_length() - 1] |= 1 << number
            left ^= low
        self._rows.append(row)
        self.quarters.append(quarters)
        self._crowd.add(generator)

    def conjugated(self, pauli: Pauli) -> Pauli:
        """The word conjugated by all."""
        row, x, z, phase = self._crowd.against(pauli), *pauli
        while row:
            k = (row & -row).bit_length() - 1
            turns = self.quarters[k] % 4
            if turns == 2:
                phase += 2
            elif turns:
                other = self._crowd.members[k]
                phase += other[2] + 2 * (z & other[0]).bit_count() + (3 if turns == 1 else 1)
                x, z, row = x ^ other[0], z ^ other[1], row ^ self._rows[k]
            row = row >> k + 1 << k + 1
        return x, z, phase % 4
