"""Wires in another order: outputs of B exchanged, or all wires of B called by other names.

    outputs        V = P U              the forms agree but for the order of the Clifford's rows
    relabelling    V = P U P^dagger     form B is form A with its wires renamed, at the inputs and at the outputs

A relabelling is searched by signature: what a wire sees (layer, angle, letter and weight of every word that acts on
it) does not depend on the names of the others. Ties are tried in order, a counted number of times. What is found is
proved by comparing the whole forms.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from qverify.angles import Angle
from qverify.equivalence.frame import Pauli
from qverify.equivalence.layers import Layer
from qverify.equivalence.pauli_form import PauliForm, agreement

TRIALS = 64
MANY = 8  # like wires of which all orders are counted; of more, the first ones keep their order
Wires = tuple[int, ...]


def output_permutation(a: PauliForm, b: PauliForm) -> Wires | None:
    """The output wire of B that each output wire of A is, where that alone differs; None where it is not proved."""
    n = len(a.rows) // 2
    plain = PauliForm(a.layers, (), a.snapped, a.slope), PauliForm(b.layers, (), b.snapped, b.slope)
    if agreement(*plain) is None:
        return None
    places = {(b.rows[k], b.rows[n + k]): k for k in range(n)}
    found = tuple(places.get((a.rows[k], a.rows[n + k]), -1) for k in range(n))
    return found if sorted(found) == list(range(n)) else None


def relabelling(a: PauliForm, b: PauliForm, tolerance: float) -> Wires | None:
    """The wire of B that each wire of A is called there, where that alone differs; None where none is proved."""
    for wires in _candidates(a, b):
        agreed = agreement(_renamed(a, wires), b)
        if agreed is not None and agreed.slope == 0.0 and agreed.constant <= tolerance:
            return wires
    return None


def _candidates(a: PauliForm, b: PauliForm) -> Iterator[Wires]:
    """Bijections of wires that respect the signatures."""
    n = len(a.rows) // 2
    if len(b.rows) != len(a.rows) or _inventory(a) != _inventory(b):
        return
    classes_a, classes_b = _classes(a), _classes(b)
    if {key: len(v) for key, v in classes_a.items()} != {key: len(v) for key, v in classes_b.items()}:
        return
    for trial in range(TRIALS):
        wires, left = [0] * n, trial
        for key, mine in classes_a.items():
            left, turn = divmod(left, math.factorial(min(len(mine), MANY)))
            for ours, theirs in zip(mine, reordered(classes_b[key], turn), strict=True):
                wires[ours] = theirs
        yield tuple(wires)
        if left:
            return  # every combination was tried


def reordered(items: Sequence[int], turn: int) -> list[int]:
    """The permutation of that number, in lexical order."""
    rest, out = list(items), []
    while rest:
        at, turn = divmod(turn, math.factorial(len(rest) - 1)) if len(rest) <= MANY else (0, turn)
        out.append(rest.pop(at))
    return out


def _classes(form: PauliForm) -> dict[tuple[object, ...], list[int]]:
    """Wires by signature."""
    n = len(form.rows) // 2
    seen: list[list[object]] = [[] for _ in range(n)]
    for depth, layer in enumerate(form.layers):
        for (x, z), angle in layer.items():
            support = x | z
            key = depth, _kind(support, angle)
            for k in bits(support):
                seen[k].append((*key, x >> k & 1, z >> k & 1))
    for k in range(n):
        for half in (0, n):
            x, z, _ = form.rows[half + k]
            seen[k].append(("row", half > 0, (x | z).bit_count(), x >> k & 1, z >> k & 1))
    found: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for k, items in enumerate(seen):
        found[tuple(sorted(items, key=repr))].append(k)
    return dict(found)


def _kind(support: int, angle: Angle) -> tuple[object, ...]:
    """What a word is like whatever its wires are called: weight and angle, up to sign and rounding."""
    terms = tuple(sorted((atom.text(), coefficient) for atom, coefficient in angle.terms))
    return support.bit_count(), round(abs(angle.constant), 6), terms


def _inventory(form: PauliForm) -> list[Counter[tuple[object, ...]]]:
    return [Counter(_kind(x | z, angle) for (x, z), angle in layer.items()) for layer in form.layers]


def bits(mask: int) -> Iterator[int]:
    """The places of the ones."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def _renamed(form: PauliForm, wires: Sequence[int]) -> PauliForm:
    """The form of the circuit whose wire `wires[k]` is this one's wire k."""
    n = len(wires)

    def moved(mask: int) -> int:
        return sum(1 << wires[k] for k in bits(mask))

    layers: list[Layer] = [{(moved(x), moved(z)): t for (x, z), t in layer.items()} for layer in form.layers]
    rows: list[Pauli] = [(0, 0, 0)] * (2 * n)
    for k in range(n):
        for half in (0, n):
            x, z, phase = form.rows[half + k]
            rows[half + wires[k]] = (moved(x), moved(z), phase)
    return PauliForm(tuple(layers), tuple(rows), form.snapped, form.slope)
