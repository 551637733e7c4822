"""Two isometry forms compared without the names of fresh wires: by the relations between their words.

Written out, the expectation of an observable is a sum over products of rotation words P_i and the observable O_j,
and each product has the value

    i^phase <psi| X^x Z^z |psi>   if it is Z-type on fresh wires (x, z, phase: what is left on inputs),   else 0

so two forms agree for every input psi and all angles if, for some matching of the words, layer by layer and angle
by angle, (1) the same pairs commute, (2) the same products are Z-type on fresh wires, and (3) these leave the same
on the inputs. By (1), it is enough that (2) and (3) hold for a basis of such products. R_P(t) = R_{-P}(-t), so an
angle may change its sign with its word. Cost: quadratic in the words.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from qverify.angles import Angle, add, scale
from qverify.equivalence.crowd import Crowd
from qverify.equivalence.frame import Pauli, positive, times
from qverify.equivalence.isometry_form import IsometryForm
from qverify.equivalence.parity import kernel
from qverify.equivalence.pauli_form import SLOPE, SNAP, Agreement
from qverify.equivalence.permutation import bits, reordered

MOST_WORDS = 240
TRIALS = 16  # ways to match words that look alike
MANY = 8
REFINED = 3  # rounds of telling words apart by what they do not commute with
Item = tuple[Pauli, Angle]


def same_relations(a: IsometryForm, b: IsometryForm) -> Agreement | None:
    """How closely two forms with the same labels agree; None proves nothing."""
    sizes = [[len(layer) for layer in form.layers] for form in (a, b)]
    if sizes[0] != sizes[1] or sum(sizes[0]) + len(a.observables) > MOST_WORDS:
        return None
    ours, theirs = _items(a), _items(b)
    seen = sorted(a.observables, key=repr)
    ends = [a.observables[k] for k in seen], [b.observables[k] for k in seen]
    left = [word for word, _ in ours] + ends[0]
    for order in _matchings(_marks(ours, ends[0], sizes[0]), _marks(theirs, ends[1], sizes[0])):
        matched = [theirs[k] for k in order]
        gap = _angles_apart(ours, matched)
        right = [word for word, _ in matched] + ends[1]
        if gap is not None and _related(left, right, a.inputs, b.inputs):
            return Agreement(a.snapped + b.snapped + gap[0], a.slope + b.slope + gap[1])
    return None


def _items(form: IsometryForm) -> list[Item]:
    """Words with their signs, and angles with none: the first coefficient, or else the constant, is positive."""
    found = []
    for layer in form.layers:
        for word, angle in layer.items():
            x, z, phase = positive(*word)
            turn = (angle.terms[0][1] if angle.terms else angle.constant) < 0
            found.append(((x, z, (phase + 2 * turn) % 4), scale(angle, -1.0) if turn else angle))
    return found


def _marks(items: Sequence[Item], ends: Sequence[Pauli], sizes: Sequence[int]) -> list[object]:
    """What tells the words of a form apart, whatever the names of its wires."""
    depths = [depth for depth, size in enumerate(sizes) for _ in range(size)]
    words, seen = Crowd(word for word, _ in items), Crowd(ends)
    odd = [words.against(word) for word, _ in items]
    marks: list[object] = []
    for (word, angle), depth in zip(items, depths, strict=True):
        terms = tuple((atom.text(), round(c, 6)) for atom, c in angle.terms)
        marks.append((depth, round(angle.constant, 6) + 0.0, terms, seen.against(word)))
    for _ in range(REFINED):
        known = {mark: k for k, mark in enumerate(sorted(set(marks), key=repr))}
        short = [known[mark] for mark in marks]
        fuller = [(marks[k], tuple(sorted(short[j] for j in bits(row)))) for k, row in enumerate(odd)]
        if len(set(fuller)) == len(known):
            break
        marks = list(fuller)
    return marks


def _matchings(ours: Sequence[object], theirs: Sequence[object]) -> Iterator[list[int]]:
    """For each of our words one of theirs that looks the same."""
    groups: list[dict[object, list[int]]] = [{}, {}]
    for side, marks in enumerate((ours, theirs)):
        for k, mark in enumerate(marks):
            groups[side].setdefault(mark, []).append(k)
    if {m: len(v) for m, v in groups[0].items()} != {m: len(v) for m, v in groups[1].items()}:
        return
    for trial in range(TRIALS):
        order, left = [0] * len(ours), trial
        for mark, mine in groups[0].items():
            left, turn = divmod(left, math.factorial(min(len(mine), MANY)))
            for k, j in zip(mine, reordered(groups[1][mark], turn), strict=True):
                order[k] = j
        yield order
        if left:
            return


def _angles_apart(ours: Sequence[Item], theirs: Sequence[Item]) -> tuple[float, float] | None:
    constant, slope = 0.0, 0.0
    for (_, mine), (_, other) in zip(ours, theirs, strict=True):
        gap = add(mine, other, -1.0)
        if abs(gap.constant) >= SNAP or any(abs(c) >= SLOPE for _, c in gap.terms):
            return None
        constant += abs(gap.constant) / 2
        slope += sum(abs(c) for _, c in gap.terms) / 2
    return constant, slope


def _related(left: Sequence[Pauli], right: Sequence[Pauli], ours: Sequence[int], theirs: Sequence[int]) -> bool:
    """Whether the same words commute, the same products are Z-type on fresh wires, and leave the same on inputs."""
    crowds = Crowd(left), Crowd(right)
    if any(crowds[0].against(p) != crowds[1].against(q) for p, q in zip(left, right, strict=True)):
        return False
    fresh = [~sum(1 << wire for wire in wires) for wires in (ours, theirs)]
    sets = kernel(x & fresh[0] for x, _, _ in left)
    if len(sets) != len(kernel(x & fresh[1] for x, _, _ in right)):
        return False
    for members in sets:
        mine = _left_over(left, members, ours)
        if mine is None or mine != _left_over(right, members, theirs):
            return False
    return True


def _left_over(words: Sequence[Pauli], members: int, inputs: Sequence[int]) -> tuple[int, int, int] | None:
    """What a product leaves on the inputs, numbered in order; None where it is not Z-type on fresh wires."""
    product: Pauli = (0, 0, 0)
    for k in bits(members):
        product = times(product, words[k])
    x, z, phase = product
    if x & ~sum(1 << wire for wire in inputs):
        return None
    on = [sum((mask >> wire & 1) << k for k, wire in enumerate(inputs)) for mask in (x, z)]
    return on[0], on[1], phase
