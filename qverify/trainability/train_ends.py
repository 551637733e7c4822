"""Trains of letters, and the two that a walk runs between: the observable's strings and the input's squares.

    value(P_1 ... P_n) = 2**log2 * A_1[P_1] A_2[P_2] ... A_n[P_n],   A_i of shape (left, 4, right)

A product is a train of bond 1; a sum of ends is added up a few at a time and compressed, so that n local terms keep
the bond 2 that they need. The norm is always kept apart as a logarithm: 2**-1000 is a train like any other.
Compression is a sweep of QR to the left and of SVD to the right: the discarded part is known exactly in 2-norm.
Source: Oseledets, SIAM J. Sci. Comput. 33, 2295 (2011).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qverify.trainability.chain import Chain, End
from qverify.trainability.train_moves import Move

Real = NDArray[np.float64]
ORDER = [0, 1, 3, 2]  # letters I, X, Y, Z as I, X, Z, Y
CUT = 1e-14  # of the norm: singular values below are rounding
TOGETHER = 8  # trains that are added before a compression


@dataclass(frozen=True)
class Train:
    """A vector over strings; log2 = -inf is the zero vector.

    lost: sum over all compressions of the discarded part's 2-norm over the whole's.
    """

    cores: tuple[Real, ...]
    log2: float = 0.0
    lost: float = 0.0

    @property
    def bond(self) -> int:
        """The largest bond."""
        return max((core.shape[2] for core in self.cores), default=1)


def of_input(chain: Chain, sites: list[int]) -> Train:
    """1 for I and the squares of the Bloch vector for X, Y, Z, on every wire."""
    rows = np.concatenate([np.ones((chain.wires, 1)), chain.start], axis=1)[:, ORDER]
    return compressed(_product(rows, sites), 1)


def of_ends(chain: Chain, sites: list[int], bond: int) -> Train:
    """The weights of the observable's strings, not all 0."""
    trains = [train for end in chain.ends if (train := _of_end(end, chain.wires, sites)).log2 > -math.inf]
    while len(trains) > 1:
        parts = [trains[i : i + TOGETHER] for i in range(0, len(trains), TOGETHER)]
        trains = [compressed(_sum(part), bond) for part in parts]
    return trains[0]


def _of_end(end: End, wires: int, sites: list[int]) -> Train:
    rows = np.zeros((wires, 4))
    rows[:, 0] = 1.0
    for wire, weights in end.letters.items():
        rows[wire] = np.array(weights)[ORDER]
    first, *others = _product(rows, sites).cores
    return compressed(Train((first * end.weight, *others)), 1)


def _product(rows: Real, sites: list[int]) -> Train:
    cores: list[Real] = [np.empty(0)] * len(sites)
    for wire, site in enumerate(sites):
        cores[site] = rows[wire].reshape(1, 4, 1)
    return Train(tuple(cores))


def _sum(trains: list[Train]) -> Train:
    """The direct sum, relative to the largest."""
    top = max(train.log2 for train in trains)
    size = len(trains[0].cores)
    cores = []
    for i in range(size):
        parts = [train.cores[i] for train in trains]
        if i == 0:
            parts = (
                [p * 2.0 ** (train.log2 - top) for p, train in zip(parts, trains, strict=True)]
                if top > -math.inf
                else parts
            )
        left = np.cumsum([0, *(1 if i == 0 else p.shape[0] for p in parts)])
        right = np.cumsum([0, *(1 if i == size - 1 else p.shape[2] for p in parts)])
        core = np.zeros((1 if i == 0 else left[-1], 4, 1 if i == size - 1 else right[-1]))
        for k, p in enumerate(parts):
            a = 0 if i == 0 else left[k]
            b = 0 if i == size - 1 else right[k]
            core[a : a + p.shape[0], :, b : b + p.shape[2]] += p
        cores.append(core)
    return Train(tuple(cores), top, max(train.lost for train in trains))


def moved(train: Train, move: Move) -> Train:
    """The operator applied, its bond times the train's, nothing discarded."""
    cores = list(train.cores)
    first, last = move.sites[0], move.sites[-1]
    at = 0
    for site in range(first, last + 1):
        core = cores[site]
        a, _, b = core.shape
        if site == move.sites[at]:
            op = move.cores[at]
            grown = np.tensordot(op, core, axes=(2, 1))  # (l, o, r, a, b)
            cores[site] = grown.transpose(0, 3, 1, 2, 4).reshape(op.shape[0] * a, 4, op.shape[3] * b)
            at += 1
            carried = op.shape[3]
        else:
            cores[site] = np.einsum("lr,apb->laprb", np.eye(carried), core).reshape(carried * a, 4, carried * b)
    return Train(tuple(cores), train.log2, train.lost)


def compressed(train: Train, bond: int, cut: float = CUT) -> Train:
    """The nearest train, bond by bond, with at most `bond` and no singular value below `cut` times the norm."""
    if train.log2 == -math.inf:
        return train
    cores, log2, lost = list(train.cores), train.log2, train.lost
    for i in range(len(cores) - 1, 0, -1):
        a, _, b = cores[i].shape
        q, r = np.linalg.qr(cores[i].reshape(a, 4 * b).T)
        cores[i] = np.ascontiguousarray(q.T).reshape(-1, 4, b)
        cores[i - 1], gained = scaled(np.tensordot(cores[i - 1], r.T, axes=(2, 0)))
        log2 += gained
    cores[0], gained = scaled(cores[0])
    log2 += gained
    if log2 == -math.inf:
        return Train(tuple(np.zeros((1, 4, 1)) for _ in cores), log2, lost)
    for i in range(len(cores) - 1):
        a, _, b = cores[i].shape
        u, s, v = np.linalg.svd(cores[i].reshape(a * 4, b), full_matrices=False)
        norm = float(np.linalg.norm(s))
        kept = min(bond, max(1, int(np.count_nonzero(s > cut * norm))))
        lost += float(np.linalg.norm(s[kept:])) / norm
        cores[i] = u[:, :kept].reshape(a, 4, kept)
        cores[i + 1], gained = scaled(np.tensordot(s[:kept, None] * v[:kept], cores[i + 1], axes=(1, 0)))
        log2 += gained
    return Train(tuple(cores), log2, lost)


def scaled(core: Real) -> tuple[Real, float]:
    """A core of norm in [1/2, 1) and log2 of its divisor: a whole number, so that logarithms add exactly."""
    norm = float(np.linalg.norm(core))
    if norm == 0.0:
        return core, -math.inf
    power = math.frexp(norm)[1]
    return core * 2.0**-power, float(power)
