"""Operators on a few rails: apply a block on either side, find and take a tensor factor.

A cluster is a matrix R from input rails to output rails (as many; the first rail is the least significant bit):

    on_outputs:  H R          on_inputs:  R G^dagger          split:  R ~ P (x) Q

`split` looks for the factor that holds output rail p but not q. The factor's rails are those that Heisenberg
images of its Pauli operators reach (R^dagger Z_p R and R^dagger X_p R, then back, until nothing is added); whether
R is that product is then *measured*: the result carries ||R - P (x) Q||_F, nothing is assumed.
Source: operator-Schmidt decomposition, Nielsen et al., Phys. Rev. A 67, 052301 (2003), arXiv:quant-ph/0208077.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from qverify.equivalence.gate_batches import product_rounding
from qverify.semantics.gates import Matrix

Rails = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Cluster:
    """R of shape (2**k, 2**k), close to unitary, from rails `ins` of one circuit to rails `outs` of the other."""

    matrix: Matrix
    ins: Rails
    outs: Rails

    def adjoint(self) -> Cluster:
        """R^dagger, from `outs` to `ins`."""
        return Cluster(self.matrix.conj().T, self.outs, self.ins)


def joined(a: Cluster, b: Cluster) -> Cluster:
    """a (x) b; the rails of a are least significant."""
    p, q = len(a.matrix), len(b.matrix)
    both = b.matrix[:, None, :, None] * a.matrix[None, :, None, :]
    return Cluster(both.reshape(p * q, p * q), a.ins + b.ins, a.outs + b.outs)


def on_outputs(gate: Matrix, rails: Rails, c: Cluster, renamed: Rails | None = None) -> Cluster:
    """gate R for a gate on some of R's output rails, which may be called something else afterwards."""
    named = rails if renamed is None else renamed
    if rails == c.outs:
        return Cluster(gate @ c.matrix, c.ins, named)
    k, m = len(c.outs), len(rails)
    at = [c.outs.index(rail) for rail in rails]
    rest = [j for j in range(k) if j not in at]
    axes = [k - 1 - j for j in reversed(at)] + [k - 1 - j for j in reversed(rest)]
    front = c.matrix.reshape((2,) * k + (-1,)).transpose([*axes, k]).reshape(2**m, -1)
    done = (gate @ front).reshape(c.matrix.shape)
    return Cluster(done, c.ins, (*(c.outs[j] for j in rest), *named))


def on_inputs(gate: Matrix, rails: Rails, c: Cluster) -> Cluster:
    """R gate^dagger for a gate on some of R's input rails."""
    if rails == c.ins:
        return Cluster(c.matrix @ gate.conj().T, c.ins, c.outs)
    turned = on_outputs(gate.conj(), rails, Cluster(c.matrix.T, c.outs, c.ins))
    return Cluster(turned.matrix.T, turned.outs, c.outs)


def nearest_unitary(M: Matrix) -> Matrix:
    """The unitary polar factor."""
    left, _, right = np.linalg.svd(M)
    return np.asarray(left @ right, dtype=np.complex128)


def aligned(c: Cluster, ins: tuple[int, ...], outs: tuple[int, ...]) -> Cluster:
    """The same operator with its rails in another order."""
    k = len(ins)
    axes = [k - 1 - c.outs.index(rail) for rail in reversed(outs)]
    axes += [2 * k - 1 - c.ins.index(rail) for rail in reversed(ins)]
    return Cluster(c.matrix.reshape((2,) * (2 * k)).transpose(axes).reshape(2**k, 2**k), ins, outs)


def join_rounding(joint: Cluster) -> float:
    """Bound on the rounding of `joined`, operator norm, with 1 % to spare."""
    return 1.01 * product_rounding(1, 1.0, math.sqrt(len(joint.matrix)))


def apply_rounding(c: Cluster, gate_size: int) -> float:
    """Bound on the rounding of one block applied to a cluster of this size, operator norm, with 1 % to spare."""
    return 1.01 * product_rounding(gate_size, math.sqrt(gate_size), math.sqrt(len(c.matrix)))


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """R ~ first (x) second, with `missed` >= ||R - first (x) second||_F, rounding included."""

    first: Cluster
    second: Cluster
    missed: float


