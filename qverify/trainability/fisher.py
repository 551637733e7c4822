"""Redundant weights: the rank of the quantum Fisher information at random points.

    F_jk = 4 Re( <d_j psi|d_k psi> - <d_j psi|psi> <psi|d_k psi> ),   four times the Fubini-Study metric

F = 4 J^T J with J the real (2**(n+1), K) matrix of the derivatives' parts orthogonal to psi, and its rank is the
number of directions in which the state moves, so at most K and 2 * 2**n - 2. A weight is redundant where the others
move all states as it does. Where features or free wires feed the circuit it must be so for every input: the
matrices of several drawn inputs are stacked. The rank of an analytic matrix is the same at almost all points, and
lower on a set of measure zero, so the largest over a few random points is it, up to rounding.
Derivatives: central differences of order 8 with step 0.05 / slope, whose error is below 1e-12 for a weight that
enters angles linearly. Source: Meyer, Quantum 5, 539 (2021), arXiv:2103.15191; Haug, Bharti, Kim, PRX Quantum 2,
040309 (2021).
Cost: 8 K runs of the circuit a point and input.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from qverify.angles import parameters_in
from qverify.domain import all_angles, draw_values
from qverify.draws import LETTERS, product_state
from qverify.errors import Undecidable
from qverify.semantics import run
from qverify.structure import is_dynamic
from qverify.subject import Subject

Real = NDArray[np.float64]
States = NDArray[np.complex128]
MAX_WIRES = 10
STEP = 0.05  # radians of angle: truncation 0.05**8 / 630, rounding about 1e-15 / 0.05
CUT = 1e-8  # of the largest singular value; between rounding (1e-12) and what a weight of any use moves
CLEAR = (1e-10, 1e-6)  # no singular value should lie between these
_STENCIL = ((1, 4 / 5), (2, -1 / 5), (3, 4 / 105), (4, -1 / 280))
_ROWS = 2**20  # amplitudes in flight


@dataclass(frozen=True)
class FisherRank:
    """How many weights are felt by the state, and which ones the others make superfluous.

    independent: a largest set that moves the state in all its directions, earlier weights first; the rest is
        `redundant`. Leaving all of them out at once loses no direction.
    smallest, next_smallest: the last singular value kept and the first one cut, of the largest; 0.0 where there
        is none.
    points, inputs: random points tried, and inputs stacked at each.
    """

    rank: int
    independent: tuple[str, ...]
    redundant: tuple[str, ...]
    smallest: float
    next_smallest: float
    points: int
    inputs: int

    @property
    def is_clear(self) -> bool:
        """Whether the singular values have a gap where they are cut; if not, the rank is only about right."""
        return self.next_smallest <= CLEAR[0] and (self.rank == 0 or self.smallest >= CLEAR[1])


def fisher_rank(subject: Subject, rng: Generator, points: int = 3, inputs: int = 8) -> FisherRank:
    """The rank of the quantum Fisher information of the claimed weights, numerically, at random points.

    Args:
        inputs: how many drawn features and input states are stacked; one where nothing is fed in.

    Raises:
        Undecidable: it measures or branches, is wider than 10 qubits, or a weight enters an angle non-linearly.
    """
    names, slopes = _weights(subject)
    fed = bool(subject.claims.features) or len(set(subject.claims.zero_wires)) < subject.circuit.num_qubits
    count = inputs if fed else 1
    best: FisherRank | None = None
    for _ in range(points):
        found = _at_point(_stacked(subject, slopes, rng, count), names, points, count)
        if best is None or (found.rank, found.is_clear) > (best.rank, best.is_clear):
            best = found
    if best is None:
        raise ValueError(f"Argument `points` must be at least 1, but is {points}.")
    return best


def fisher_matrix(subject: Subject, values: Mapping[str, float], psi: States | None = None) -> Real:
    """F at one point, shape (K, K), 1 / radian**2, for the claimed weights in their order.

    Args:
        values: one for every parameter of the circuit.
        psi: the input, shape (1, 2**n); |0...0> when None.

    Raises:
        Undecidable: as `fisher_rank`.
    """
    _, slopes = _weights(subject)
    start = product_state("0" * subject.circuit.num_qubits) if psi is None else psi
    J = _jacobian(subject, slopes, values, start) * np.array(list(slopes.values()))
    return np.asarray(4.0 * J.T @ J, dtype=np.float64)


def _weights(subject: Subject) -> tuple[tuple[str, ...], dict[str, float]]:
    """The claimed weights, and weight -> the sum of the |slopes| of all angles it enters, radians a unit."""
    n = subject.circuit.num_qubits
    if is_dynamic(subject.circuit):
        raise Undecidable("a circuit that measures or branches has no single state, so no Fisher rank here")
    if n > MAX_WIRES:
        raise Undecidable(f"{n} qubits are too many for the Fisher rank on state vectors (at most {MAX_WIRES})")
    total = dict.fromkeys(subject.claims.weights, 0.0)
    for _, _, angle in all_angles(subject.circuit):
        for atom, coefficient in angle.terms:
            curved = sorted(total.keys() & set().union(*(parameters_in(o) for o in atom.operands)))
            if curved:
                raise Undecidable(f"`{curved[0]}` enters an angle non-linearly, and its derivative is not exact")
            if atom.kind == "parameter" and atom.name in total:
                total[atom.name] += abs(coefficient)
    return tuple(total), total


def _stacked(subject: Subject, slopes: dict[str, float], rng: Generator, inputs: int) -> Real:
    """The Jacobians of one draw of the weights at several inputs, shape (inputs * 2**(n+1), K)."""
    drawn = draw_values(subject, rng, inputs)
    zero, n, fed = set(subject.claims.zero_wires), subject.circuit.num_qubits, set(subject.claims.features)
    parts = []
    for k in range(inputs):
        values = {name: float(v[k if name in fed else 0]) for name, v in drawn.items()}
        letters = rng.integers(len(LETTERS), size=n)
        word = "".join("0" if w in zero else LETTERS[letter] for w, letter in enumerate(letters))
        parts.append(_jacobian(subject, slopes, values, product_state(word)))
    return np.concatenate(parts)


def _jacobian(subject: Subject, slopes: dict[str, float], values: Mapping[str, float], start: States) -> Real:
    """d psi / d angle, orthogonal to psi, as real numbers; shape (2**(n+1), K), columns in units of the slope."""
    circuit, names = subject.circuit, list(slopes)
    psi = run(circuit, {p: np.array([v]) for p, v in values.items()}, start)[0][0][0]
    offsets = [(s * k, s * c) for k, c in _STENCIL for s in (1, -1)]
    chunk = max(1, _ROWS // (len(offsets) * len(psi)))
    columns = []
    for at in range(0, len(names), chunk):
        some = names[at : at + chunk]
        batch = {p: np.full((len(some), len(offsets)), v) for p, v in values.items()}
        for row, name in enumerate(some):
            batch[name][row] += np.array([k for k, _ in offsets]) * STEP / (slopes[name] or 1.0)
        ends = run(circuit, {p: v.reshape(-1) for p, v in batch.items()}, start)[0][0]
        shaped = ends.reshape(len(some), len(offsets), -1)
        columns.append(np.einsum("kos,o->sk", shaped, np.array([c for _, c in offsets]) / STEP))
    D = np.concatenate(columns, axis=1) if columns else np.zeros((len(psi), 0), dtype=np.complex128)
    D = D - np.outer(psi, psi.conj() @ D)
    return np.concatenate([D.real, D.imag])


def _at_point(J: Real, names: Sequence[str], points: int, inputs: int) -> FisherRank:
    singular = np.linalg.svd(J, compute_uv=False) if J.size else np.zeros(0)
    # derivatives by angle are at most 1 long: below CUT even the largest is rounding
    relative = singular / singular[0] if len(singular) and singular[0] > CUT else np.zeros(len(singular))
    rank = int(np.sum(relative > CUT))
    kept = _independent(J, rank)
    return FisherRank(
        rank,
        tuple(names[k] for k in kept),
        tuple(name for k, name in enumerate(names) if k not in set(kept)),
        float(relative[rank - 1]) if rank else 0.0,
        float(relative[rank]) if rank < len(relative) else 0.0,
        points,
        inputs,
    )


def _independent(J: Real, rank: int) -> list[int]:
    """Columns that span all columns: each one that the earlier ones do not span, by their orthogonal parts."""
    basis = np.zeros((len(J), 0))
    kept: list[int] = []
    for k in range(J.shape[1]):
        rest = J[:, k]
        for _ in range(2):  # once more against rounding
            rest = rest - basis @ (basis.T @ rest)
        length = math.sqrt(float(rest @ rest))
        if length > CUT and len(kept) < rank:
            basis = np.concatenate([basis, rest[:, None] / length], axis=1)
            kept.append(k)
    return kept
