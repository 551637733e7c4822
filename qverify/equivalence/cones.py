"""A lower bound on the distance of two circuits from the light cone of one rail, where their middle is too wide.

    || D P D^dagger - P || <= 2 min over phi ||D - e^{i phi}||        for any unitary P; here X and Z of one rail

With D = A_middle^-1 S^-1 B_middle R (see `qverify.equivalence.squeeze`) the left side is ||O_B - O_A|| for

    O_B = B_middle R P R^dagger B_middle^dagger,     O_A = S A_middle P A_middle^dagger S^dagger

and only blocks in the light cone of P act. Where the cones hold few rails both are small matrices. Every rail is
tried at the inputs of the middle, and at its outputs with both circuits inverted: of two faults, one behind the
other, one is then often seen alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from qverify.equivalence.remaining import Remaining
from qverify.equivalence.residual import Cluster, Rails, aligned, apply_rounding, joined, on_inputs, on_outputs
from qverify.equivalence.squeeze import STEP_COST, A, B, Effort, Walk
from qverify.semantics.gates import Matrix, pauli

WIDEST_CONE = 7
Step = tuple[Matrix, Rails, Rails]  # a block, the rails it acts on, what they are called afterwards


def cone_bound(circuits: tuple[Remaining, Remaining], walks: Sequence[Walk], effort: Effort) -> float:
    """The largest bound found on min over phi ||D - e^{i phi}||, the walks' own slack not taken off; 0 for none."""
    n = circuits[A].fused.n  # rails of A are 0 .. n - 1 here, and those of B come after them
    blocks: list[list[Step]] = [[], []]
    slack = 0.0
    for side, circuit in enumerate(circuits):
        for k in circuit.left():
            rails = tuple(side * n + rail for rail in circuit.fused.rails[k])
            blocks[side].append((circuit.fused.matrices[k], rails, rails))
            slack += 1.01 * circuit.fused.errors[k]
    first, last = ([(c.matrix, c.ins, tuple(n + r for r in c.outs)) for c in walk.clusters()] for walk in walks)
    forward = [*first, *blocks[B]], [*blocks[A], *last]
    back = _inverse([*first, *blocks[B]]), _inverse([*blocks[A], *last])
    best = 0.0
    for paths, start in ((forward, 0), (back, n)):
        for rail in range(start, start + n):
            for letter in "XZ":
                if effort.left <= 0:
                    return max(0.0, best - slack)
                best = max(best, _gap(paths, rail, pauli(letter), effort))
    return max(0.0, best - slack)


def _inverse(path: list[Step]) -> list[Step]:
    return [(matrix.conj().T, after, before) for matrix, before, after in reversed(path)]


def _gap(paths: tuple[Iterable[Step], Iterable[Step]], rail: int, P: Matrix, effort: Effort) -> float:
    """||O_B - O_A|| / 2 without its rounding; 0 where a cone is too wide."""
    ends: list[Cluster] = []
    slack = 0.0
    for path in paths:
        end, rounding = _spread(path, Cluster(P, (rail,), (rail,)), effort)
        if end is None:
            return 0.0
        ends.append(end)
        slack += rounding
    rails = tuple(sorted({*ends[0].ins, *ends[1].ins}))
    if len(rails) > WIDEST_CONE:
        return 0.0
    left, right = (aligned(with_rails(end, rails), rails, rails).matrix for end in ends)
    size = len(left)
    effort.spend(20 * size**3)
    return float(np.linalg.norm(left - right, 2)) / 2 * (1 - 1e-12) - slack


def _spread(path: Iterable[Step], Q: Cluster, effort: Effort) -> tuple[Cluster | None, float]:
    """Q after every block that meets it, G Q G^dagger, and a bound on the rounding; None if it grows too wide."""
    slack = 0.0
    for matrix, rails, renamed in path:
        if not any(rail in Q.ins for rail in rails):
            continue
        Q = with_rails(Q, rails)
        if len(Q.ins) > WIDEST_CONE:
            return None, 0.0
        effort.spend(STEP_COST + 2 * len(matrix) * Q.matrix.size)
        Q = on_inputs(matrix, rails, on_outputs(matrix, rails, Q))
        if renamed != rails:
            names = dict(zip(rails, renamed, strict=True))
            Q = Cluster(Q.matrix, tuple(names.get(r, r) for r in Q.ins), tuple(names.get(r, r) for r in Q.outs))
        slack += 2 * apply_rounding(Q, len(matrix))
    return Q, slack


def with_rails(Q: Cluster, rails: Iterable[int]) -> Cluster:
    """The same operator, with the identity on rails it does not know."""
    for rail in rails:
        if rail not in Q.ins:
            Q = joined(Q, Cluster(np.eye(2, dtype=np.complex128), (rail,), (rail,)))
    return Q