def split(c: Cluster, p: int, q: int, tolerance: float) -> Split | None:
    """The factor of R with output rail p and without output rail q; None if R is not within `tolerance` of one."""
    if len(c.outs) == 2:
        return _split_pair(c, p, tolerance)
    found = _factor_rails(c, c.outs.index(p), c.outs.index(q), tolerance)
    if found is None:
        return None
    outs, ins = found
    k = len(c.outs)
    rows = [k - 1 - j for j in reversed(outs)] + [2 * k - 1 - j for j in reversed(ins)]
    columns = [axis for axis in range(2 * k) if axis not in rows]
    table = c.matrix.reshape((2,) * (2 * k)).transpose(rows + columns).reshape(4 ** len(outs), -1)
    product = _rank_one(table, tolerance)
    if product is None:
        return None
    pair = [
        ([c.ins[j] for j in ins], [c.outs[j] for j in outs]),
        ([c.ins[j] for j in range(k) if j not in ins], [c.outs[j] for j in range(k) if j not in outs]),
    ]
    return _made(product, pair)


def _split_pair(c: Cluster, p: int, tolerance: float) -> Split | None:
    """Two rails: output p comes from either input."""
    at = c.outs.index(p)
    tensor = c.matrix.reshape(2, 2, 2, 2)  # output 1, output 0, input 1, input 0
    for source in (at, 1 - at):
        axes = (1 - at, 3 - source, at, 2 + source)
        product = _rank_one(tensor.transpose(axes).reshape(4, 4), tolerance)
        if product is not None:
            rails = [([c.ins[source]], [p]), ([c.ins[1 - source]], [c.outs[1 - at]])]
            return _made(product, rails)
    return None


def _made(product: tuple[Matrix, Matrix, float], rails: list[tuple[list[int], list[int]]]) -> Split:
    parts = [
        Cluster(vector.reshape(2 ** len(ins), -1), tuple(ins), tuple(outs))
        for vector, (ins, outs) in zip(product[:2], rails, strict=True)
    ]
    return Split(parts[0], parts[1], product[2])


def _rank_one(table: Matrix, tolerance: float) -> tuple[Matrix, Matrix, float] | None:
    """u, w with table ~ u w and how far off in the Frobenius norm; u has the norm of a unitary of its size.

    The cross through the largest entry is a rank-one guess that misses by at most 4 times the nearest product's
    distance in any entry; one power step from it comes as near as the distance cubed.
    """
    size = np.abs(table)
    i, j = divmod(int(size.argmax()), table.shape[1])
    if np.abs(table - np.multiply.outer(table[:, j] / table[i, j], table[i])).max() > 4 * tolerance:
        return None
    row = table[:, j].conj() @ table
    u = table @ row.conj()
    u *= len(u) ** 0.25 / math.sqrt(np.vdot(u, u).real)  # 4**t entries: a unitary on t rails has norm 2**(t/2)
    w = (u.conj() @ table) / math.sqrt(len(u))
    gap = table - np.multiply.outer(u, w)
    missed = math.sqrt(np.vdot(gap, gap).real)
    if missed > tolerance:
        return None
    return u, w, 1.01 * (missed + product_rounding(1, len(u) ** 0.25, len(w) ** 0.25))


def _factor_rails(c: Cluster, p: int, q: int, tolerance: float) -> tuple[list[int], list[int]] | None:
    """Positions of the output and input rails of the factor with output p, or None if q or everything is in it."""
    k, slack = len(c.outs), 16 * tolerance + 1e-12
    forward, backward = c.matrix, c.matrix.conj().T
    outs, ins = {p}, set[int]()
    todo = [(True, p)]
    while todo:
        of_output, bit = todo.pop()
        reached = _reached(forward if of_output else backward, k, bit, slack)
        known, side = (ins, False) if of_output else (outs, True)
        todo += [(side, j) for j in reached if j not in known]
        known.update(reached)
        if q in outs or len(ins) == k:
            return None
    return (sorted(outs), sorted(ins)) if len(outs) == len(ins) else None


def _reached(matrix: Matrix, k: int, bit: int, slack: float) -> list[int]:
    """Input bits on which M^dagger Z M or M^dagger X M acts, for Pauli operators of one output bit."""
    rows = np.arange(len(matrix))
    signs = 1.0 - 2.0 * (rows >> bit & 1)
    adjoint = matrix.conj().T
    both = np.stack([adjoint @ (signs[:, None] * matrix), adjoint @ matrix[rows ^ (1 << bit)]])
    out = []
    for j in range(k):
        low = 2**j
        view = both.reshape(2, -1, 2, low, len(matrix) // (2 * low), 2, low)
        off = np.abs(view[:, :, 0, :, :, 1, :]).max()
        if off > slack or np.abs(view[:, :, 0, :, :, 0, :] - view[:, :, 1, :, :, 1, :]).max() > slack:
            out.append(j)
    return out
