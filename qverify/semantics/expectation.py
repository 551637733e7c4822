"""Expectation values of claimed observables, and how they respond to a parameter.

    <O> = sum over records m, Kraus operators K of m:  <psi| K^dagger O(m) K |psi>

O(m) is O with every M_k replaced by its sign (-1)**(bit k of m). Unit: the observable's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from qiskit.circuit import QuantumCircuit

from qverify.semantics.run import run
from qverify.subject.observables import Observable, Term, parse_observable

Real = NDArray[np.float64]
STEP = 2.0**-9  # truncation error h**4/30 * f'''''  is about 5e-13, rounding about 1e-13


def zero_state(n: int) -> NDArray[np.complex128]:
    """|0...0> as a batch of one; shape (1, 2**n)."""
    psi = np.zeros((1, 2**n), dtype=np.complex128)
    psi[0, 0] = 1.0
    return psi


def expectations(
    circuit: QuantumCircuit,
    values: Mapping[str, ArrayLike],
    observables: Sequence[str | Observable],
    psi: ArrayLike | None = None,
) -> Real:
    """<O> for every observable.

    Args:
        values: parameter name -> shape (B,) or (1,).
        observables: parsed, or text as in claims.
        psi: normalised input vectors, shape (B, 2**n) or (1, 2**n); |0...0> when None.

    Returns:
        Shape (B, len(observables)), float64.

    Raises:
        Undecidable: as `run`.
        Unusable: an observable cannot be read.
    """
    n, n_bits = circuit.num_qubits, circuit.num_clbits
    parsed = [parse_observable(o, n, n_bits) if isinstance(o, str) else o for o in observables]
    end = run(circuit, values, zero_state(n) if psi is None else psi)
    batch = max(len(b) for branches in end.values() for b in branches)
    total = np.zeros((batch, len(parsed)))
    for record, branches in end.items():
        for vectors in branches:
            for column, observable in enumerate(parsed):
                total[:, column] += sum(_term(term, record, vectors) for term in observable.terms)
    return total


def _term(term: Term, record: int, vectors: NDArray[np.complex128]) -> Real:
    """coefficient * <v| product of factors |v>, shape (B,)."""
    index = np.arange(vectors.shape[1])
    flip, weight = 0, np.full(vectors.shape[1], term.coefficient, dtype=np.complex128)
    for kind, k in term.factors:
        bit = index >> k & 1
        if kind == "M":
            weight = weight * (1 - 2 * (record >> k & 1))
        elif kind == "P":
            weight = weight * (bit == 0)
        elif kind == "Z":
            weight = weight * (1 - 2 * bit)
        else:
            flip |= 1 << k
            weight = weight * (1.0 if kind == "X" else 1j * (2 * bit - 1))
    # <i| O |i ^ flip> = weight(i): Y has <0|Y|1> = -i and <1|Y|0> = i
    return np.real(np.einsum("bi,i,bi->b", vectors.conj(), weight, vectors[:, index ^ flip]))


def shift_gradient(
    circuit: QuantumCircuit,
    values: Mapping[str, float],
    names: Sequence[str],
    observables: Sequence[Observable],
    psi: ArrayLike | None = None,
) -> Real:
    """Gradient by the two-term rule, (f(theta + pi/2) - f(theta - pi/2)) / 2 for every named parameter.

    Right for a parameter used once, with coefficient 1, in exp(-i theta P / 2) with P**2 = 1.

    Returns:
        Shape (len(names), len(observables)), unit per radian.

    Source: Schuld et al., Phys. Rev. A 99, 032331 (2019), arXiv:1811.11184.
    """
    plus, minus = (_displaced(circuit, values, names, observables, psi, s * np.pi / 2) for s in (1, -1))
    return (plus - minus) / 2


def difference_gradient(
    circuit: QuantumCircuit,
    values: Mapping[str, float],
    names: Sequence[str],
    observables: Sequence[Observable],
    psi: ArrayLike | None = None,
) -> Real:
    """Gradient by the five-point central difference; shape (len(names), len(observables)).

    (8 (f(+h) - f(-h)) - (f(+2h) - f(-2h))) / 12h with h = 2**-9: right to about 1e-12 for angles of rotations.
    """
    at = [_displaced(circuit, values, names, observables, psi, s * STEP) for s in (-2, -1, 1, 2)]
    return (8 * (at[2] - at[1]) - (at[3] - at[0])) / (12 * STEP)


def _displaced(
    circuit: QuantumCircuit,
    values: Mapping[str, float],
    names: Sequence[str],
    observables: Sequence[Observable],
    psi: ArrayLike | None,
    by: float,
) -> Real:
    """Row k: all expectations with parameter names[k] moved by `by`."""
    columns = {p: np.full(len(names), v, dtype=np.float64) for p, v in values.items()}
    for row, name in enumerate(names):
        columns[name][row] += by
    return expectations(circuit, columns, observables, psi)
