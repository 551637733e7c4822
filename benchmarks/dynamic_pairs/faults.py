"""Mistakes in circuits that measure and branch: one put into a sketch, where it has a place for it.

Some of what comes out is equal to what went in all the same; the oracle says which.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from .conditions import as_expression, negated
from .draw import Scope, drawn_gate
from .rewrites import instead, somewhere
from .sketch import Op, Sketch, Tree, branch, every, gate, measure, places, put, read_by, reset

Fault = Callable[[Random, Sketch], Sketch | None]
KINDS_WITH_ANGLES = ("RXGate", "RYGate", "RZGate", "PhaseGate", "UGate", "CRXGate", "CRYGate", "CRZGate",
                     "CPhaseGate", "RXXGate", "RYYGate", "RZZGate", "RZXGate", "RGate", "CUGate")  # fmt: skip


def changed(kind: Callable[[Op], bool], change: Callable[[Random, Sketch, Op], tuple[Op, ...] | None]) -> Fault:
    """The fault that changes one operation of a kind."""

    def fault(source: Random, sketch: Sketch) -> Sketch | None:
        found = somewhere(source, sketch, kind)
        new = None if found is None else change(source, sketch, found[0].ops[found[1]])
        return None if found is None or new is None else instead(sketch, *found, new)

    return fault


def of_kind(*kinds: str) -> Callable[[Op], bool]:
    """Whether an operation is of a kind."""
    return lambda op: op.kind in kinds


def is_branch(op: Op) -> bool:
    """Whether it chooses by bits."""
    return op.kind in ("if", "switch")


def _inverted(source: Random, sketch: Sketch, op: Op) -> tuple[Op, ...]:
    return (replace(op, test=negated(source, op.test, sketch)),)


def _other_value(source: Random, sketch: Sketch, op: Op) -> tuple[Op, ...] | None:
    if op.test[0] == "=reg":
        size = 2 ** len(sketch.registers[op.test[1]][1])
        return (replace(op, test=("=reg", op.test[1], (op.test[2] + source.randint(1, max(1, size - 1))) % size)),)
    moved = _number_moved(source, op.test)
    return None if moved == op.test else (replace(op, test=moved),)


def _number_moved(source: Random, tree: Tree) -> Tree:
    if tree[0] == "num":
        return ("num", (tree[1] + source.randint(1, 2 ** tree[2])) % 2 ** tree[2], tree[2])
    return tuple(_number_moved(source, part) if isinstance(part, tuple) else part for part in tree)


def _other_bit(source: Random, sketch: Sketch, op: Op) -> tuple[Op, ...] | None:
    bits = sorted(read_by(op.test, sketch).reads)
    if not bits or sketch.bits < 2 or not _names_bit(op.test):
        return None
    new = source.randrange(sketch.bits)
    return (replace(op, test=_reread(op.test, source.choice(bits), new)),)


def _names_bit(tree: Tree) -> bool:
    return tree[0] in ("bit", "=bit") or any(isinstance(part, tuple) and _names_bit(part) for part in tree[1:])


def _reread(tree: Tree, old: int, new: int) -> Tree:
    if tree[0] in ("bit", "=bit"):
        return (tree[0], new if tree[1] == old else tree[1], *tree[2:])
    return tuple(_reread(part, old, new) if isinstance(part, tuple) else part for part in tree)


def _or_for_and(_source: Random, sketch: Sketch, op: Op) -> tuple[Op, ...] | None:
    other = {"and": "or", "or": "xor", "xor": "and", "lt": "le", "le": "lt", "gt": "ge", "ge": "gt", "eq": "ge"}
    plain = as_expression(op.test, sketch)
    return (replace(op, test=(other[plain[0]], *plain[1:])),) if plain[0] in other else None


def _backwards(_source: Random, sketch: Sketch, op: Op) -> tuple[Op, ...] | None:
    if op.test[0] != "=reg":
        return None
    w = len(sketch.registers[op.test[1]][1])
    return (replace(op, test=(*op.test[:2], int(format(op.test[2], f"0{w}b")[::-1], 2))),)


def _else_swapped(_source: Random, _sketch: Sketch, op: Op) -> tuple[Op, ...]:
    then, other = (*op.bodies, ())[:2]
    return (replace(op, bodies=(other, then)),)


def _another_wire(source: Random, sketch: Sketch, op: Op) -> tuple[Op, ...] | None:
    others = [k for k in range(sketch.n) if k not in op.wires]
    if not others:
        return None
    at = source.randrange(len(op.wires))
    return (replace(op, wires=(*op.wires[:at], source.choice(others), *op.wires[at + 1 :])),)


def _another_bit(source: Random, sketch: Sketch, op: Op) -> tuple[Op, ...] | None:
    others = [b for b in range(sketch.bits) if b not in op.bits]
    return (replace(op, bits=(source.choice(others),)),) if others else None


def _turned_by(size: float) -> Callable[[Random, Sketch, Op], tuple[Op, ...]]:
    def change(source: Random, _sketch: Sketch, op: Op) -> tuple[Op, ...]:
        at, by = source.randrange(len(op.angles)), size * source.choice([-1, 1])
        return (replace(op, angles=(*op.angles[:at], op.angles[at].plus(by), *op.angles[at + 1 :])),)

    return change


def fed_forward_off(source: Random, sketch: Sketch) -> Sketch | None:
    """The angle of a gate inside a branch is off by 1e-1 to 1e-8."""
    size = 10.0 ** -source.randint(1, 8)
    found = [
        (place, k)
        for place in places(sketch.items)
        if {"if", "switch"} & set(place.kinds)
        for k, op in enumerate(place.ops)
        if op.kind in KINDS_WITH_ANGLES
    ]
    if not found:
        return None
    place, k = source.choice(found)
    return instead(sketch, place, k, _turned_by(size)(source, sketch, place.ops[k]))


def angle_off(source: Random, sketch: Sketch) -> Sketch | None:
    """Any angle is off by 1e-1 to 1e-8."""
    size = 10.0 ** -source.randint(1, 8)
    return changed(of_kind(*KINDS_WITH_ANGLES), _turned_by(size))(source, sketch)


def inserted(make: Callable[[Random, Sketch], Op | None], where: str = "any") -> Fault:
    """The fault that puts an operation in: at the start, at the end or anywhere."""

    def fault(source: Random, sketch: Sketch) -> Sketch | None:
        new = make(source, sketch)
        if new is None:
            return None
        if where != "any":
            ends = ((new, *sketch.items), (*sketch.items, new))
            return replace(sketch, items=ends[where == "end"])
        place = source.choice(list(places(sketch.items)))
        at = source.randint(0, len(place.ops))
        return replace(sketch, items=put(sketch.items, place.path, (*place.ops[:at], new, *place.ops[at:])))

    return fault


def moved(kind: str) -> Fault:
    """An operation exchanged with its neighbour."""

    def fault(source: Random, sketch: Sketch) -> Sketch | None:
        found = [
            (place, k)
            for place in places(sketch.items)
            for k in range(len(place.ops) - 1)
            if kind in (place.ops[k].kind, place.ops[k + 1].kind) and place.ops[k] != place.ops[k + 1]
        ]
        if not found:
            return None
        place, k = source.choice(found)
        ops = (*place.ops[:k], place.ops[k + 1], place.ops[k], *place.ops[k + 2 :])
        return replace(sketch, items=put(sketch.items, place.path, ops))

    return fault


def labels_swapped(source: Random, sketch: Sketch) -> Sketch | None:
    """Two bits exchanged in every measurement, not in the conditions."""
    if sketch.bits < 2:
        return None
    b, c = source.sample(range(sketch.bits), 2)
    other = {b: c, c: b}
    items = every(sketch.items, lambda op: replace(op, bits=tuple(other.get(k, k) for k in op.bits)))
    return None if items == sketch.items else replace(sketch, items=items)


def wires_permuted(source: Random, sketch: Sketch) -> Sketch | None:
    """Two wires exchanged at the end."""
    if sketch.n < 2:
        return None
    return replace(sketch, items=(*sketch.items, gate("SwapGate", *source.sample(range(sketch.n), 2))))


def _out_of_branch(_source: Random, _sketch: Sketch, op: Op) -> tuple[Op, ...] | None:
    body = op.bodies[0]
    return (replace(op, bodies=(body[:-1], *op.bodies[1:])), body[-1]) if len(body) > 1 else None


def _once_more(_source: Random, _sketch: Sketch, op: Op) -> tuple[Op, ...]:
    return (replace(op, labels=((*op.labels[0], op.labels[0][-1] + 1),)),)


def _case_exchanged(_source: Random, _sketch: Sketch, op: Op) -> tuple[Op, ...] | None:
    return (replace(op, bodies=(*op.bodies[1:], op.bodies[0])),) if len(op.bodies) > 1 else None


def _bit_overwritten(source: Random, sketch: Sketch) -> Op | None:
    return measure(source.randrange(sketch.n), source.randrange(sketch.bits)) if sketch.bits else None


def _stray_branch(source: Random, sketch: Sketch) -> Op | None:
    if not sketch.bits:
        return None
    return branch(("=bit", source.randrange(sketch.bits), 1), (drawn_gate(source, Scope(sketch, ())),))


def _control(op: Op) -> bool:
    return op.ctrl is not None


FAULTS: dict[str, Fault] = {
    "condition inverted": changed(of_kind("if"), _inverted),
    "wrong value in a condition": changed(is_branch, _other_value),
    "condition on another bit": changed(of_kind("if"), _other_bit),
    "wrong operator in a condition": changed(of_kind("if"), _or_for_and),
    "register value backwards": changed(of_kind("if"), _backwards),
    "then and else swapped": changed(of_kind("if"), _else_swapped),
    "else dropped": changed(
        lambda op: op.kind == "if" and len(op.bodies) == 2, lambda _s, _k, op: (branch(op.test, op.bodies[0]),)
    ),
    "branch dropped": changed(is_branch, lambda _source, _sketch, _op: ()),
    "branch always taken": changed(of_kind("if"), lambda _source, _sketch, op: op.bodies[0]),
    "last of a branch outside": changed(of_kind("if"), _out_of_branch),
    "cases exchanged": changed(of_kind("switch"), _case_exchanged),
    "one turn more": changed(of_kind("for"), _once_more),
    "reset dropped": changed(of_kind("reset"), lambda _source, _sketch, _op: ()),
    "reset on another wire": changed(of_kind("reset"), _another_wire),
    "reset first": inserted(lambda source, sketch: reset(source.randrange(sketch.n)), "start"),
    "reset last": inserted(lambda source, sketch: reset(source.randrange(sketch.n)), "end"),
    "reset anywhere": inserted(lambda source, sketch: reset(source.randrange(sketch.n))),
    "measurement dropped": changed(of_kind("measure"), lambda _source, _sketch, _op: ()),
    "measurement moved": moved("measure"),
    "reset moved": moved("reset"),
    "branch moved": moved("if"),
    "measured into another bit": changed(of_kind("measure"), _another_bit),
    "another wire measured": changed(of_kind("measure"), _another_wire),
    "bit overwritten": inserted(_bit_overwritten),
    "stray branch": inserted(_stray_branch),
    "feed-forward angle off": fed_forward_off,
    "angle off": angle_off,
    "control on another wire": changed(_control, _another_wire),
    "control state": changed(_control, lambda _source, _sketch, op: (replace(op, ctrl=(op.ctrl or 0) ^ 1),)),
    "gate dropped": changed(lambda op: op.is_gate, lambda _source, _sketch, _op: ()),
    "gate added": inserted(lambda source, sketch: drawn_gate(source, Scope(sketch, ()))),
    "labels swapped": labels_swapped,
    "wires exchanged": wires_permuted,
}
