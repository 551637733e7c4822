"""Rotations in layers: the Foata normal form, each rotation as early as commutation lets it go.

    R_P(s) R_Q(t) = R_Q(t) R_P(s)  iff the Pauli words P and Q commute;     R_P(s) R_P(t) = R_P(s + t)

A word enters the earliest layer that it reaches by commuting with every word of every later one; where it meets
itself the angles are added. Words are C^dagger Q C for letters Q on few wires. While no two-wire Clifford touches a
wire, its *site* lives: words on different live sites commute, as their letters do. So a word is compared bit by bit
only with the words of its own sites and with those that have a dead site.
Source: Cartier and Foata (1969); Litinski, Quantum 3, 128 (2019), arXiv:1808.02892.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from qverify.angles import Angle, add, scale
from qverify.equivalence.frame import Pauli, sign

Word = tuple[int, int]  # x and z masks of a positive Hermitian Pauli
Layer = dict[Word, Angle]
Sites = tuple[int, ...]
Place = tuple[int, Word]  # number of a layer, and a word in it
PRODUCTS = 8
FEW = 16  # words that are compared one by one at once


class Blockers:
    """Words that every word is compared with, where they are many by two tests that need not look at each.

    Whoever anticommutes with a product anticommutes with a factor: products of random halves find half of all such
    words each. Whoever shares no wire where letters could differ commutes with all.
    """

    def __init__(self) -> None:
        self.words: list[Word] = []
        self._products = [(0, 0)] * PRODUCTS
        self._union = (0, 0)
        self._known = 0  # how many words are in the products and the union

    def block(self, word: Word) -> bool:
        """Whether the word anticommutes with any of these."""
        if len(self.words) > FEW:
            for k in range(self._known, len(self.words)):
                self._include(k)
            self._known = len(self.words)
            if not (word[0] & self._union[1] or word[1] & self._union[0]):
                return False
            if _anticommutes(word, self._products):
                return True
        return _anticommutes(word, self.words)

    def _include(self, k: int) -> None:
        x, z = self.words[k]
        self._union = self._union[0] | x, self._union[1] | z
        chosen = (k + 1) * 2654435761 >> 12  # a fixed draw of bits
        for j, (other_x, other_z) in enumerate(self._products):
            if chosen >> j & 1:
                self._products[j] = x ^ other_x, z ^ other_z


class Layers:
    """Layers of rotations; built up in place by one walk in time order.

    changed: where the angle is no longer in the form that it was put in with: summed up, or turned around.
    """

    def __init__(self) -> None:
        self.layers: list[Layer] = []
        self.changed: dict[Place, None] = {}
        self._dead: list[Blockers] = []  # of each layer
        self._live: list[dict[int, list[Word]]] = []  # of each layer, by site
        self._homes: dict[int, dict[Place, Sites]] = {}  # by site

    def put(self, pauli: Pauli, angle: Angle, sites: Sites) -> None:
        """A rotation after all others. sites: where its letters stand now, all live; none if that is not known."""
        word = pauli[0], pauli[1]
        if word == (0, 0):
            return  # a phase
        turned = sign(pauli) < 0
        if turned:
            angle = scale(angle, -1.0)
        at = len(self.layers)
        while at > 0 and word not in self.layers[at - 1] and not self._blocked(at - 1, word, sites):
            at -= 1
        if at > 0 and word in self.layers[at - 1]:
            self.layers[at - 1][word] = add(self.layers[at - 1][word], angle)
            self.changed[at - 1, word] = None
            return
        if at == len(self.layers):
            self.layers.append({})
            self._dead.append(Blockers())
            self._live.append({})
        self.layers[at][word] = angle
        if turned and abs(angle.constant) == math.pi / 4:
            self.changed[at, word] = None
        self._remember(at, word, sites)

    def retire(self, site: int) -> None:
        """A site dies: its words are compared with every word from now on."""
        for (at, word), sites in self._homes.pop(site, {}).items():
            self._dead[at].words.append(word)
            for other in sites:
                self._live[at][other].remove(word)
                if other != site:
                    del self._homes[other][at, word]

    def _remember(self, at: int, word: Word, sites: Sites) -> None:
        if not sites:
            self._dead[at].words.append(word)
        for site in sites:
            self._live[at].setdefault(site, []).append(word)
            self._homes.setdefault(site, {})[at, word] = sites

    def _blocked(self, at: int, word: Word, sites: Sites) -> bool:
        """Whether a word anticommutes with any word of a layer."""
        live = self._live[at]
        if not sites:
            return _anticommutes(word, self.layers[at])
        for site in sites:
            if site in live and _anticommutes(word, live[site]):
                return True
        return self._dead[at].block(word)


def _anticommutes(word: Word, others: Iterable[Word]) -> bool:
    """Whether a word anticommutes with any other; the innermost loop of the whole form."""
    x, z = word
    for other_x, other_z in others:  # noqa: SIM110  # a generator would take twice as long
        if (x & other_z ^ z & other_x).bit_count() & 1:
            return True
    return False
