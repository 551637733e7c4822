"""Observables as text: real combinations of Pauli strings, projectors and measured signs.

    O = sum_t c_t * product of factors,   factors: X_k Y_k Z_k, P0[k] = |0><0| on wire k, M_k = (-1)**(bit k)

`zeros` is the product of P0 over all wires. Wires and bits are numbered as in the circuit (Qiskit's order).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from qverify.errors import Unusable

_FACTOR = re.compile(r"([XYZM])(\d+)|P0\[(\d+)\]|(zeros)|(I)")
_TERM = re.compile(
    r"\s*([+-]?)\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)\s*\*?\s*)?((?:(?:[XYZM]\d+|P0\[\d+\]|zeros|I)\s*)+)"
)


@dataclass(frozen=True)
class Term:
    """coefficient * product of factors. factors: sorted (kind, index), kind one of "X" "Y" "Z" "P" "M"."""

    coefficient: float
    factors: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Observable:
    """A Hermitian observable; `text` is what the claim says."""

    text: str
    terms: tuple[Term, ...]

    @property
    def wires(self) -> frozenset[int]:
        """The wires it reads."""
        return frozenset(k for term in self.terms for kind, k in term.factors if kind != "M")

    @property
    def bits(self) -> frozenset[int]:
        """The classical bits it reads."""
        return frozenset(k for term in self.terms for kind, k in term.factors if kind == "M")

    @property
    def bound(self) -> float:
        """An upper bound on its operator norm: the sum of |coefficients|."""
        return sum(abs(term.coefficient) for term in self.terms)


def parse_observable(text: str, n_qubits: int, n_clbits: int) -> Observable:
    """Read an observable such as `0.5*Z0 + 0.5*Z1`.

    Raises:
        Unusable: it is not written so, or names a wire or bit that the circuit does not have.
    """
    terms: list[Term] = []
    position = 0
    while position < len(text):
        match = _TERM.match(text, position)
        if not match or (terms and not match[1]):
            raise Unusable(f"`{text}` is no observable; write for example `Z0`, `0.5*Z0 + 0.5*Z1` or `X0 Y2`")
        coefficient = float(match[2] or 1.0) * (-1.0 if match[1] == "-" else 1.0)
        if not math.isfinite(coefficient):
            raise Unusable(f"the observable `{text}` has an infinite coefficient; write a finite one")
        terms.append(Term(coefficient, _factors(match[3], text, n_qubits, n_clbits)))
        position = match.end()
    if not terms:
        raise Unusable("an observable is empty; write for example `Z0`")
    return Observable(text, tuple(terms))


def _factors(words: str, text: str, n_qubits: int, n_clbits: int) -> tuple[tuple[str, int], ...]:
    factors: list[tuple[str, int]] = []
    for pauli, wire, projected, zeros, _ in _FACTOR.findall(words):
        if zeros:
            factors += [("P", k) for k in range(n_qubits)]
        elif pauli or projected:
            factors.append((pauli or "P", int(wire or projected)))
    for kind, index in factors:
        size, what = (n_clbits, "classical bit") if kind == "M" else (n_qubits, "qubit")
        if index >= size:
            raise Unusable(f"the observable `{text}` reads {what} {index}, but the circuit has {size}")
    wires = [(kind == "M", index) for kind, index in factors]
    if len(set(wires)) != len(wires):
        raise Unusable(f"the observable `{text}` names one wire twice in a product; write each wire once")
    return tuple(sorted(factors, key=lambda f: (f[1], f[0])))
