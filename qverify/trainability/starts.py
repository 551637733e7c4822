"""Product inputs: what fixed and data-driven gates on single wires make of |0>, before anything else happens there.

    r = R_m ... R_1 (0, 0, 1)   on Bloch vectors;   a walk that ends in P on the wire has weight E r_P**2

The mean over the features is a quadrature where a feature enters one wire alone; features that several wires or
gates share are drawn, and one draw has one value of each feature everywhere. Source: Gauss-Legendre quadrature,
converged by doubling; Nielsen and Chuang (2010), exercise 4.6 for rotations of the Bloch sphere.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from qverify.angles import Angle, evaluate, parameters_in
from qverify.errors import Undecidable
from qverify.trainability.chain import Draws
from qverify.trainability.raw import Local, Rotate

Real = NDArray[np.float64]
Prepared = tuple[Local | Rotate, ...]
CONVERGED = 1e-13
_NODES = (16, 32, 64, 128, 256, 512, 1024)
_MAX_GRID = 2**18


@dataclass(frozen=True)
class Drawing:
    """Draws features uniformly over their range, and with them what depends on them; see `Chain.draw`.

    rows: the angles of the drawn turns. starts: wire -> the gates that prepare it.
    """

    features: tuple[str, ...]
    low: float
    high: float
    rows: tuple[Angle, ...]
    starts: tuple[tuple[int, Prepared], ...]

    def __call__(self, rng: Generator, count: int) -> Draws:
        """`count` independent draws.

        Raises:
            Undecidable: an angle is not defined at a drawn value.
        """
        at = {name: rng.uniform(self.low, self.high, count) for name in self.features}
        stays = np.empty((len(self.rows), count))
        for row, angle in enumerate(self.rows):
            stays[row] = np.cos(_defined(angle, at)) ** 2
        squares = {wire: np.broadcast_to(squared(gates, at), (3, count)).copy() for wire, gates in self.starts}
        return Draws(stays, squares)


def squared(gates: Sequence[Local | Rotate], at: dict[str, Real]) -> Real:
    """The squares of the Bloch vector that gates on one wire make of |0>.

    Args:
        at: feature -> values, shape (count,).

    Returns:
        Shape (3, count), axes X, Y, Z; count is 1 where no feature enters.
    """
    r = np.array([[0.0], [0.0], [1.0]])
    for gate in gates:
        if isinstance(gate, Local):
            r = np.array(gate.turn).reshape(3, 3) @ r
            continue
        t = np.atleast_1d(_defined(gate.angle, at))
        axis = "XYZ".index(gate.word)
        a, b = (axis + 1) % 3, (axis + 2) % 3
        turned = np.empty((3, max(r.shape[1], len(t))))
        turned[axis] = r[axis]
        turned[a] = np.cos(t) * r[a] - np.sin(t) * r[b]
        turned[b] = np.sin(t) * r[a] + np.cos(t) * r[b]
        r = turned
    return r**2


def _defined(angle: Angle, at: dict[str, Real]) -> Real:
    t = evaluate(angle, at)
    if not np.all(np.isfinite(t)):
        raise Undecidable(f"the angle `{angle.text()}` is not defined for every value of the features")
    return t


def averaged(gates: Sequence[Local | Rotate], low: float, high: float) -> Real | None:
    """E of `squared` over its features, uniform on [low, high]; shape (3,), None where no quadrature converges."""
    features = sorted(set().union(*(parameters_in(g.angle) for g in gates if isinstance(g, Rotate))))
    if not features:
        return squared(gates, {})[:, 0]
    before: Real | None = None
    for count in _NODES:
        if count ** len(features) > _MAX_GRID:
            return None
        value = _quadrature(gates, features, low, high, count)
        if before is not None and float(np.abs(value - before).max()) <= CONVERGED:
            return value
        before = value
    return None


def _quadrature(gates: Sequence[Local | Rotate], features: list[str], low: float, high: float, count: int) -> Real:
    nodes, weights = np.polynomial.legendre.leggauss(count)
    x = (low + high) / 2 + (high - low) / 2 * nodes
    grids = np.meshgrid(*[x] * len(features), indexing="ij")
    joint = math.prod(np.meshgrid(*[weights / 2] * len(features), indexing="ij"), start=np.ones(1))
    found = squared(gates, {name: grid.ravel() for name, grid in zip(features, grids, strict=True)})
    return np.asarray(np.sum(found * joint.ravel(), axis=1))
