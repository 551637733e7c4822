"""Expressibility and entangling capability of a circuit: informative evidence, no verdict.

    Expr = KL( P(F) || P_Haar(F) ),   F = |<psi(a)|psi(b)>|**2 for independent a and b,   Haar: (D-1) (1-F)**(D-2)
    Ent  = E Q,   Q = 2 (1 - mean over wires of tr rho_k**2) = 1 - mean over wires of |r_k|**2,  r_k Bloch's vector

Both from |0...0>, weights uniform over a turn and features over their range. Expr is in nats, on BINS equal bins of
F. Haar's is 0, and a histogram of N pairs is too high by about BINS / (2 N), in Haar's own samples too.
E Q is a sum of second moments, so `entangling_from` has it at any width, where `entangling` takes state vectors.
Source: Sim, Johnson, Aspuru-Guzik, Adv. Quantum Technol. 2, 1900070 (2019), arXiv:1905.10876 (75 bins, 5000
pairs); Meyer and Wallach, J. Math. Phys. 43, 4273 (2002); Brennen, quant-ph/0305094, for Q by purities.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from qverify.domain import draw_values
from qverify.errors import Undecidable, Unusable
from qverify.semantics import run, zero_state
from qverify.structure import is_dynamic
from qverify.subject import Subject
from qverify.trainability.bernstein import mean_ends
from qverify.trainability.moment import Moment

Real = NDArray[np.float64]
MAX_WIRES = 12
BINS = 75
_ROWS = 2**20  # amplitudes in flight
_RESAMPLES = 400


@dataclass(frozen=True)
class Measure:
    """A number with its interval; `method` says how it was found and what the interval is worth."""

    value: float
    lo: float
    hi: float
    method: str


def expressibility(subject: Subject, rng: Generator, pairs: int = 5000, confidence: float = 0.95) -> Measure:
    """KL divergence of the fidelities from Haar's, nats, lower is more expressive.

    The interval is the basic bootstrap's, which takes the histogram's bias out; it holds nearly, for many pairs.

    Raises:
        Undecidable: it measures or branches, or is wider than 12 qubits.
    """
    fidelities = _fidelities(subject, rng, pairs)
    counts = np.bincount(np.minimum((fidelities * BINS).astype(int), BINS - 1), minlength=BINS)
    log_haar = haar_log_bins(2**subject.circuit.num_qubits)
    value = float(_divergence(counts[None] / pairs, log_haar)[0])
    again = _divergence(rng.multinomial(pairs, counts / pairs, size=_RESAMPLES) / pairs, log_haar)
    tail = (1.0 - confidence) / 2
    low, high = (float(q) for q in np.quantile(again, (tail, 1.0 - tail)))
    method = f"{pairs} pairs, {BINS} bins, bootstrap (no guarantee)"
    return Measure(value, max(0.0, 2 * value - high), max(0.0, 2 * value - low), method)


def haar_log_bins(dimension: int) -> Real:
    """ln of the probability that a Haar pair's fidelity falls in each bin; shape (BINS,).

    (1-l)**(D-1) - (1-u)**(D-1) by logarithms, since the last bins underflow from 8 qubits on.
    """
    edges = np.arange(BINS + 1) / BINS
    with np.errstate(divide="ignore"):
        tails = (dimension - 1) * np.log1p(-edges)  # -inf at 1
    return np.asarray(tails[:-1] + np.log(-np.expm1(tails[1:] - tails[:-1])), dtype=np.float64)


def entangling(subject: Subject, rng: Generator, samples: int = 2000, confidence: float = 0.95) -> Measure:
    """The mean of Meyer and Wallach's Q, in [0, 1]; the interval holds for every sample size (`bernstein`).

    Raises:
        Undecidable: it measures or branches, or is wider than 12 qubits.
    """
    q = 1.0 - _bloch_squares(_states(subject, rng, samples)).mean(axis=1)
    value, lo, hi = (float(end) for end in mean_ends(q, np.array(0.0), np.array(1.0), 1.0 - confidence))
    return Measure(value, lo, hi, f"{samples} states, empirical Bernstein at {confidence:g}")


def entangling_from(moments: Sequence[Moment], qubits: int) -> Measure:
    """The mean of Q from the second moments of all X_k, Y_k, Z_k: 1 - (their sum) / qubits, at any width.

    Args:
        moments: 3 * qubits of them, in any order, with the same law of the angles.

    Raises:
        Unusable: there are not 3 * qubits.
    """
    if len(moments) != 3 * qubits:
        raise Unusable(
            f"{qubits} qubits have {3 * qubits} second moments of X, Y and Z, but {len(moments)} were given"
        )
    value, most, least = (1.0 - math.fsum(ends) / qubits for ends in zip(*_ends(moments), strict=True))
    exact = all(m.sided == "exact" for m in moments)
    method = "second moments of X, Y and Z on each wire, " + ("exact" if exact else "their intervals added")
    return Measure(value, max(0.0, least), min(1.0, most), method)


def _ends(moments: Sequence[Moment]) -> list[tuple[float, float, float]]:
    # a square of an expectation of X, Y or Z is at most 1
    return [(m.value, m.lo, 1.0 if m.sided == "lower" else min(1.0, m.hi)) for m in moments]


def _states(subject: Subject, rng: Generator, count: int) -> NDArray[np.complex128]:
    """Output states at random points, shape (count, 2**n)."""
    circuit, n = subject.circuit, subject.circuit.num_qubits
    if is_dynamic(circuit):
        raise Undecidable("a circuit that measures or branches has no single output state to compare")
    if n > MAX_WIRES:
        raise Undecidable(f"{n} qubits are too many for state vectors (at most {MAX_WIRES})")
    points, chunk = draw_values(subject, rng, count), max(1, _ROWS // 2**n)
    parts = []
    for at in range(0, count, chunk):
        some = {p: v[at : at + chunk] for p, v in points.items()}
        ends = run(circuit, some, zero_state(n))[0][0]
        parts.append(np.broadcast_to(ends, (min(chunk, count - at), 2**n)))  # one row where no parameter is
    return np.concatenate(parts)


def _fidelities(subject: Subject, rng: Generator, pairs: int) -> Real:
    """|<psi|phi>|**2 of independent pairs, shape (pairs,), in [0, 1]."""
    found = []
    chunk = max(1, _ROWS // 2**subject.circuit.num_qubits)
    for at in range(0, pairs, chunk):
        count = min(chunk, pairs - at)
        psi, phi = _states(subject, rng, count), _states(subject, rng, count)
        found.append(np.abs(np.einsum("bs,bs->b", psi.conj(), phi)) ** 2)
    return np.asarray(np.clip(np.concatenate(found), 0.0, 1.0), dtype=np.float64)


def _divergence(frequencies: Real, log_haar: Real) -> Real:
    """sum p ln(p / q) over the last axis."""
    p = np.where(frequencies > 0, frequencies, 1.0)
    return np.asarray(np.sum(frequencies * (np.log(p) - log_haar), axis=-1), dtype=np.float64)


def _bloch_squares(states: NDArray[np.complex128]) -> Real:
    """|r_k|**2 of every wire, shape (count, n): 2 tr rho_k**2 - 1."""
    count, size = states.shape
    n = size.bit_length() - 1
    out = np.empty((count, n))
    for k in range(n):
        split = states.reshape(count, -1, 2, 2**k)  # wire k is bit k of the index
        rho = np.einsum("bhil,bhjl->bij", split, split.conj())
        out[:, k] = 2 * np.sum(np.abs(rho) ** 2, axis=(1, 2)) - 1.0
    return out
