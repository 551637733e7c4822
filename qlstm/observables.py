"""Observables as matrices: `Z0`, `0.5*Z0 + 0.5*Z1`, `X0 Y2`, `P0[1]` (|0><0| on wire 1), `zeros` (on all wires).

A sum of terms, each a real factor times a product over wires; wire 0 is the least significant bit.
"""

from __future__ import annotations

import re

import numpy as np

from qlstm.gates import Matrix, X, Y, Z
from qverify.errors import Unusable

LETTERS: dict[str, Matrix] = {"X": X, "Y": Y, "Z": Z, "I": np.eye(2, dtype=np.complex128)}
PROJECTOR: Matrix = np.diag([1, 0]).astype(np.complex128)
_FACTOR = re.compile(r"(?P<letter>[XYZI])(?P<wire>\d+)|P0\[(?P<onto>\d+)\]|(?P<zeros>zeros)")
_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_TERM = re.compile(
    rf"\s*(?P<sign>[+-]?)\s*(?:(?P<number>-?{_NUMBER})\s*\*\s*)?(?P<factors>[A-Za-z][^+\-*]*?)\s*(?=[+-]|$)"
)


def observable_matrix(text: str, n_qubits: int) -> Matrix:
    """The Hermitian matrix of an observable, shape (2**n_qubits, 2**n_qubits), unit 1.

    Raises:
        Unusable: the text is no observable, or names a wire that is not there.
    """
    total, position = np.zeros((2**n_qubits, 2**n_qubits), dtype=np.complex128), 0
    while position < len(text.rstrip()):
        term = _TERM.match(text, position)
        if term is None or (position > 0 and not term["sign"]):
            raise _unknown(text)
        factor = float(term["number"] or 1) * (-1 if term["sign"] == "-" else 1)
        total += factor * _product(term["factors"], text, n_qubits)
        position = term.end()
    if position == 0:
        raise _unknown(text)
    return total


def _product(factors: str, text: str, n_qubits: int) -> Matrix:
    on: dict[int, Matrix] = {}
    for word in factors.split():
        factor = _FACTOR.fullmatch(word)
        if factor is None:
            raise _unknown(text)
        single = LETTERS[factor["letter"]] if factor["letter"] else PROJECTOR
        wires = range(n_qubits) if factor["zeros"] else [int(factor["wire"] or factor["onto"])]
        for wire in wires:
            if wire >= n_qubits or wire in on:
                raise Unusable(
                    f"the observable `{text}` must name each of the wires 0..{n_qubits - 1} at most once"
                )
            on[wire] = single
    whole: Matrix = np.ones((1, 1), dtype=np.complex128)
    for wire in range(n_qubits):
        whole = np.kron(on.get(wire, LETTERS["I"]), whole).astype(np.complex128)
    return whole


def _unknown(text: str) -> Unusable:
    return Unusable(f"`{text}` is no observable of a static circuit; write one such as `Z0` or `0.5*Z0 + 0.5*Z1`")
