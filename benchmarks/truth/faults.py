"""Mistakes of every kind, put into a circuit. One may turn out to be harmless: every pair is computed.

a fault: (source, sketch, names) -> sketch, or None where it finds nothing to break
"""

# ruff: noqa: ARG001  # every change takes the same arguments
from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from random import Random

from .angle_rules import FAULTS as ANGLE_FAULTS
from .expressions import TURN, Tree, add, changed, mul, num, places, put
from .identities import inverse
from .rewrites import CONTROLLED_AXES, REWRITES, Rewrite, at, where, with_angle
from .sketches import GATES, Item, Sketch, controls, gate, inside

SIZES = tuple(10.0**-k for k in range(1, 9))
NUDGES = {
    "x": ("RXGate",), "y": ("RYGate",), "z": ("RZGate", "PhaseGate"),
    "two wires": ("RXXGate", "RYYGate", "RZZGate", "RZXGate"),
    "controlled": (*CONTROLLED_AXES[:4], "CUGate"),
}  # fmt: skip


def _angle_fault(kind: str) -> Rewrite:
    def fault(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
        options = [(k, j) for k, item in enumerate(sketch.items) for j in range(len(item.angles))]
        for k, j in source.sample(options, len(options)):
            item = sketch.items[k]
            new = None if item.kind == "matrix" else changed(source, item.angles[j], ANGLE_FAULTS[kind])
            if new is not None:
                return at(sketch, k, with_angle(item, j, new))
        return None

    return fault


def parameter_swapped(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """Another parameter in one place."""
    options = [
        (k, j, path, part[1])
        for k, item in enumerate(sketch.items)
        for j, tree in enumerate(item.angles)
        for path, part in places(tree)
        if part[0] == "par"
    ]
    if not options or len(names) < 2:
        return None
    k, j, path, name = source.choice(options)
    new: Tree = ("par", source.choice([other for other in names if other != name]))
    return at(sketch, k, with_angle(sketch.items[k], j, put(sketch.items[k].angles[j], path, new)))


def half_period(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """A controlled rotation shifted by one turn: its period is two."""
    kinds = ("CRXGate", "CRYGate", "CRZGate", "CU3Gate", "CUGate", "doubly RXGate", "doubly RZGate", "doubly UGate")
    k = where(source, sketch, lambda item: item.kind in kinds)
    if k is None:
        return None
    turns = source.choice([1, -1, 3])
    return at(sketch, k, with_angle(sketch.items[k], 0, add(sketch.items[k].angles[0], num(turns * TURN))))


def negated_control(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """A control that answers to the other value."""
    k = where(source, sketch, lambda item: controls(item) > 0)
    if k is None:
        return None
    item = sketch.items[k]
    return at(sketch, k, replace(item, ctrl=(item.ctrl or 0) ^ 1 << source.randrange(controls(item))))


def turned(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """Control and target exchanged, or any two wires of a gate."""
    k = where(source, sketch, lambda item: len(item.wires) > 1 and item.kind != "barrier")
    if k is None:
        return None
    wires = list(sketch.items[k].wires)
    a, b = source.sample(range(len(wires)), 2)
    wires[a], wires[b] = wires[b], wires[a]
    return at(sketch, k, replace(sketch.items[k], wires=tuple(wires)))


def wrong_wire(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """A gate with one wire exchanged for one that it does not touch."""
    k = where(source, sketch, lambda item: len(item.wires) < sketch.n)
    if k is None:
        return None
    wires = list(sketch.items[k].wires)
    others = [w for w in range(sketch.n) if w not in wires]
    wires[source.randrange(len(wires))] = source.choice(others)
    return at(sketch, k, replace(sketch.items[k], wires=tuple(wires)))


def wires_swapped(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """Two wires exchanged at the end, or from somewhere on."""
    if sketch.n < 2:
        return None
    k = source.choice([len(sketch.items), source.randint(0, len(sketch.items))])
    swap = Item("SwapGate", tuple(source.sample(range(sketch.n), 2)))
    return replace(sketch, items=(*sketch.items[:k], swap, *sketch.items[k:]))


def dropped(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """A gate left out."""
    k = where(source, sketch, lambda item: item.kind != "barrier")
    return None if k is None else at(sketch, k)


def added(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """A gate too many."""
    k = source.randint(0, len(sketch.items))
    return replace(sketch, items=(*sketch.items[:k], gate(source, sketch.n, names), *sketch.items[k:]))


def replaced(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """A gate of another kind with as many wires and angles."""
    k = where(source, sketch, lambda item: item.kind in GATES)
    if k is None:
        return None
    item = sketch.items[k]
    others = [kind for kind in sorted(GATES) if GATES[kind] == GATES[item.kind] and kind != item.kind]
    if not others:
        return None
    new = replace(item, kind=source.choice(others), ctrl=None)
    count = controls(new)
    return at(sketch, k, replace(new, ctrl=2**count - 1) if count else new)


def inverted(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """A gate's inverse in its place."""
    k = where(source, sketch, lambda item: inverse(item) not in (None, item))
    undone = None if k is None else inverse(sketch.items[k])
    return None if k is None or undone is None else at(sketch, k, undone)


def exchanged(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """Two neighbours that share a wire, in the other order."""
    options = [k for k, (a, b) in enumerate(pairwise(sketch.items)) if {*a.wires} & {*b.wires}]
    if not options:
        return None
    k = source.choice(options)
    a, b = sketch.items[k : k + 2]
    return replace(sketch, items=(*sketch.items[:k], b, a, *sketch.items[k + 2 :]))


def coefficient_off(size: float) -> Rewrite:
    """A parameter that enters by a factor of 1 + size."""

    def fault(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
        options = [
            (k, j, path, part)
            for k, item in enumerate(sketch.items)
            for j, tree in enumerate(item.angles)
            for path, part in places(tree)
            if part[0] == "par"
        ]
        if not options:
            return None
        k, j, path, part = source.choice(options)
        new = put(sketch.items[k].angles[j], path, mul(num(1.0 + size), part))
        return at(sketch, k, with_angle(sketch.items[k], j, new))

    return fault


def controlled_phase(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """Another global phase of a part that stands under a control."""
    k = where(source, sketch, lambda item: item.kind == "controlled")
    if k is None:
        return None
    shift = num(source.choice([1e-6, 0.1, math.pi / 2, math.pi]))
    return at(sketch, k, with_angle(sketch.items[k], 0, add(sketch.items[k].angles[0], shift)))


def phase_forgotten(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
    """Inside a part that stands under a control, an identity that holds up to a phase only."""
    k = where(source, sketch, lambda item: item.kind == "controlled")
    if k is None:
        return None
    kind = source.choice(["gate identity", "shift by a period", "half turns", "Pauli through a rotation"])
    inner = REWRITES[kind](source, inside(sketch.items[k]), names)
    return None if inner is None else at(sketch, k, replace(sketch.items[k], body=inner.items))


def many_nudges(size: float) -> Rewrite:
    """Several errors, each of a size."""

    def fault(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
        for _ in range(source.randint(2, 6)):
            wrong = nudge(source.choice(list(NUDGES)), size)(source, sketch, names)
            sketch = sketch if wrong is None else wrong
        return sketch

    return fault


def nudge(axis: str, size: float) -> Rewrite:
    """An angle off by a small amount: of a gate that is there where one is, of one more otherwise."""

    def fault(source: Random, sketch: Sketch, names: list[str]) -> Sketch | None:
        kinds, t = NUDGES[axis], source.choice([1, -1]) * size
        k = where(source, sketch, lambda item: item.kind in kinds)
        if k is not None and source.random() < 0.7:
            item = sketch.items[k]
            return at(sketch, k, with_angle(item, 0, add(item.angles[0], num(t))))
        kind = source.choice(kinds)
        wires, angles = GATES[kind]
        if wires > sketch.n:
            return None
        angle = (num(t), *(num(0.0) for _ in range(angles - 1)))
        new = Item(kind, tuple(source.sample(range(sketch.n), wires)), angle, 1 if axis == "controlled" else None)
        at_ = source.randint(0, len(sketch.items))
        return replace(sketch, items=(*sketch.items[:at_], new, *sketch.items[at_:]))

    return fault


FAULTS: dict[str, Rewrite] = {kind: _angle_fault(kind) for kind in ANGLE_FAULTS} | {
    "another parameter": parameter_swapped,
    "half a period": half_period,
    "control negated": negated_control,
    "control and target": turned,
    "wrong wire": wrong_wire,
    "wires exchanged": wires_swapped,
    "gate dropped": dropped,
    "gate added": added,
    "gate replaced": replaced,
    "gate inverted": inverted,
    "order exchanged": exchanged,
}
FAULTS |= {"phase under a control": controlled_phase, "phase forgotten under a control": phase_forgotten}
FAULTS |= {f"coefficient off by {size:.0e}": coefficient_off(size) for size in (1e-3, 1e-6, 1e-9)}
FAULTS |= {f"{size:.0e} on {axis}": nudge(axis, size) for axis in NUDGES for size in SIZES}
# what depends on the tolerance that is asked for: name -> (size of each error in tolerances, how many)
AT_THE_TOLERANCE = {
    "just above the tolerance": (1.01, 1),
    "just below the tolerance": (0.99, 1),
    "many errors below the tolerance": (0.3, 6),
}


def at_the_tolerance(kind: str, tolerance: float) -> Rewrite:
    """A rotation by t is at distance t / 2."""
    share, count = AT_THE_TOLERANCE[kind]
    size = 2 * share * tolerance
    return (
        many_nudges(size)
        if count > 1
        else lambda source, *rest: nudge(source.choice(["x", "y", "z"]), size)(source, *rest)
    )
