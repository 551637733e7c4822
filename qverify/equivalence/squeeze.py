"""Two circuits cancelled against each other from the inputs and from the outputs, until little is left between.

    from the inputs:   B_done = R A_done                R a product of small clusters from A's rails to B's
    from the outputs:  B_end^-1 = S A_end^-1            the same, walking backwards through inverted blocks
    then               A^-1 B = A_done^-1 D A_done,     D = A_middle^-1 S^-1 B_middle R

D has the spectrum of A^-1 B, and a fault lies both in its own past and in its own future, so D acts on few rails.
Every step costs an error that is added up (`slack`, operator norm): the rounding of the block and of applying it,
and what a split missed by. Where a split misses by more than `exact`, the nearest unitary product takes its place
and the step is a `Hop` of known distance: a triangle inequality puts hops and D together.
Method: the alternating scheme of Burgholzer and Wille, IEEE TCAD 40, 1810 (2021), arXiv:2004.08420, with a tensor
product of small matrices in place of one decision diagram, and from both ends.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

import numpy as np

from qverify.equivalence.remaining import Remaining
from qverify.equivalence.residual import (
    Cluster,
    Split,
    aligned,
    apply_rounding,
    join_rounding,
    joined,
    nearest_unitary,
    on_inputs,
    on_outputs,
    split,
)
from qverify.equivalence.spectrum import Interval, distance_to_phase, infidelity_root, spectrum
from qverify.semantics.gates import Matrix

A, B = 0, 1
STEP_COST = 2_000  # operations that a step costs besides its arithmetic
Move = tuple[int, float, int, int]  # rails of the cluster it makes, how far along the circuit, side, block


@dataclass
class Effort:
    """Scalar multiplications left to spend, and spent."""

    left: int
    spent: int = 0

    def spend(self, operations: int) -> None:
        """Count operations."""
        self.left -= operations
        self.spent += operations


@dataclass(frozen=True)
class Hop:
    """One step at a known distance. distance: operator norm up to phase; root: sqrt(1 - F); rails of circuit A.

    matrix: R = R' matrix for the cluster R before and R' after the step, within `slack` of a unitary; None where it
        is not kept.
    """

    distance: Interval
    root: Interval
    rails: tuple[int, ...]
    matrix: Matrix | None = None
    slack: float = 0.0


@dataclass
class Walk:
    """One of the two walks; it changes `circuits`, which both share. Built up in place by `go`.

    A walk goes by *excursions*: a first block, then blocks that meet the clusters it made, until three blocks are
    gone for every two rails that clusters have grown by; one that does not get there within the cap is taken back.
    So a walk comes round detours of a compiler, and stops at a fault without swallowing what lies behind it.

    at: the cluster on every rail, of A (inputs) and of B (outputs). excess: sum of (rails - 1) over clusters.
    events: blocks of A in the order they were taken, and the hops between them.
    """

    circuits: tuple[Remaining, Remaining]
    backward: bool
    tolerance: float
    exact: float
    effort: Effort
    patient: bool = True
    slack: float = 0.0
    excess: int = 0
    hops: list[Hop] = field(default_factory=list)
    events: list[int | Hop] = field(default_factory=list)

    def __post_init__(self) -> None:
        one = np.eye(2, dtype=np.complex128)
        n = self.circuits[A].fused.n
        starts = [c.fused.final if self.backward else tuple(range(n)) for c in self.circuits]
        self.at: tuple[dict[int, Cluster], dict[int, Cluster]] = {}, {}
        self.heap: list[Move] = []
        self.waiting: tuple[list[list[Move]], list[list[Move]]] = [[] for _ in range(n)], [[] for _ in range(n)]
        self.journal: list[tuple[int, int, Cluster, Cluster]] = []  # of the excursion under way
        for a, b in zip(*starts, strict=True):
            self._place(Cluster(one, (a,), (b,)))
        for side in (A, B):
            for rail in range(n):
                self._offer(side, rail)

    def clusters(self) -> list[Cluster]:
        """Every cluster once, by its first input rail of A."""
        return [c for rail, c in sorted(self.at[A].items()) if c.ins[0] == rail]

    def go(self, cap: int) -> None:
        """Excursions from every block that can be taken, none above `cap` rails, while effort is left.

        Only where none is left is one hop made, and then they are tried again: a small rotation is no defect as
        long as its partner may still turn up. A walk that is not patient makes a hop wherever it can.
        """
        for side in (A, B):
            for rail in range(len(self.waiting[side])):
                self._wake(side, rail)
        while True:
            self._go_exactly(cap)
            if self.tolerance <= self.exact or not self._hopped(cap):
                return

    def _go_exactly(self, cap: int) -> None:
        while self.heap and self.effort.left > 0:
            move = heapq.heappop(self.heap)
            if not self.circuits[move[2]].is_free(move[3], self.backward):
                continue
            now = self._move(move[2], move[3])
            if now[0] != move[0]:
                heapq.heappush(self.heap, now)
                continue
            tolerance = self.exact if self.patient else self.tolerance
            for side, rail in self._excursion(move, cap, tolerance):
                self.waiting[side][rail].append(move)

    def _hopped(self, cap: int) -> bool:
        """Whether a cluster falls apart with a hop, or one of the excursions that failed comes home with hops."""
        for cluster in self.clusters():
            for other in cluster.outs[1:]:
                self._count_split(cluster)
                found = split(cluster, cluster.outs[0], other, self.tolerance)
                if found is not None:
                    self._fall_apart(cluster, found)
                    return True
        failed = {(m[2], m[3]): None for lists in self.waiting for moves in lists for m in moves}
        for move in sorted(
            self._move(*key) for key in failed if self.circuits[key[0]].is_free(key[1], self.backward)
        ):
            if self.effort.left <= 0:
                return False
            if not self._excursion(move, cap, self.tolerance):
                return True
        return False

    def _excursion(self, first: Move, cap: int, tolerance: float) -> list[tuple[int, int]]:
        """Nothing if it came home; else the rails on whose blocks it depended that it did not."""
        before = self.slack, self.excess, len(self.hops), len(self.events)
        self.journal.clear()
        made: list[Cluster] = []
        move: Move | None = first
        met = {(first[2], rail): None for rail in self.circuits[first[2]].fused.rails[first[3]]}
        while move is not None and move[0] <= cap and self.effort.left > 0:
            made += [c for c in self._take(move[2], move[3], tolerance) if len(c.ins) > 1]
            made = [c for c in made if self.at[A][c.ins[0]] is c]
            if 3 * (self.excess - before[1]) < 2 * len(self.journal):
                self._commit()
                return []
            move = self._adjacent(made, met)
        self._take_back()
        self.slack, self.excess = before[:2]
        del self.hops[before[2] :], self.events[before[3] :]
        return list(met)

    def _adjacent(self, made: list[Cluster], met: dict[tuple[int, int], None]) -> Move | None:
        """The cheapest block that meets one of these clusters."""
        best: Move | None = None
        for cluster in made:
            for side, rails in ((A, cluster.ins), (B, cluster.outs)):
                circuit = self.circuits[side]
                for rail in rails:
                    met[side, rail] = None
                    index = circuit.next(rail, self.backward)
                    if index < 0:
                        continue
                    for other in circuit.fused.rails[index]:
                        met[side, other] = None
                    if circuit.is_free(index, self.backward):
                        move = self._move(side, index)
                        best = move if best is None or move < best else best
        return best

    def _fall_apart(self, cluster: Cluster, found: Split) -> None:
        for part in self._parts(cluster, found, turned=False):
            self._place(part)
        self.excess -= 1
        self._try_again([cluster])

    def _commit(self) -> None:
        """Keep the excursion."""
        self._try_again([cluster for _, _, first, last in self.journal for cluster in (first, last)])

    def _try_again(self, changed: list[Cluster]) -> None:
        """Offer the blocks on the rails of clusters that are no more, wake those that waited for them."""
        touched: dict[tuple[int, int], None] = {}
        for cluster in changed:
            touched.update(dict.fromkeys((A, rail) for rail in cluster.ins))
            touched.update(dict.fromkeys((B, rail) for rail in cluster.outs))
        for side, rail in touched:
            self._offer(side, rail)
            self._wake(side, rail)

    def _wake(self, side: int, rail: int) -> None:
        for move in self.waiting[side][rail]:
            heapq.heappush(self.heap, move)
        self.waiting[side][rail] = []

    def _take_back(self) -> None:
        for side, index, first, last in reversed(self.journal):
            self.circuits[side].give_back(index, self.backward)
            self._place(first)
            self._place(last)

    def _place(self, cluster: Cluster) -> None:
        for rail in cluster.ins:
            self.at[A][rail] = cluster
        for rail in cluster.outs:
            self.at[B][rail] = cluster

    def _size(self, side: int, index: int) -> int:
        """Rails of the cluster that a block would make; 0 where it stays within one."""
        at, rails = self.at[side], self.circuits[side].fused.rails[index]
        first, last = at[rails[0]], at[rails[-1]]
        return 0 if first is last else len(first.ins) + len(last.ins)

    def _move(self, side: int, index: int) -> Move:
        place = index / len(self.circuits[side].taken)
        return self._size(side, index), -place if self.backward else place, side, index

    def _offer(self, side: int, rail: int) -> None:
        index = self.circuits[side].next(rail, self.backward)
        if index >= 0 and self.circuits[side].is_free(index, self.backward):
            heapq.heappush(self.heap, self._move(side, index))

    def _take(self, side: int, index: int, tolerance: float) -> list[Cluster]:
        """Take a block; the clusters that it leaves."""
        fused = self.circuits[side].fused
        rails = fused.rails[index]
        first, last = self.at[side][rails[0]], self.at[side][rails[-1]]
        cluster = first
        if first is not last:
            cluster = joined(first, last)
            self.slack += join_rounding(cluster)
        gate: Matrix = fused.matrices[index]
        if self.backward:
            gate = gate.conj().T
        cluster = on_outputs(gate, rails, cluster) if side == B else on_inputs(gate, rails, cluster)
        self.slack += 1.01 * fused.errors[index] + apply_rounding(cluster, len(gate))
        self.effort.spend(STEP_COST + len(gate) * cluster.matrix.size)
        self.circuits[side].take(index, self.backward)
        self.journal.append((side, index, first, last))
        if side == A:
            self.events.append(index)
        pieces = self._pieces(cluster, side, rails, tolerance)
        self.excess += (first is not last) - (len(pieces) - 1)
        for piece in pieces:
            self._place(piece)
        return pieces

    def _pieces(self, cluster: Cluster, side: int, rails: tuple[int, ...], tolerance: float) -> list[Cluster]:
        """The cluster, or its two factors where it is a product within the tolerance."""
        if len(rails) == 1:
            return [cluster]
        self._count_split(cluster)
        viewed = cluster if side == B else _turned(cluster)
        found = split(viewed, rails[0], rails[1], tolerance)
        if found is None:
            return [cluster]
        parts = self._parts(viewed, found, turned=side == A)
        return parts if side == B else [_turned(part) for part in parts]

    def _count_split(self, cluster: Cluster) -> None:
        size = len(cluster.matrix)
        self.effort.spend(STEP_COST + 4 * size**2 * (1 if size == 4 else size))

    def _parts(self, cluster: Cluster, found: Split, *, turned: bool) -> list[Cluster]:
        """The factors: as they are where they miss by rounding, else at the end of a hop."""
        if found.missed <= self.exact:
            self.slack += 1.01 * found.missed
            return [found.first, found.second]
        return self._hop(cluster, found, turned=turned)

    def _hop(self, cluster: Cluster, found: Split, *, turned: bool) -> list[Cluster]:
        """Unitary factors in place of a cluster (turned: of its transpose) that is only nearly their product.

        Both the cluster and the clusters beside it are within the slack so far of unitary ones.
        """
        parts = [Cluster(nearest_unitary(part.matrix), part.ins, part.outs) for part in (found.first, found.second)]
        both = aligned(joined(*parts), cluster.ins, cluster.outs)
        if turned:
            cluster, both = _turned(cluster), _turned(both)
        step = both.matrix.conj().T @ cluster.matrix
        phases = spectrum(step)
        slack = phases.slack + 3 * apply_rounding(cluster, len(cluster.matrix)) + 4 * self.slack
        root = infidelity_root([phases]).widened(slack)
        self.hops.append(Hop(distance_to_phase([phases]).widened(slack), root, cluster.ins, step, slack))
        self.events.append(self.hops[-1])
        return parts


def _turned(c: Cluster) -> Cluster:
    return Cluster(c.matrix.T, c.outs, c.ins)
