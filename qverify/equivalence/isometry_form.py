"""What a circuit that measures does to its input, as a normal form: polynomial, without branches.

After deferral it is an isometry, U = C R_m ... R_1 on |psi> |0...0>, and what can be known afterwards is generated
by Z of every wire that holds a record and X, Z of every output. Two such circuits are equal if these observables,
pulled back through U, are. So, on top of the Pauli-rotation normal form:

    a product s of Z on fresh wires that commutes with all rotations so far is +1 there:   R_P -> R_{P s}, O -> O s
    a rotation R_P, for which some R_{P s} commutes with all that is later, is unseen:     it is left out
    s |0...0> = |0...0> for any product s of Z on fresh wires:   signs may change together, as they do under s . s

which takes out what acts on wires that nobody reads, phases on measured wires, and copies of records.
Equal forms (`isometry_match`) prove equal instruments; different forms prove nothing. Cost: polynomial.
Source: Litinski, Quantum 3, 128 (2019), arXiv:1808.02892; Nielsen and Chuang (2010), sec. 4.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from qverify.angles import Angle
from qverify.equivalence.crowd import Crowd
from qverify.equivalence.frame import Frame, Pauli, positive, times
from qverify.equivalence.layers import Blockers, Layer, Layers, Word
from qverify.equivalence.parity import solvable
from qverify.equivalence.pauli_form import SNAP, Lost, PauliForm, settled
from qverify.equivalence.permutation import bits

ROUNDS = 4  # of reducing by stabilisers and merging
LONG = 600  # rotations, beyond which a rotation is looked at as it stands, without products of stabilisers
Label = tuple[object, ...]


@dataclass(frozen=True)
class IsometryForm:
    """Rotations in layers, first in time first, and what can be observed after them, by label.

    labels: of everything that can be known, also of what vanishes.
    inputs: wires that are any input, which keep their numbers; all others are fresh.
    snapped, slope: as in `PauliForm`.
    """

    layers: tuple[Layer, ...]
    observables: Mapping[tuple[Label, ...], Pauli]
    labels: frozenset[Label]
    inputs: tuple[int, ...]
    snapped: float
    slope: float


def isometry_form(
    form: PauliForm, inputs: Sequence[int], seen: Mapping[Label, tuple[str, int]], snap: float = SNAP
) -> IsometryForm:
    """The form of a unitary on inputs and fresh wires in |0>.

    Args:
        snap: as in `pauli_form`.
        seen: label -> ("X" or "Z", wire) of every generator of what can be known afterwards, or ("1", any) for a
            bit that is always 0. All are named: one left out would pass for one whose value is a fair coin.
    """
    n = len(form.rows) // 2
    frame, lost = Frame(n), Lost(snap, form.snapped, form.slope)
    frame.x, frame.z = list(form.rows[:n]), list(form.rows[n:])
    fresh = [k for k in range(n) if k not in set(inputs)]
    layers = list(form.layers)
    for _ in range(ROUNDS):
        before = _shape(layers)
        kept = list(_visible(layers, _observed(frame, seen, _still_fixed(layers, fresh)).values(), fresh))
        reduced = list(_reduced_words(kept, fresh))
        if reduced == [(positive(*word), angle) for layer in layers for word, angle in layer.items()]:
            break  # layered again, they would be the same
        work = Layers()
        for pauli, angle in reduced:
            work.put(pauli, angle, ())
        layers = settled(work, frame, lost)
        if _shape(layers) == before:
            break
    group = _still_fixed(layers, fresh)
    observables = {labels: group.reduced(pauli) for labels, pauli in _observed(frame, seen, group).items()}
    return IsometryForm(tuple(layers), observables, frozenset(seen), tuple(inputs), lost.constant, lost.slope)


def _shape(layers: Sequence[Layer]) -> list[set[Word]]:
    return [set(layer) for layer in layers]


def _still_fixed(layers: Sequence[Layer], fresh: Iterable[int]) -> _Stabilisers:
    """The products of Z on fresh wires that commute with every rotation."""
    group = _Stabilisers(fresh)
    for x, _ in (word for layer in layers for word in layer):
        group.shrink(x)
    return group


def _row(frame: Frame, letter: str, wire: int) -> Pauli:
    return (0, 0, 0) if letter == "1" else (frame.x if letter == "X" else frame.z)[wire]


def _observed(
    frame: Frame, seen: Mapping[Label, tuple[str, int]], group: _Stabilisers
) -> dict[tuple[Label, ...], Pauli]:
    """Generators of what can be known and does not vanish, as products of observables in the order of their labels.

    <O> = <s O s> for every s that stays +1, so what anticommutes with one is always 0. Which products commute with
    all is linear algebra modulo 2: each label is reduced by those before it.
    """
    labels = sorted(seen, key=repr)
    rows = [_row(frame, *seen[k]) for k in labels]
    pivots: dict[int, tuple[int, int]] = {}  # leading stabiliser -> which ones anticommute, which labels are in
    found: dict[tuple[Label, ...], Pauli] = {}
    for k, (x, _, _) in enumerate(rows):
        pattern, members = group.against(x), 1 << k
        while pattern and pattern.bit_length() in pivots:
            other, theirs = pivots[pattern.bit_length()]
            pattern, members = pattern ^ other, members ^ theirs
        if pattern:
            pivots[pattern.bit_length()] = pattern, members
            continue
        product: Pauli = (0, 0, 0)
        for j in bits(members):
            product = times(product, rows[j])
        found[tuple(labels[j] for j in bits(members))] = product
    return found


def _visible(
    layers: Sequence[Layer], observables: Iterable[Pauli], fresh: Sequence[int]
) -> Iterator[tuple[Word, Angle]]:
    """The rotations, in time order, without those that commute with all that comes after them.

    A rotation may be multiplied by any product of stabilisers that is still +1 before it and commutes with it.
    """
    words = [item for layer in layers for item in layer.items()]
    kept = list[tuple[Word, Angle]]()
    if len(words) > LONG:
        crowded = Blockers()
        crowded.words += [(x, z) for x, z, _ in observables]
        for word, angle in reversed(words):
            if crowded.block(word):
                crowded.words.append(word)
                kept.append((word, angle))
        return reversed(kept)
    groups, later = _groups(words, fresh), Crowd(observables)
    for k, (word, angle) in reversed(list(enumerate(words))):
        pauli = positive(*word)
        against = later.against(pauli)
        if against and not _hidden(groups[k], later, against):
            later.add(pauli)
            kept.append((word, angle))
    return reversed(kept)


def _groups(words: Sequence[tuple[Word, Angle]], fresh: Iterable[int]) -> list[_Stabilisers]:
    """What is +1 before each rotation and commutes with it."""
    group, found = _Stabilisers(fresh), []
    for (x, _), _ in words:
        group.shrink(x)
        found.append(group.copy())
    return found


def _hidden(group: _Stabilisers, later: Crowd, against: int) -> bool:
    """Whether a product of stabilisers anticommutes with exactly those: linear equations modulo 2."""
    return solvable((group.against(other[0]), bool(against >> k & 1)) for k, other in enumerate(later.members))


class _Stabilisers:
    """Products of Z on fresh wires that are +1: a basis with a leading wire each, the highest one.

    holders: for each wire, the leaders of the basis elements that act on it, as bits; acting: wires with any.
    """

    def __init__(self, fresh: Iterable[int]) -> None:
        self.basis: dict[int, int] = {k: 1 << k for k in fresh}
        self.holders: dict[int, int] = dict(self.basis)
        self.leaders = self.acting = sum(self.basis.values())

    def copy(self) -> _Stabilisers:
        """Another one with the same elements."""
        other = object.__new__(_Stabilisers)
        other.basis, other.holders = dict(self.basis), dict(self.holders)
        other.leaders, other.acting = self.leaders, self.acting
        return other

    def against(self, x: int) -> int:
        """The leaders of those that anticommute with a word whose X part is x, as bits."""
        pattern = 0
        for k in bits(x & self.acting):
            pattern ^= self.holders[k]
        return pattern

    def shrink(self, x: int) -> None:
        """Keep those that commute with a word whose X part is x."""
        odd = self.against(x)
        if not odd:
            return
        lowest = odd & -odd  # so that the others keep their leaders
        first = self.basis.pop(lowest.bit_length() - 1)
        self.leaders ^= lowest
        for k in bits(odd ^ lowest):
            self.basis[k] ^= first
        for k in bits(first):
            self.holders[k] ^= odd
            self.acting = self.acting | 1 << k if self.holders[k] else self.acting & ~(1 << k)

    def reduced(self, pauli: Pauli) -> Pauli:
        """The word times the members that commute with it, without their leading wires."""
        x, z, phase = pauli
        odd = self.against(x)
        lowest = odd & -odd
        first = self.basis[lowest.bit_length() - 1] if odd else 0
        leading = self.leaders & ~lowest
        while left := z & leading:
            k = left.bit_length() - 1
            z ^= self.basis[k] ^ (first if odd >> k & 1 else 0)  # its highest wire is k still
            leading &= (1 << k) - 1
        return x, z, phase


def _reduced_words(rotations: Iterable[tuple[Word, Angle]], fresh: Iterable[int]) -> Iterator[tuple[Pauli, Angle]]:
    group = _Stabilisers(fresh)
    for word, angle in rotations:
        group.shrink(word[0])
        yield group.reduced(positive(*word)), angle
