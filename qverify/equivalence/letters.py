"""An upper bound on the process fidelity of a circuit with and without small unitaries put into it, at any width.

    F = |tr(Y X)|^2 / 4**n  <=  weight(X) = sum over Pauli words P of |tr(P X)|^2 / 4**n
    sqrt(F)  <=  || sqrt(rho) sqrt(sigma) ||_1,     rho and sigma what X and Y^dagger are on some rails

X is the first (or the last) few of them, carried along by the circuit: X -> G X G^dagger for every block G. Y is
all others, and acts only on rails from which one of them is still ahead, or on which one has already passed.
Letters of X on any other rail vanish under the trace, so only the words without any there are kept, and the weight
falls. What X is on a few rails, the rest summed out, is a positive matrix over Pauli letters (as a density matrix
is over states). Rails are summed out where it grows too wide; both bounds hold whatever is summed out.
Source: transfer matrices: Greenbaum, arXiv:1509.02921; Cauchy-Schwarz; Uhlmann, Rep. Math. Phys. 9, 273 (1976).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qverify.equivalence.cones import with_rails
from qverify.equivalence.gate_batches import product_rounding
from qverify.equivalence.remaining import Remaining
from qverify.equivalence.residual import Cluster, Rails, aligned, apply_rounding, on_inputs, on_outputs
from qverify.equivalence.squeeze import STEP_COST, A, Effort, Walk
from qverify.semantics.gates import Matrix, pauli

WIDTH = 3  # rails whose letters are known together
WIDEST_PRODUCT = 4
GATHERED = 6
ENOUGH = 0.99  # a bound on F that needs no improvement
SMALL = 0.01  # operator norm; what is nearer to a phase counts as an error
_ONE = np.stack([pauli(letter) for letter in "IXYZ"])  # (4, 2, 2)
_TWO = np.einsum("aij,bkl->abikjl", _ONE, _ONE).reshape(16, 4, 4)  # letter of the more significant rail first
_BASIS = {2: _ONE, 4: _TWO}
# a computed transfer matrix, and its application from both sides, move the trace of a positive matrix by less
ROUNDING = 4 * 16 * product_rounding(4, 2.0, 2.0) + 2 * 4**WIDTH * product_rounding(16, 4.0, 1.0)


@dataclass(frozen=True)
class Item:
    """A block of the circuit (error: bound on its rounding), or what is put in; matrix None: nobody knows what."""

    matrix: Matrix | None
    rails: Rails
    is_put_in: bool
    error: float = 0.0


Middle = list[tuple[Matrix | None, Rails]]  # what D is on the rails of each component


def sequence(
    circuits: tuple[Remaining, Remaining], walks: Sequence[Walk], middle: Middle
) -> tuple[list[Item], float]:
    """Circuit A with all that makes it circuit B put in, and what was too small to be put in, operator norm.

    From the inputs R = R' step, so the step comes after what A had done by then; from the outputs S = S' step,
    where S is between the inverses, so the inverse of the step comes before what A still had to do.
    """
    fused = circuits[A].fused
    sides: list[list[Item]] = []
    small = 0.0
    for walk in walks:
        sides.append([])
        for event in walk.events:
            if isinstance(event, int):
                sides[-1].append(Item(fused.matrices[event], fused.rails[event], False, fused.errors[event]))
            elif event.distance.hi < SMALL:
                small += event.distance.hi
            elif event.matrix is not None:
                step = event.matrix.conj().T if walk.backward else event.matrix
                sides[-1].append(Item(step, event.rails, True))
    between = [Item(D, rails, True) for D, rails in middle]
    left = [Item(fused.matrices[k], fused.rails[k], False, fused.errors[k]) for k in circuits[A].left()]
    return [*sides[0], *between, *left, *reversed(sides[1])], small


def fidelity_bound(items: Sequence[Item], effort: Effort) -> float:
    """An upper bound on F; 1 where nothing is known. Items in time order."""
    back = [
        Item(None if i.matrix is None else i.matrix.conj().T, i.rails, i.is_put_in, i.error)
        for i in reversed(items)
    ]
    best = 1.0
    starts = [list(_gathered(path, effort)) for path in (items, back)]
    for path, found in zip((items, back), starts, strict=True):
        for X, at, rounding in found:
            best = min(best, _weight(path, X, at, effort) + rounding)
    last, count = len(items) - 1, sum(item.is_put_in for item in items)
    for k, (X, first, lost) in enumerate(starts[0]):
        if best < ENOUGH or not 0 <= count - k - 2 < len(starts[1]):
            continue
        Y, end, more = starts[1][count - k - 2]
        if first < last - end:
            met = _met((items, back), (X, Y), (first, end), lost + more, effort)
            best = min(best, met**2)
    return best


def _met(
    paths: tuple[Sequence[Item], Sequence[Item]],
    starts: tuple[Cluster, Cluster],
    places: tuple[int, int],
    rounding: float,
    effort: Effort,
) -> float:
    """An upper bound on |tr(Y X)| / 2**n, X all that was put in before some cut, and Y all after it.

    It is the overlap of two vectors over Pauli words, at most || sqrt(rho) sqrt(sigma) ||_1 for what both are on
    any rails (Uhlmann); that moves by at most the root of what rho or sigma moves by (Powers and Stoermer, Comm.
    Math. Phys. 16, 1 (1970), lemma 4.1).
    """
    last = len(paths[0]) - 1
    ends = last - places[1], last - places[0]
    sides = [list(_carried(*side, effort)) for side in zip(paths, starts, places, ends, strict=True)]
    best = 1.0
    for (X, more), (Y, still) in zip(sides[0], reversed(sides[1]), strict=True):
        rails = sorted((X.rails | Y.rails) - X.gone - Y.gone)
        if 0 < len(rails) <= WIDTH and best > ENOUGH:
            effort.spend(STEP_COST + 60 * 4 ** (3 * len(rails)))
            pair = [_root(side.on(rails)) for side in (X, Y)]
            overlap = float(np.linalg.norm(pair[0] @ pair[1], "nuc"))
            best = min(best, overlap + 2.1 * math.sqrt(rounding + more + still + 1e-12) + 1e-6)
    return best


def _carried(
    items: Sequence[Item], start: Cluster, first: int, end: int, effort: Effort
) -> Iterator[tuple[_Letters, float]]:
    """What was put in by item `first`, after that item and after each until `end`, and a bound on the rounding."""
    X, rounding = _Letters(start), ROUNDING
    yield X.copy(), rounding
    for item in items[first + 1 : end]:
        if not X.gone.isdisjoint(item.rails):
            X.lose(item.rails)
        elif not X.rails.isdisjoint(item.rails) and effort.left > 0:
            effort.spend(STEP_COST + 8 * 4 ** (2 * WIDTH))
            X.turn(item)
            rounding += 2.1 * item.error + ROUNDING
        elif not X.rails.isdisjoint(item.rails):
            X.lose(item.rails)
        yield X.copy(), rounding


def _root(rho: Matrix) -> Matrix:
    """The square root of a positive matrix, what rounding made negative set to zero."""
    values, vectors = np.linalg.eigh(rho)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.conj().T)


def _gathered(items: Sequence[Item], effort: Effort) -> Iterator[tuple[Cluster, int, float]]:
    """The first thing put in, the product of the first two, and so on: with its place and a bound on its rounding.

    A_2 D_2 A_1 D_1 = A_2 (D_2 A_1 D_1 A_1^dagger) A_1, as long as that acts on few rails.
    """
    X: Cluster | None = None
    rounding, found = 0.0, 0
    for k, item in enumerate(items):
        if X is None and not item.is_put_in:
            continue
        if item.matrix is None or found == GATHERED:
            return
        if X is None:
            X = Cluster(item.matrix, item.rails, item.rails)
        elif item.is_put_in or not set(X.ins).isdisjoint(item.rails):
            X = with_rails(X, item.rails)
            if len(X.ins) > WIDEST_PRODUCT:
                return
            effort.spend(STEP_COST + 2 * len(item.matrix) * X.matrix.size)
            X = on_outputs(item.matrix, item.rails, X)
            if not item.is_put_in:
                X = on_inputs(item.matrix, item.rails, X)
            rounding += 2.1 * (item.error + 2 * apply_rounding(X, len(item.matrix)))
        if len(X.ins) > WIDEST_PRODUCT:
            return
        if item.is_put_in:
            found += 1
            yield X, k, 2.1 * rounding


def _weight(items: Sequence[Item], start: Cluster, first: int, effort: Effort) -> float:
    """The weight that is left of what was put in up to item `first`, start being all of it there."""
    ahead = _still_ahead(items, first)
    X = _Letters(start)
    passed: set[int] = set()
    rounding = ROUNDING
    for rail in start.ins:
        if rail not in ahead[first]:
            X.keep_identity(rail)
    for k in range(first + 1, len(items)):
        item = items[k]
        if item.is_put_in:
            passed.update(item.rails)
            continue
        if not passed.isdisjoint(item.rails):
            passed.update(item.rails)
        if not X.gone.isdisjoint(item.rails):
            X.lose(item.rails)
            continue
        if X.rails.isdisjoint(item.rails):
            continue
        effort.spend(STEP_COST + 8 * 4 ** (2 * WIDTH))
        X.turn(item)
        rounding += 2.1 * item.error + ROUNDING
        for rail in item.rails:
            if rail not in passed and rail not in ahead[k]:
                X.keep_identity(rail)
        if not X.rails or effort.left <= 0:
            break
    return float(X.weight() + rounding)


def _still_ahead(items: Sequence[Item], first: int) -> dict[int, set[int]]:
    """For each item after `first` those of its rails from which something put in later can be reached.

    For `first` itself all rails from which it can.
    """
    out, needed = dict[int, set[int]](), set[int]()
    for k in range(len(items) - 1, first, -1):
        item = items[k]
        out[k] = needed.intersection(item.rails)
        if item.is_put_in or out[k]:
            needed.update(item.rails)
    out[first] = needed
    return out


class _Letters:
    """A positive matrix over the Pauli letters on a few rails, shape (4,) * 2w; built up in place.

    order: the rail of each axis, the one that was used longest ago first. gone: rails that were summed out; on all
    others there is the identity.
    """

    def __init__(self, start: Cluster) -> None:
        start = aligned(start, start.ins, start.ins)
        self.order = list(reversed(start.ins))
        k = len(self.order)
        basis = _ONE
        for _ in range(k - 1):
            size = 2 * basis.shape[1]
            basis = np.einsum("aij,bkl->abikjl", basis, _ONE).reshape(-1, size, size)
        x = np.einsum("aij,ji->a", basis, start.matrix) / len(start.matrix)
        self.rho = np.multiply.outer(x, x.conj()).reshape((4,) * (2 * k))
        self.gone: set[int] = set()

    def copy(self) -> _Letters:
        """The same, to be kept while this one changes; its matrix is never changed in place."""
        out = copy(self)
        out.order, out.gone = list(self.order), set(self.gone)
        return out

    def on(self, rails: list[int]) -> Matrix:
        """The matrix on these rails, none of which is gone, all others summed out."""
        out = self.copy()
        for rail in set(out.order) - set(rails):
            out.sum_out(rail)
        for rail in rails:
            if rail not in out.order:
                out._include(rail)
        w = len(rails)
        axes = [out.order.index(rail) for rail in rails]
        turned: Matrix = out.rho.transpose(axes + [w + k for k in axes]).reshape(4**w, 4**w)
        return turned

    def lose(self, rails: Rails) -> None:
        """Sum out rails that a block ties to one that is gone."""
        for rail in rails:
            self.sum_out(rail)
        self.gone.update(rails)

    @property
    def rails(self) -> set[int]:
        return set(self.order)

    def weight(self) -> float:
        """The sum of |coefficient|^2 of all words that are left."""
        size = 4 ** len(self.order)
        return float(np.trace(self.rho.reshape(size, size)).real)

    def sum_out(self, rail: int) -> None:
        """Forget the letter on a rail."""
        if rail in self.order:
            at = self.order.index(rail)
            self.rho = np.trace(self.rho, axis1=at, axis2=at + len(self.order))
            self.order.remove(rail)

    def keep_identity(self, rail: int) -> None:
        """Keep only the words that have no letter on a rail."""
        if rail in self.order:
            at = self.order.index(rail)
            self.rho = self.rho.take(0, axis=at + len(self.order)).take(0, axis=at)
            self.order.remove(rail)

    def turn(self, item: Item) -> None:
        """Conjugate by a block; where that takes too many rails, those not used for longest are summed out."""
        for rail in item.rails:
            if rail not in self.order:
                while len(self.order) >= WIDTH:
                    self.lose((next(r for r in self.order if r not in item.rails),))
                self._include(rail)
        w, m = len(self.order), len(item.rails)
        at = [self.order.index(rail) for rail in reversed(item.rails)]
        rest = [k for k in range(w) if k not in at]
        axes = rest + at
        R = _transfer(item.matrix)
        rho = self.rho.transpose(axes + [w + k for k in axes]).reshape(4 ** (w - m), 4**m, 4 ** (w - m), 4**m)
        self.rho = np.einsum("pq,aqbr,sr->apbs", R, rho, R, optimize=True).reshape((4,) * (2 * w))
        self.order = [self.order[k] for k in axes]

    def _include(self, rail: int) -> None:
        w = len(self.order)
        one = np.zeros((4, 4))
        one[0, 0] = 1.0
        both = np.multiply.outer(self.rho, one)
        self.rho = np.moveaxis(both, 2 * w, w)
        self.order.append(rail)


def _transfer(G: Matrix | None) -> NDArray[np.float64]:
    """R_PQ = tr(P G Q G^dagger) / d, shape (d**2, d**2)."""
    assert G is not None  # noqa: S101  # blocks have matrices
    basis = _BASIS[len(G)]
    turned = G @ basis @ G.conj().T
    size = len(basis)
    flat = basis.transpose(0, 2, 1).reshape(size, -1) @ turned.reshape(size, -1).T
    return np.asarray(flat.real / len(G))
