"""Changes of a circuit that leave its unitary alone, up to phase, for every value of its parameters.

    a rewrite: (source, sketch, names) -> sketch, or None where it finds nothing to do

Whether it really leaves the unitary alone is never assumed: every pair is computed.
"""

# ruff: noqa: ARG001  # every change takes the same arguments
from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from random import Random

from .angle_rules import ALGEBRA, IDENTITIES
from .expressions import TURN, Tree, add, changed, mul, num
from .identities import EXPANSIONS, inverse
from .sketches import Item, Sketch, angle, controls, gate

Rewrite = Callable[[Random, Sketch, list[str]], Sketch | None]
PAULIS = ("XGate", "YGate", "ZGate")
AXES = ("RXGate", "RYGate", "RZGate", "PhaseGate", "RXXGate", "RYYGate", "RZZGate", "RZXGate")
CONTROLLED_AXES = ("CRXGate", "CRYGate", "CRZGate", "CPhaseGate", "MCPhaseGate")
DIAGONAL = {
    "ZGate", "SGate", "SdgGate", "TGate", "TdgGate", "IGate", "RZGate", "PhaseGate", "U1Gate", "RZZGate", "CZGate",
    "CSGate", "CSdgGate", "CRZGate", "CPhaseGate", "CU1Gate", "CCZGate", "MCPhaseGate",
}  # fmt: skip
FLIPPED = {"XGate": "YZ", "YGate": "XZ", "ZGate": "XY"}  # the axes that a Pauli turns round
# period of each angle, in turns, up to global phase; 2 means that half of it changes a relative phase or a sign
PERIODS = {
    "RXGate": (1,), "RYGate": (1,), "RZGate": (1,), "PhaseGate": (1,), "U1Gate": (1,), "RGate": (1, 1),
    "UGate": (1, 1, 1), "U3Gate": (1, 1, 1), "U2Gate": (1, 1), "RXXGate": (1,), "RYYGate": (1,), "RZZGate": (1,),
    "RZXGate": (1,), "CRXGate": (2,), "CRYGate": (2,), "CRZGate": (2,), "CPhaseGate": (1,), "CU1Gate": (1,),
    "CU3Gate": (2, 2, 2), "CUGate": (2, 1, 1, 1), "MCPhaseGate": (1,), "XXPlusYYGate": (2, 1),
    "doubly RXGate": (2,), "doubly RYGate": (2,), "doubly RZGate": (2,), "doubly UGate": (2, 1, 1),
}  # fmt: skip


def at(sketch: Sketch, index: int, *new: Item) -> Sketch:
    """The circuit with one item exchanged for others."""
    return replace(sketch, items=(*sketch.items[:index], *new, *sketch.items[index + 1 :]))


def where(source: Random, sketch: Sketch, test: Callable[[Item], bool]) -> int | None:
    """The place of some item of a kind."""
    found = [k for k, item in enumerate(sketch.items) if test(item)]
    return source.choice(found) if found else None


def with_angle(item: Item, which: int, new: Tree) -> Item:
    """The item with another angle."""
    return replace(item, angles=(*item.angles[:which], new, *item.angles[which + 1 :]))


