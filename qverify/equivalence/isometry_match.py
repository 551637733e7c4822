"""Whether two isometry forms are the same: fresh wires have no names, so they are matched by what acts on them.

    s |0...0> = |0...0> for any product s of Z on fresh wires:   signs may change together, as they do under s . s

Where no names fit, words are compared without wires (`isometry_relations`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from qverify.angles import Angle, add
from qverify.equivalence.isometry_form import IsometryForm, Label
from qverify.equivalence.isometry_relations import same_relations
from qverify.equivalence.parity import solvable
from qverify.equivalence.pauli_form import SLOPE, SNAP, Agreement
from qverify.equivalence.permutation import bits, reordered

TRIALS = 16  # ways to match fresh wires that look alike
MANY = 8


def same_isometries(a: IsometryForm, b: IsometryForm) -> Agreement | None:
    """How closely two forms agree once fresh wires are matched; None proves nothing."""
    if a.labels != b.labels or set(a.observables) != set(b.observables) or len(a.inputs) != len(b.inputs):
        return None
    for names in _matchings(a, b):
        found = _agreement(a, b, names)
        if found is not None:
            return found
    return same_relations(a, b)


def _agreement(a: IsometryForm, b: IsometryForm, names: Mapping[int, int]) -> Agreement | None:
    def moved(mask: int) -> int:
        return sum(1 << names[k] for k in bits(mask))

    inputs = sum(1 << k for k in b.inputs)
    signs: list[tuple[int, bool]] = []  # what anticommutes with a product of Z on fresh wires may change its sign
    for label, (x, z, phase) in a.observables.items():
        other = b.observables[label]
        if (moved(x), moved(z)) != other[:2] or (phase - other[2]) % 2:
            return None
        signs.append((other[0] & ~inputs, phase != other[2]))
    absolute, slope = a.snapped + b.snapped, a.slope + b.slope
    for left, right in zip(a.layers, b.layers, strict=True):
        renamed = {(moved(x), moved(z)): angle for (x, z), angle in left.items()}
        if set(renamed) != set(right):
            return None
        for word, angle in renamed.items():
            gaps = [add(angle, right[word], sign) for sign in (-1.0, 1.0)]
            close = [_small(gap) for gap in gaps]
            if not any(close):
                return None
            gap = gaps[0] if close[0] else gaps[1]
            signs.append((word[0] & ~inputs, not close[0]))
            absolute += abs(gap.constant) / 2
            slope += sum(abs(c) for _, c in gap.terms) / 2
    return Agreement(absolute, slope) if solvable(signs) else None


def _small(gap: Angle) -> bool:
    return abs(gap.constant) < SNAP and all(abs(c) < SLOPE for _, c in gap.terms)


def _matchings(a: IsometryForm, b: IsometryForm) -> Iterator[dict[int, int]]:
    """Bijections of the wires that anything acts on, inputs in order, fresh ones by what acts on them."""
    if [len(layer) for layer in a.layers] != [len(layer) for layer in b.layers]:
        return
    numbers: dict[Label, int] = {}
    ours, theirs = _classes(a, numbers), _classes(b, numbers)
    if {key: len(v) for key, v in ours.items()} != {key: len(v) for key, v in theirs.items()}:
        return
    for trial in range(TRIALS):
        names, left = dict(zip(a.inputs, b.inputs, strict=True)), trial
        for key, mine in ours.items():
            left, turn = divmod(left, math.factorial(min(len(mine), MANY)))
            names.update(zip(mine, reordered(theirs[key], turn), strict=True))
        yield names
        if left:
            return


def _classes(form: IsometryForm, numbers: dict[Label, int]) -> dict[Label, list[int]]:
    """The wires that anything acts on, by what does; numbers: of what can act, the same ones for both forms."""
    marks: dict[int, list[int]] = {wire: [] for wire in form.inputs}

    def mark(kind: Label, x: int, z: int) -> None:
        number = 4 * numbers.setdefault(kind, len(numbers))
        for k in bits(x | z):
            marks.setdefault(k, []).append(number + 2 * (x >> k & 1) + (z >> k & 1))

    for depth, layer in enumerate(form.layers):
        for (x, z), angle in layer.items():
            terms = tuple(sorted((atom.text(), c) for atom, c in angle.terms)) if angle.terms else ()
            mark((depth, (x | z).bit_count(), round(abs(angle.constant), 6), terms), x, z)
    for label, (x, z, _) in form.observables.items():
        mark(("seen", label), x, z)
    place = {wire: ("input", k) for k, wire in enumerate(form.inputs)}
    found: dict[Label, list[int]] = {}
    for k in sorted(marks):
        found.setdefault((place.get(k, ()), tuple(sorted(marks[k]))), []).append(k)
    return found
