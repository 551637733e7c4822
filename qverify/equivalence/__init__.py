"""One question: are two circuits the same, under which notion, and how strong is the answer?"""

from qverify.equivalence.distance import Side, distance
from qverify.equivalence.pauli_form import Agreement, proved_equal

__all__ = ["Agreement", "Side", "distance", "proved_equal"]
