"""Changes that keep what a circuit does, made where a sketch has a place for them.

commuting, loops, boxes, switches: whatever is there. Whole circuits: equal only under one notion or input, or with
a wire that the other has not; these say what to ask. The oracle decides whether any of it is true.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from .conditions import negated, rewritten
from .distances import Asked
from .draw import Scope, angle, drawn_gate, quiet
from .sketch import Op, Ops, Place, Sketch, branch, commute, gate, measure, places, put, reset, with_number

Rewrite = Callable[[Random, Sketch], Sketch | None]
Whole = Callable[[Random, Sketch, Sketch, str], tuple[Sketch, Sketch, Asked] | None]


def somewhere(source: Random, sketch: Sketch, fits: Callable[[Op], bool]) -> tuple[Place, int] | None:
    """A drawn operation that fits, at any depth."""
    found = [(place, k) for place in places(sketch.items) for k, op in enumerate(place.ops) if fits(op)]
    return source.choice(found) if found else None


def instead(sketch: Sketch, place: Place, k: int, new: Ops) -> Sketch:
    """Operations in the place of one."""
    return replace(sketch, items=put(sketch.items, place.path, (*place.ops[:k], *new, *place.ops[k + 1 :])))


def commuted(source: Random, sketch: Sketch) -> Sketch | None:
    """Neighbours that share nothing, exchanged."""
    found = [
        (place, k)
        for place in places(sketch.items)
        for k, (one, other) in enumerate(zip(place.ops, place.ops[1:], strict=False))
        if "block" not in place.kinds and one != other and commute(one, other, sketch)
    ]
    if not found:
        return None
    place, k = source.choice(found)
    ops = (*place.ops[:k], place.ops[k + 1], place.ops[k], *place.ops[k + 2 :])
    return replace(sketch, items=put(sketch.items, place.path, ops))


def unrolled(source: Random, sketch: Sketch) -> Sketch | None:
    """A loop written out."""
    found = somewhere(source, sketch, lambda op: op.kind == "for")
    if found is None:
        return None
    (place, k), op = found, found[0].ops[found[1]]
    turns = (with_number(op.bodies[0], op.name, float(i)) if op.name else op.bodies[0] for i in op.labels[0])
    return instead(sketch, place, k, tuple(each for turn in turns for each in turn))


def opened(source: Random, sketch: Sketch) -> Sketch | None:
    """A box or a composite written out."""
    found = somewhere(source, sketch, lambda op: op.kind in ("box", "block"))
    return None if found is None else instead(sketch, *found, found[0].ops[found[1]].bodies[0])


def test_rewritten(source: Random, sketch: Sketch) -> Sketch | None:
    """A condition that is there, in other words."""
    found = somewhere(source, sketch, lambda op: op.kind == "if")
    if found is None:
        return None
    op = found[0].ops[found[1]]
    test = rewritten(source, op.test, sketch)
    return None if test is None else instead(sketch, *found, (replace(op, test=test),))


def sides_exchanged(source: Random, sketch: Sketch) -> Sketch | None:
    """`if` and `else` exchanged, the condition negated."""
    found = somewhere(source, sketch, lambda op: op.kind == "if")
    if found is None:
        return None
    op = found[0].ops[found[1]]
    then, other = (*op.bodies, ())[:2]
    return instead(sketch, *found, (branch(negated(source, op.test, sketch), other, then),))


def quiet_added(source: Random, sketch: Sketch) -> Sketch | None:
    """A barrier or a delay somewhere."""
    place = source.choice(list(places(sketch.items)))
    at = source.randint(0, len(place.ops))
    ops = (*place.ops[:at], quiet(source, sketch.n), *place.ops[at:])
    return replace(sketch, items=put(sketch.items, place.path, ops))


def gate_and_inverse(source: Random, sketch: Sketch) -> Sketch | None:
    """A gate and its inverse somewhere."""
    place = source.choice(list(places(sketch.items)))
    at, k = source.randint(0, len(place.ops)), source.randrange(sketch.n)
    by = angle(source, Scope(sketch, ()))
    kind = source.choice(["RXGate", "RYGate", "RZGate"])
    both = gate(kind, k, angles=(by,)), gate(kind, k, angles=(by.times(-1.0),))
    ops = (*place.ops[:at], *both, *place.ops[at:])
    return replace(sketch, items=put(sketch.items, place.path, ops))


def branch_in_two(source: Random, sketch: Sketch) -> Sketch | None:
    """A branch with one body as two branches, split after gates."""
    found = somewhere(source, sketch, lambda op: op.kind == "if" and len(op.bodies) == 1 and len(op.bodies[0]) > 1)
    if found is None:
        return None
    op = found[0].ops[found[1]]
    body = op.bodies[0]
    cut = next((k for k, each in enumerate(body) if not each.is_gate), len(body) - 1)
    if not 0 < cut < len(body):
        return None
    return instead(sketch, *found, (branch(op.test, body[:cut]), branch(op.test, body[cut:])))


REWRITES: dict[str, Rewrite] = {
    "neighbours commuted": commuted, "loop unrolled": unrolled, "box or composite opened": opened,
    "condition in place rewritten": test_rewritten, "sides exchanged in place": sides_exchanged,
    "barrier or delay added": quiet_added, "gate and inverse added": gate_and_inverse,
    "branch in two": branch_in_two,
}  # fmt: skip


# ------------------------------------------------------------------------------ whole circuits


def on_a_fresh_wire(source: Random, a: Sketch, b: Sketch, notion: str) -> tuple[Sketch, Sketch, Asked] | None:
    """At the top level, a measurement on a copy, or a reset as a swap: with a wire that only B has."""
    found = [k for k, op in enumerate(b.items) if op.kind in ("measure", "reset")]
    if not found or notion == "outcomes":
        return None
    k, n = source.choice(found), b.n
    old = b.items[k]
    copied: Ops = (gate("SwapGate", old.wires[0], n),)
    if old.kind == "measure":
        copied = (gate("CXGate", old.wires[0], n), measure(n, old.bits[0]))
    wider = replace(b, n=n + 1, items=(*b.items[:k], *copied, *b.items[k + 1 :]))
    given = source.choice(["any", "zero"])
    return a, wider, Asked(notion, given, (n,) if given == "any" else (), (n,))


def diagonal_before_the_end(
    source: Random, a: Sketch, b: Sketch, _notion: str
) -> tuple[Sketch, Sketch, Asked] | None:
    """A diagonal gate on the measured wires alone, before the last measurements: not seen in the outcomes."""
    if not b.bits:
        return None
    last = tuple(measure(k, c) for k, c in zip(range(b.n), range(b.bits), strict=False))
    by = angle(source, Scope(b, ()))
    made = gate("RZGate", source.randrange(len(last)), angles=(by,))
    if len(last) > 1 and source.random() < 0.6:
        made = gate(
            source.choice(["CRZGate", "RZZGate", "CPhaseGate"]), *source.sample(range(len(last)), 2), angles=(by,)
        )
    sides = replace(a, items=(*a.items, *last)), replace(b, items=(*b.items, made, *last))
    return *sides, Asked("outcomes", source.choice(["any", "zero"]))


def after_the_end(source: Random, a: Sketch, b: Sketch, _notion: str) -> tuple[Sketch, Sketch, Asked] | None:
    """Gates and resets after the last measurement: not seen in the outcomes."""
    more = tuple(
        reset(source.randrange(b.n)) if source.random() < 0.4 else drawn_gate(source, Scope(b, ()))
        for _ in range(source.randint(1, 3))
    )
    return a, replace(b, items=(*b.items, *more)), Asked("outcomes", source.choice(["any", "zero"]))


def before_the_start(source: Random, a: Sketch, b: Sketch, notion: str) -> tuple[Sketch, Sketch, Asked] | None:
    """A reset, a phase or a dead branch first: not seen from |0...0>."""
    k = source.randrange(b.n)
    made = [reset(k), gate("ZGate", k), gate("RZGate", k, angles=(angle(source, Scope(b, ())),))]
    if b.bits:
        made.append(branch(("=bit", source.randrange(b.bits), 1), (drawn_gate(source, Scope(b, ())),)))
    return a, replace(b, items=(source.choice(made), *b.items)), Asked(notion, "zero")


WHOLES: dict[str, Whole] = {
    "deferred onto a fresh wire": on_a_fresh_wire, "diagonal before the end": diagonal_before_the_end,
    "after the end": after_the_end, "before the start": before_the_start,
}  # fmt: skip
