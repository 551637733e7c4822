"""Circuits whose later gates depend on earlier outcomes, beside those that do the same without: for any width.

Iterative and textbook phase estimation, the semiclassical and the quantum Fourier transform.
Source: Griffiths and Niu, Phys. Rev. Lett. 76, 3228 (1996), arXiv:quant-ph/9511007.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from qiskit import QuantumCircuit
from qiskit.circuit import ParameterExpression


def iterative_phase_estimation(
    rounds: int, theta: float | ParameterExpression = 0.3, *, inverted: tuple[int, int] | None = None
) -> QuantumCircuit:
    """One work qubit, measured, reset and corrected by the bits before.

    Args:
        inverted: the round and the bit whose condition is inverted; None for none.
    """
    out = QuantumCircuit(2, rounds)
    out.x(1)
    for k in range(rounds):
        if k:
            out.reset(0)
        out.h(0)
        out.cp(theta * 2 ** (rounds - 1 - k), 0, 1)
        for j in range(k):
            with out.if_test((out.clbits[j], int((k, j) != inverted))):
                out.p(-math.pi / 2 ** (k - j), 0)
        out.h(0)
        out.measure(0, k)
    return out


def phase_estimation(rounds: int, theta: float | ParameterExpression = 0.3) -> QuantumCircuit:
    """The same with one qubit a bit and the inverse Fourier transform."""
    out = QuantumCircuit(rounds + 1, rounds)
    out.x(rounds)
    for k in range(rounds):
        out.h(k)
        out.cp(theta * 2 ** (rounds - 1 - k), k, rounds)
    for k in range(rounds):
        for j in range(k):
            out.cp(-math.pi / 2 ** (k - j), j, k)
        out.h(k)
    out.measure(range(rounds), range(rounds))
    return out


def fourier(
    n: int, *, semiclassical: bool, prepared: bool = True, off: Mapping[tuple[int, int], float] | None = None
) -> QuantumCircuit:
    """A Fourier transform, measured; its controls are bits or qubits.

    Args:
        prepared: whether it starts with rotations that make |0...0> a product of other states.
        off: (control, target) -> what its angle is off by, radians.
    """
    out = QuantumCircuit(n, n)
    for k in range(n if prepared else 0):
        out.ry(0.1 + 0.01 * k, k)
    for k in range(n):
        for j in range(k):
            angle = math.pi / 2 ** (k - j) + (off or {}).get((j, k), 0.0)
            if semiclassical:
                with out.if_test((out.clbits[j], 1)):
                    out.p(angle, k)
            else:
                out.cp(angle, j, k)
        out.h(k)
        if semiclassical:
            out.measure(k, k)
    if not semiclassical:
        out.measure(range(n), range(n))
    return out
