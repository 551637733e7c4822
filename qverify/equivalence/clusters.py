"""How far apart two circuits of gates are, at any width, where they differ on few wires: a proved interval.

    d_1 .. d_m: hops at known distance between U and V;  2 max d - sum d - slack <= min_phi ||U - e^{i phi} V||
                                                         <= sum d + slack

With one fault there is one hop, and the interval is as narrow as rounding. `qverify.equivalence.squeeze` finds the
hops; this module closes the middle (or bounds it from below by light cones where it is too wide), tries small
clusters and small tolerances before larger ones, and intersects what every attempt proves. All effort is counted,
so the same pair gives the same result in every run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qiskit.circuit import QuantumCircuit

from qverify.equivalence.cones import cone_bound
from qverify.equivalence.fusion import Fused, fuse
from qverify.equivalence.letters import SMALL, Middle, fidelity_bound, sequence
from qverify.equivalence.remaining import Remaining
from qverify.equivalence.residual import Cluster, Rails, aligned, apply_rounding, join_rounding, joined, on_outputs
from qverify.equivalence.spectrum import Interval, Spectrum, distance_to_phase, infidelity_root, spectrum
from qverify.equivalence.squeeze import STEP_COST, A, B, Effort, Hop, Walk
from qverify.errors import Undecidable, counted
from qverify.semantics.gates import Matrix

RELAXED = (3e-6, 1e-3)  # a compiler drops rotations of about 1e-6; then faults of any size beside them
BOLD = (0.3, 1.2)  # hops over faults of any size, for what their places alone tell
SMALL_CLUSTER = 4  # wider ones only after every tolerance was tried with these
WIDEST_MIDDLE = 8
MAX_SLACK = 1e-3  # far below it, products of norms stay within the 1 % that the bounds allow for


@dataclass(frozen=True)
class ClusterResult:
    """What is known about the distance of two circuits.

    verdict: "equal" iff hi <= tolerance, "different" iff lo > tolerance, else "stuck".
    lo, hi: bounds on min over phi of ||U - e^{i phi} V||, operator norm.
    infidelity: bounds on 1 - |tr U^dagger V|^2 / 4**n.
    where: wires (at the inputs of A) of the cluster with the largest difference; empty where none was found.
    operations: effort spent, scalar multiplications and their like.
    """

    verdict: Literal["equal", "different", "stuck"]
    lo: float
    hi: float
    infidelity: Interval
    where: tuple[int, ...]
    operations: int
    message: str = ""


@dataclass(frozen=True)
class _Known:
    """Proved bounds on the distance and on sqrt(1 - F), and where the largest difference was seen."""

    distance: Interval
    root: Interval
    where: tuple[int, ...] = ()

    def meet(self, other: _Known) -> _Known:
        where = other.where if other.distance.lo > self.distance.lo or not self.where else self.where
        return _Known(_meet(self.distance, other.distance), _meet(self.root, other.root), where)


def _meet(a: Interval, b: Interval) -> Interval:
    return Interval(max(a.lo, b.lo), min(a.hi, b.hi))


NOTHING = _Known(Interval(0.0, 2.0), Interval(0.0, 1.0))


def compare_bound(
    a: QuantumCircuit,
    b: QuantumCircuit,
    *,
    tolerance: float = 1e-8,
    max_cluster: int = 6,
    max_operations: int = 400_000_000,
) -> ClusterResult:
    """Bounds on the distance of two circuits of gates with numbers for angles.

    Args:
        tolerance: largest distance of circuits that count as equal, operator norm.
        max_cluster: rails that a cluster may have while circuits are cancelled.
        max_operations: effort, beyond a few steps a block, after which the answer is what is known by then.

    Raises:
        Undecidable: widths differ, or something is no gate with numbers for angles.
    """
    if a.num_qubits != b.num_qubits:
        raise Undecidable(f"circuits of {a.num_qubits} and {counted(b.num_qubits, 'wire')} do not compare")
    if a.num_qubits == 0:
        raise Undecidable("circuits without wires have nothing to compare")
    known, spent = _attempts((fuse(a), fuse(b)), tolerance, max_cluster, max_operations)
    lo, hi = known.distance.lo, known.distance.hi
    infidelity = Interval(known.root.lo**2, known.root.hi**2)
    if hi <= tolerance:
        return ClusterResult("equal", lo, hi, infidelity, known.where, spent)
    if lo > tolerance:
        return ClusterResult("different", lo, hi, infidelity, known.where, spent)
    why = "the bounds on the distance do not decide"
    if known is NOTHING:
        why = "the circuits do not cancel within the allowed cluster size and effort"
    return ClusterResult("stuck", lo, hi, infidelity, known.where, spent, why)


def _attempts(
    fused: tuple[Fused, Fused], tolerance: float, max_cluster: int, max_operations: int
) -> tuple[_Known, int]:
    """What all attempts prove together, and the effort: exactly first, then with hops, then with wider clusters.

    Hops over faults of any size only where nothing is known yet.
    """
    exact = min(1e-10, max(tolerance / 100, 1e-13))
    caps = dict.fromkeys((min(SMALL_CLUSTER, max_cluster), max_cluster))
    relaxed = [(t, patient) for t in RELAXED if t > exact for patient in (True, False)]
    ways = [(exact, True), *relaxed, *((t, True) for t in BOLD)]
    attempts = [(cap, *way) for cap in caps for way in ways if cap <= SMALL_CLUSTER or way[0] not in BOLD]
    known, left = NOTHING, max_operations
    plain = 5 * STEP_COST * sum(len(side.rails) for side in fused)  # what cancels at once is never too long
    for k, (cap, allowed, patient) in enumerate(attempts):
        if allowed in BOLD and (known.distance.lo > tolerance or known.distance.hi < SMALL):
            continue
        effort = Effort(max(0, left) // min(3, len(attempts) - k) + plain)
        circuits = Remaining(fused[A]), Remaining(fused[B])
        walks = [Walk(circuits, backward, allowed, exact, effort, patient) for backward in (False, True)]
        found = _squeezed(circuits, walks, cap, effort)
        left -= effort.spent
        known = known if found is None else known.meet(found)
        if known.distance.hi <= tolerance:
            break
        if known.distance.lo > tolerance and (cap > SMALL_CLUSTER or known.distance.hi < 1.01 * known.distance.lo):
            break
    return known, max_operations - left


def _squeezed(
    circuits: tuple[Remaining, Remaining], walks: Sequence[Walk], max_cluster: int, effort: Effort
) -> _Known | None:
    """What cancelling from both ends proves; None for nothing."""
    for cap in range(2, max_cluster + 1):
        for walk in walks:
            walk.go(cap)
        components = _components(circuits, walks)
        cost = sum(component.cost() for component in components)
        is_last = cap == max_cluster or effort.left <= 0
        if max(len(component.rails) for component in components) <= WIDEST_MIDDLE and (
            is_last or cost <= 10 ** (5 + cap)
        ):
            return _closed(circuits, walks, components, effort)
        if effort.left <= 0:
            break
    return _open(circuits, walks, components, effort)


def _open(
    circuits: tuple[Remaining, Remaining], walks: Sequence[Walk], components: list[_Component], effort: Effort
) -> _Known | None:
    """Lower bounds on a middle that is too wide, in half of the effort spent before."""
    slack = sum(walk.slack for walk in walks)
    if slack > MAX_SLACK:
        return None
    allowance = Effort(effort.spent // 2)
    lowest = cone_bound(circuits, walks, allowance)
    hops = [Interval(lowest, 2.0), *(hop.distance for walk in walks for hop in walk.hops)]
    known = _Known(_meet(_chained(hops, slack), NOTHING.distance), NOTHING.root)
    middle: Middle = []
    for component in components:
        D = None
        if len(component.rails) <= WIDEST_MIDDLE:
            D, rounding = _middle(circuits, component)
            slack += rounding
        middle.append((D, tuple(component.rails)))
    known = known.meet(_from_letters(circuits, walks, middle, slack, allowance))
    effort.spend(allowance.spent)
    return None if known.distance == NOTHING.distance else known


def _from_letters(
    circuits: tuple[Remaining, Remaining],
    walks: Sequence[Walk],
    middle: Middle,
    slack: float,
    effort: Effort,
) -> _Known:
    """What the places of all differences tell. ||U|| >= ||U||_HS gives 2 - 2 sqrt(F) <= distance squared."""
    kept: Middle = []
    for D, rails in middle:
        if D is not None:
            phases = spectrum(D)
            slack += 1.01 * phases.slack
            apart = distance_to_phase([phases]).hi
            if apart < SMALL:
                slack += apart
                continue
        kept.append((D, rails))
    items, small = sequence(circuits, walks, kept)
    slack = 1.01 * (slack + small + sum(hop.slack for walk in walks for hop in walk.hops))
    lost = max(0.0, 1.0 - fidelity_bound(items, effort)) * (1 - 1e-12)
    root, distance = math.sqrt(lost), math.sqrt(2 * lost / (1 + math.sqrt(1 - lost))) * (1 - 1e-12)
    return _Known(Interval(max(0.0, distance - slack), 2.0), Interval(max(0.0, root - slack), 1.0))


@dataclass
class _Component:
    """What is connected in the middle. rails: of A; clusters from the inputs and outputs; blocks of A and of B."""

    rails: list[int]
    starts: list[Cluster]
    ends: list[Cluster]
    blocks: tuple[list[int], list[int]]

    def cost(self) -> int:
        """Operations to multiply it out and to find its spectrum."""
        size = 1 << min(len(self.rails), WIDEST_MIDDLE)
        steps = len(self.starts) + len(self.ends) + len(self.blocks[A]) + len(self.blocks[B])
        return steps * (STEP_COST + 4 * size**2) + 20 * size**3


def _components(circuits: tuple[Remaining, Remaining], walks: Sequence[Walk]) -> list[_Component]:
    n = circuits[A].fused.n
    parent = list(range(2 * n))  # rails of A, then rails of B

    def root(k: int) -> int:
        while parent[k] != k:
            parent[k] = k = parent[parent[k]]
        return k

    def tie(members: Sequence[int]) -> None:
        for other in members[1:]:
            parent[root(other)] = root(members[0])

    clusters = [walk.clusters() for walk in walks]
    left = [circuit.left() for circuit in circuits]
    for cluster in (*clusters[0], *clusters[1]):
        tie([*cluster.ins, *(n + rail for rail in cluster.outs)])
    for side in (A, B):
        for index in left[side]:
            tie([side * n + rail for rail in circuits[side].fused.rails[index]])
    found: dict[int, _Component] = {}
    for rail in range(n):
        found.setdefault(root(rail), _Component([], [], [], ([], []))).rails.append(rail)
    for cluster in clusters[0]:
        found[root(cluster.ins[0])].starts.append(cluster)
    for cluster in clusters[1]:
        found[root(cluster.ins[0])].ends.append(cluster)
    for side in (A, B):
        for index in left[side]:
            found[root(side * n + circuits[side].fused.rails[index][0])].blocks[side].append(index)
    return list(found.values())


def _closed(
    circuits: tuple[Remaining, Remaining], walks: Sequence[Walk], components: list[_Component], effort: Effort
) -> _Known | None:
    """The hops of both walks and the middle, put together by the triangle inequality."""
    slack = sum(walk.slack for walk in walks)
    parts: list[Spectrum] = []
    between: Middle = []
    for component in components:
        D, rounding = _middle(circuits, component)
        between.append((D, tuple(component.rails)))
        effort.spend(component.cost())
        parts.append(spectrum(D))
        slack += rounding + 1.01 * parts[-1].slack
    if slack > MAX_SLACK:
        return None
    worst = max(range(len(parts)), key=lambda k: parts[k].arc)
    middle = Hop(distance_to_phase(parts), infidelity_root(parts), tuple(components[worst].rails))
    hops = [middle, *(hop for walk in walks for hop in walk.hops)]
    largest = max(hops, key=lambda hop: hop.distance.lo)
    distance = _chained([hop.distance for hop in hops], slack)
    root = _chained([hop.root for hop in hops], slack)
    distance, root = _meet(distance, Interval(0.0, 2.0)), _meet(root, Interval(0.0, 1.0))
    known = _Known(distance, root, tuple(sorted(largest.rails)) if distance.hi > 2 * slack else ())
    if any(walk.hops for walk in walks) and distance.lo < 0.5 * distance.hi:
        known = known.meet(_from_letters(circuits, walks, between, slack, effort))
    return known


def _chained(steps: Sequence[Interval], slack: float) -> Interval:
    """Bounds on the length of a path's straight line, in a metric, from the lengths of its steps."""
    whole = sum(step.hi for step in steps)
    lowest = max(step.lo - (whole - step.hi) for step in steps)
    return Interval(max(0.0, lowest), whole).widened(1.01 * slack)


def _middle(circuits: tuple[Remaining, Remaining], component: _Component) -> tuple[Matrix, float]:
    """D = A_middle^-1 S^-1 B_middle R on one component, and a bound on its rounding."""
    c, slack = component.starts[0], 0.0
    for other in component.starts[1:]:
        c = joined(c, other)
        slack += join_rounding(c)
    steps: list[tuple[Matrix, Rails, Rails | None]]
    steps = [(circuits[B].fused.matrices[k], circuits[B].fused.rails[k], None) for k in component.blocks[B]]
    steps += [(s.matrix.conj().T, s.outs, s.ins) for s in component.ends]
    steps += [
        (circuits[A].fused.matrices[k].conj().T, circuits[A].fused.rails[k], None)
        for k in reversed(component.blocks[A])
    ]
    for matrix, rails, renamed in steps:
        c = on_outputs(matrix, rails, c, renamed)
        slack += apply_rounding(c, len(matrix))
    slack += 1.01 * sum(circuits[side].fused.errors[k] for side in (A, B) for k in component.blocks[side])
    return aligned(c, c.ins, c.ins).matrix, slack
