"""Weights that provably no observable feels, by propagating Pauli sets backwards.

In the Heisenberg picture O_k, the observable pulled back to just after gate k, is a sum of Pauli strings. If every
string commutes with the gate's generator P, then d<O>/d theta = i/2 <[P, O_k]> = 0 for all angles and inputs.
Each wire carries a set of the letters I X Y Z that may occur on it (independently of the other wires), so the set
of strings is over-approximated: "dead" is proved, "not proved dead" says nothing.
Source: Heisenberg propagation as in Gottesman, quant-ph/9807006; the set domain is this project's own.
Cost: O(gates). Static circuits only; a classical control makes everything on its wires possible.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import product
from typing import Any

import numpy as np
from qiskit.circuit import Barrier, Delay, Measure, Operation, ParameterExpression

from qverify.angles import angle_of, parameters_in
from qverify.semantics.gates import MATRICES, Matrix, pauli
from qverify.structure import Leaf, is_dynamic, leaves, standard_class
from qverify.subject import Observable, Subject

Letters = frozenset[str]
ALL: Letters = frozenset("IXYZ")
_GENERATORS = {
    "RXGate": "X", "RYGate": "Y", "RZGate": "Z", "PhaseGate": "Z", "U1Gate": "Z",
    "RXXGate": "XX", "RYYGate": "YY", "RZZGate": "ZZ", "RZXGate": "ZX",
}  # fmt: skip
_MAX_FIXED = 3  # wires of a constant gate whose action on strings is worked out exactly


def proved_dead(subject: Subject) -> frozenset[str]:
    """The claimed weights that none of the claimed observables depends on, for any angles and any input.

    Circuits that measure or branch give the empty set.
    """
    if is_dynamic(subject.circuit):
        return frozenset()
    gates = [leaf for leaf in leaves(subject.circuit) if not isinstance(leaf.operation, Barrier | Delay)]
    felt: set[str] = set()
    for observable in subject.observables():
        felt |= _felt(gates, observable, subject.circuit.num_qubits)
    return frozenset(subject.claims.weights) - felt


def _felt(gates: list[Leaf], observable: Observable, n: int) -> set[str]:
    """The parameters that an observable may depend on."""
    letters: list[set[str]] = [set() for _ in range(n)]
    for term in observable.terms:
        on = {k: kind for kind, k in term.factors if kind != "M"}  # a bit that nothing writes is constant
        for k in range(n):
            letters[k] |= {"I", "Z"} if on.get(k) == "P" else {on.get(k, "I")}
    felt: set[str] = set()
    for leaf in reversed(gates):
        felt |= _pull_back(leaf, letters)
    return felt


def _pull_back(leaf: Leaf, letters: list[set[str]]) -> set[str]:
    """Replace the letters after a gate by those before it; returns the parameters that this gate makes felt."""
    sets = [frozenset(letters[k]) for k in leaf.qubits]
    if all(s == {"I"} for s in sets):
        return set()
    op = leaf.operation
    kind = standard_class(op)
    names = set().union(*(parameters_in(angle_of(p)) for p in _angles(op)))
    word = _GENERATORS.get(kind)
    if word is not None:
        moved = {
            tuple(_times(a, b) for a, b in zip(string, word, strict=True))
            for string in product(*sets)
            if _anticommutes(string, word)
        }
        for k, string in ((k, s) for s in moved for k in range(len(word))):
            letters[leaf.qubits[k]].add(string[k])
        return names if moved else set()
    images = _fixed_images(op, sets) if not names and len(sets) <= _MAX_FIXED else [ALL] * len(sets)
    for k, image in zip(leaf.qubits, images, strict=True):
        letters[k] = set(image)
    return names


def _angles(op: Operation) -> list[Any]:
    """Every number of an operation that may hold a parameter, also where nothing says what the operation does."""
    params = list(getattr(op, "params", ()))
    return params if standard_class(op) else [p for p in params if isinstance(p, ParameterExpression)]


def _anticommutes(string: Iterable[str], word: str) -> bool:
    return sum(a not in ("I", b) and b != "I" for a, b in zip(string, word, strict=True)) % 2 == 1


def _times(a: str, b: str) -> str:
    """The letter of the product of two Pauli letters, phase aside."""
    if a == b:
        return "I"
    if "I" in (a, b):
        return a if b == "I" else b
    return ({"X", "Y", "Z"} - {a, b}).pop()


def _fixed_images(op: Operation, sets: list[Letters]) -> list[Letters]:
    """The letters on each wire of U^dagger S U, over all strings S with letters from `sets`."""
    kind = standard_class(op)
    closed = getattr(op, "ctrl_state", None) in (None, 2 ** getattr(op, "num_ctrl_qubits", 0) - 1)
    if kind not in MATRICES or not closed or isinstance(op, Measure):
        return [ALL] * len(sets)
    angles = tuple(float(p) for p in op.params)
    found: list[set[str]] = [set() for _ in sets]
    for string in product(*sets):
        for k, image in enumerate(_images(kind, angles, "".join(string))):
            found[k] |= image
    return [frozenset(s) for s in found]


@cache
def _images(kind: str, angles: tuple[float, ...], word: str) -> tuple[Letters, ...]:
    """The letters on each wire of U^dagger P U for one Pauli word."""
    U: Matrix = MATRICES[kind](*(np.array([t]) for t in angles))[0]
    pulled = U.conj().T @ pauli(word) @ U
    found: list[set[str]] = [set() for _ in word]
    for letters in product("IXYZ", repeat=len(word)):
        overlap = np.trace(pauli("".join(letters)) @ pulled) / len(U)
        if abs(overlap) > 1e-12:  # coefficients of a fixed gate's image are 0 or far above rounding
            for k, letter in enumerate(letters):
                found[k].add(letter)
    return tuple(frozenset(s) for s in found)
