"""An observable as the ends of a chain: every Pauli string once, projectors as mixtures of strings.

    O = sum of c P  ->  an End of weight c**2 for each P;   |0><0| = (I + Z) / 2  ->  weights (1/4, 0, 0, 1/4)

A lone product with projectors stays one End, however many strings it has. In a sum projectors are multiplied out
and equal strings collected, since their coefficients add before they are squared. M_k is Z on the wire of bit k.
"""

from __future__ import annotations

from itertools import product
from math import prod

from qverify.errors import Undecidable
from qverify.subject import Observable
from qverify.trainability.chain import End

Weights = tuple[float, float, float, float]  # of I, X, Y, Z
MAX_STRINGS = 2**14
_LETTER: dict[str, Weights] = {
    "X": (0.0, 1.0, 0.0, 0.0), "Y": (0.0, 0.0, 1.0, 0.0), "Z": (0.0, 0.0, 0.0, 1.0), "M": (0.0, 0.0, 0.0, 1.0),
    "P": (0.25, 0.0, 0.0, 0.25),
}  # fmt: skip


def ends_of(observable: Observable, qubits: int, bits: dict[int, int]) -> tuple[End, ...]:
    """The ends; a bit that has no wire yet gets the next one.

    Raises:
        Undecidable: too many strings once its projectors are multiplied out.
    """
    for k in sorted(observable.bits):
        bits.setdefault(k, qubits + len(bits))
    terms = [
        (term.coefficient, {bits[k] if kind == "M" else k: kind for kind, k in term.factors})
        for term in observable.terms
    ]
    if len(terms) == 1:
        coefficient, factors = terms[0]
        letters = {wire: _LETTER[kind] for wire, kind in sorted(factors.items())}
        return (End(coefficient**2, letters),) if coefficient else ()
    sizes = [prod(2 if kind == "P" else 1 for kind in factors.values()) for _, factors in terms]
    if sum(sizes) > MAX_STRINGS:
        raise Undecidable(f"`{observable.text}` has {sum(sizes)} Pauli strings (at most {MAX_STRINGS} in a sum)")
    total: dict[tuple[tuple[int, str], ...], float] = {}
    for coefficient, factors in terms:
        for string, share in _strings(factors):
            total[string] = total.get(string, 0.0) + coefficient * share
    return tuple(End(c**2, {wire: _LETTER[letter] for wire, letter in string}) for string, c in total.items() if c)


def _strings(factors: dict[int, str]) -> list[tuple[tuple[tuple[int, str], ...], float]]:
    """The strings of a product and their coefficients."""
    named = {"M": "Z"}
    choices = [("", "Z") if kind == "P" else (named.get(kind, kind),) for _, kind in sorted(factors.items())]
    share = 0.5 ** sum(kind == "P" for kind in factors.values())
    wires = sorted(factors)
    return [
        (tuple((wire, letter) for wire, letter in zip(wires, letters, strict=True) if letter), share)
        for letters in product(*choices)
    ]
