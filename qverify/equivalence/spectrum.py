"""How far a unitary D is from a phase: an interval for the operator norm and one for the process fidelity.

    min over phi of ||D - e^{i phi}|| = 2 sin(arc / 4),   arc = the shortest arc that holds all eigenphases
    1 - F = 1 - |tr D|^2 / d^2 = (1 / d^2) sum_{j,k} 2 sin^2((theta_j - theta_k) / 2)

For a tensor product the eigenphases are all sums of one phase of each factor, and F is the product. Both the
distance and sqrt(1 - F) are metrics that an operator-norm error of e moves by at most e, so a computed D with a
known error gives intervals. The eigenvalues come from a Schur decomposition whose residual is measured.
Source: distance: Childs, Preskill, Renes, J. Mod. Opt. 47, 155 (2000), sec. 3; fidelity as a metric: Gilchrist,
Langford, Nielsen, Phys. Rev. A 71, 062310 (2005).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import schur

from qverify.equivalence.gate_batches import UNIT, product_rounding
from qverify.semantics.gates import Matrix

Phases = NDArray[np.float64]
MAX_PHASES = 2**14
FLAT = 1e-12  # radians: arcs below it are added to the others, not combined with them


@dataclass(frozen=True)
class Interval:
    """A number known to lie in [lo, hi]."""

    lo: float
    hi: float

    def widened(self, by: float) -> Interval:
        """The interval for a number at most `by` away, never negative."""
        return Interval(max(0.0, self.lo - by), self.hi + by)


@dataclass(frozen=True)
class Spectrum:
    """Eigenphases (d,), radians, of a unitary within `slack` of the one that was asked about (operator norm)."""

    phases: Phases
    slack: float

    @property
    def arc(self) -> float:
        """Length of the shortest arc that holds all phases."""
        return _arc(self.phases)


def spectrum(D: Matrix) -> Spectrum:
    """Eigenphases of a matrix close to a unitary, shape (d, d)."""
    d = len(D)
    T, Z = schur(D, output="complex")
    values = np.diag(T) / np.abs(np.diag(T))
    adjoint = Z.conj().T
    missed = float(np.linalg.norm(D - (Z * values) @ adjoint))
    skew = float(np.linalg.norm(adjoint @ Z - np.eye(d)))
    rounding = product_rounding(d, math.sqrt(d), math.sqrt(d))
    return Spectrum(np.angle(values), 1.01 * (missed + rounding + 2 * (skew + rounding)) + 32 * UNIT)


def _arc(phases: Phases) -> float:
    ordered = np.sort(phases)
    gaps = np.diff(ordered, append=ordered[0] + 2 * math.pi)
    return max(0.0, 2 * math.pi - float(gaps.max()))


def distance_to_phase(parts: Sequence[Spectrum]) -> Interval:
    """min over phi of ||D_1 (x) D_2 (x) ... - e^{i phi}||, without the parts' slack."""
    arcs = [part.arc for part in parts]
    total, rounding = sum(arcs), 32 * UNIT * (len(parts) + 2)
    if total <= math.pi:
        return Interval(2 * math.sin(total / 4), 2 * math.sin(total / 4)).widened(rounding)
    points, rest = np.zeros(1), 0.0
    for k in sorted(range(len(parts)), key=lambda k: (-arcs[k], k)):
        if arcs[k] < FLAT or len(points) * len(parts[k].phases) > MAX_PHASES:
            rest += arcs[k]
            continue
        sums = np.sort(np.mod(np.add.outer(points, parts[k].phases).ravel(), 2 * math.pi))
        points = sums[np.diff(sums, prepend=-1.0) > 0]
    arc = _arc(points)
    reach = min(arc + rest, 2 * math.pi)
    return Interval(max(0.0, 2 * math.sin(arc / 4) - rounding), min(2.0, 2 * math.sin(reach / 4) + rounding))


def infidelity_root(parts: Sequence[Spectrum]) -> Interval:
    """sqrt(1 - F) of D_1 (x) D_2 (x) ..., without the parts' slack."""
    log_fidelity = 0.0
    for part in parts:
        lost = float(np.mean(2 * np.sin(np.subtract.outer(part.phases, part.phases) / 2) ** 2))
        log_fidelity += math.log1p(-lost) if lost < 1.0 else -math.inf
    root = math.sqrt(max(0.0, -math.expm1(log_fidelity)))
    return Interval(root, min(1.0, root)).widened(64 * UNIT * (len(parts) + 2))