def _by_rules(rules: list[Callable[[Random, Tree], Tree | None]]) -> Rewrite:
    def rewrite(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
        options = [(k, j, tree) for k, item in enumerate(sketch.items) for j, tree in enumerate(item.angles)]
        options = [option for option in options if sketch.items[option[0]].kind != "matrix"]
        for k, j, tree in source.sample(options, len(options)):
            new = changed(source, tree, rules)
            if new is not None:
                return at(sketch, k, with_angle(sketch.items[k], j, new))
        return None

    return rewrite


def legal_shift(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """An angle shifted by a whole period of its gate."""
    k = where(source, sketch, lambda item: item.kind in PERIODS)
    if k is None:
        return None
    item = sketch.items[k]
    which = source.randrange(len(item.angles))
    turns = PERIODS[item.kind][which] * source.choice([1, -1, 2])
    return at(sketch, k, with_angle(item, which, add(item.angles[which], num(turns * TURN))))


def expansion(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """A gate written out in others, by an identity."""
    k = where(source, sketch, lambda item: item.kind in EXPANSIONS and item.ctrl in (None, 2 ** controls(item) - 1))
    if k is None:
        return None
    item = sketch.items[k]
    return at(sketch, k, *source.choice(EXPANSIONS[item.kind])(item.wires, item.angles))


def _commute(a: Item, b: Item) -> bool:
    shared = set(a.wires) & set(b.wires)
    if not shared or (a.kind in DIAGONAL and b.kind in DIAGONAL):
        return True
    if a.kind == b.kind and a.wires == b.wires and a.kind in AXES + CONTROLLED_AXES and a.ctrl == b.ctrl:
        return True
    for one, other in ((a, b), (b, a)):
        if one.kind == "CXGate" and other.kind in DIAGONAL and one.wires[1] not in other.wires:
            return True
        if one.kind == "CXGate" and other.kind in ("XGate", "RXGate", "SXGate") and other.wires == one.wires[1:]:
            return True
    return False


def commuted(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """Neighbours that commute, exchanged, many times over."""
    items = list(sketch.items)
    for _ in range(4 * len(items)):
        k = source.randrange(len(items) - 1) if len(items) > 1 else 0
        if len(items) > 1 and _commute(items[k], items[k + 1]):
            items[k], items[k + 1] = items[k + 1], items[k]
    return replace(sketch, items=tuple(items)) if tuple(items) != sketch.items else None


def inserted_pair(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """A gate and its inverse, put in somewhere."""
    for _ in range(20):
        item = gate(source, sketch.n, names)
        undone = inverse(item)
        if undone is not None:
            k = source.randint(0, len(sketch.items))
            return replace(sketch, items=(*sketch.items[:k], item, undone, *sketch.items[k:]))
    return None


def split(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """A rotation in two parts."""
    k = where(source, sketch, lambda item: item.kind in AXES + CONTROLLED_AXES)
    if k is None:
        return None
    item = sketch.items[k]
    part = source.choice([angle(source, names), mul(num(0.5), item.angles[0])])
    parts = [with_angle(item, 0, part), with_angle(item, 0, ("sub", item.angles[0], part))]
    return at(sketch, k, *source.sample(parts, 2))


def polarity(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """Open controls for closed ones, with X on both sides."""
    k = where(source, sketch, lambda item: controls(item) > 0)
    if k is None:
        return None
    item = sketch.items[k]
    flips = source.randrange(1, 2 ** controls(item))
    sides = tuple(Item("XGate", (item.wires[j],)) for j in range(controls(item)) if flips >> j & 1)
    return at(sketch, k, *sides, replace(item, ctrl=(item.ctrl or 0) ^ flips), *sides)


def relabelled(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """Wires exchanged by swaps, the rest of the circuit on the exchanged wires, and swaps back."""
    if sketch.n < 2:
        return None
    order = list(range(sketch.n))
    swaps = []
    for _ in range(source.randint(1, sketch.n)):
        a, b = source.sample(range(sketch.n), 2)
        swaps.append(Item("SwapGate", (a, b)))
        order = [b if w == a else a if w == b else w for w in order]
    begin = source.randint(0, len(sketch.items))
    end = source.randint(begin, len(sketch.items))
    inside = [replace(item, wires=tuple(order[w] for w in item.wires)) for item in sketch.items[begin:end]]
    return replace(sketch, items=(*sketch.items[:begin], *swaps, *inside, *reversed(swaps), *sketch.items[end:]))


def pauli_through(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """P R(t) P = R(-t) for a rotation about another axis."""
    k = where(source, sketch, lambda item: item.kind in ("RXGate", "RYGate", "RZGate"))
    if k is None:
        return None
    item = sketch.items[k]
    pauli = source.choice([p for p in PAULIS if item.kind[1] in FLIPPED[p]])
    side = Item(pauli, item.wires)
    return at(sketch, k, side, with_angle(item, 0, ("neg", item.angles[0])), side)


def phased(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """Another global phase, which may depend on parameters."""
    return replace(sketch, phase=add(sketch.phase, angle(source, names)))


def grouped(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """Some neighbours as one composite gate."""
    begin = source.randrange(len(sketch.items))
    end = source.randint(begin + 1, min(len(sketch.items), begin + 5))
    wires = sorted({w for item in sketch.items[begin:end] for w in item.wires})
    source.shuffle(wires)
    place = {w: k for k, w in enumerate(wires)}
    inside = tuple(replace(item, wires=tuple(place[w] for w in item.wires)) for item in sketch.items[begin:end])
    made = Item("composite", tuple(wires), (num(0.0),), body=inside)
    return replace(sketch, items=(*sketch.items[:begin], made, *sketch.items[end:]))


def barriers(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """Barriers between gates."""
    items: list[Item] = []
    for item in sketch.items:
        items.append(item)
        if source.random() < 0.3:
            wires = source.sample(range(sketch.n), source.randint(1, sketch.n))
            items.append(Item("barrier", tuple(wires)))
    return replace(sketch, items=tuple(items)) if len(items) > len(sketch.items) else None


def annotated_inverse(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """A gate as the annotated inverse of its inverse."""
    k = where(source, sketch, lambda item: inverse(item) is not None)
    if k is None:
        return None
    undone = inverse(sketch.items[k])
    inner = replace(undone, wires=tuple(range(len(undone.wires)))) if undone else sketch.items[k]
    return at(sketch, k, Item("inverse", sketch.items[k].wires, body=(inner,)))


def half_turns(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """RX(t) as RX(t + pi) X, and the like."""
    k = where(source, sketch, lambda item: item.kind in ("RXGate", "RYGate", "RZGate"))
    if k is None:
        return None
    item = sketch.items[k]
    turned = with_angle(item, 0, add(item.angles[0], num(source.choice([1, -1]) * math.pi)))
    pauli = Item(f"{item.kind[1]}Gate", item.wires)
    return at(sketch, k, *source.sample([turned, pauli], 2))


REWRITES: dict[str, Rewrite] = {
    "angle, algebra": _by_rules(ALGEBRA),
    "angle, identity of functions": _by_rules(IDENTITIES),
    "shift by a period": legal_shift,
    "gate identity": expansion,
    "commuting gates": commuted,
    "gate and its inverse": inserted_pair,
    "rotation in two": split,
    "control polarity": polarity,
    "wires relabelled and back": relabelled,
    "Pauli through a rotation": pauli_through,
    "global phase": phased,
    "composite": grouped,
    "barriers": barriers,
    "annotated inverse": annotated_inverse,
    "half turns": half_turns,
}
